/** Small marks used everywhere: stage, channel, time, money, person, copy button, code. */
import { CheckOutlined, CopyOutlined, InfoCircleOutlined } from "@ant-design/icons";
import { Button, Tooltip } from "antd";
import { useCallback, useState, type ReactNode } from "react";
import { Link } from "react-router";
import type { MaskedIdentifier } from "./api-types";
import { REACHING, useStageName } from "./catalog";
import { formatPercent, useTime } from "./formats";
import { useCommon } from "./i18n/common";
import { lookup } from "./i18n/i18n";

export function StageTag({ stage }: { stage: string }) {
  const name = useStageName();
  return (
    <span className="tag">
      <span className="dot" style={{ background: `var(--stage-${stage})` }} />
      {name(stage)}
    </span>
  );
}

export function useChannelName(): (channel: string) => string {
  const t = useCommon();
  return useCallback((channel) => (channel ? lookup(t, "channel", channel) : ""), [t]);
}

export function ChannelTags({ channels: all }: { channels: string[] }) {
  const name = useChannelName();
  const channels = all.filter((channel) => REACHING.includes(channel));
  if (channels.length === 0) return <span className="faint">—</span>;
  const shown = channels.slice(0, 3);
  const rest = channels.slice(3);
  return (
    <span className="chips">
      {shown.map((channel) => (
        <span key={channel} className="tag">
          {name(channel)}
        </span>
      ))}
      {rest.length > 0 && (
        <Tooltip title={rest.map(name).join(" · ")}>
          <span className="tag" tabIndex={0}>
            +{rest.length}
          </span>
        </Tooltip>
      )}
    </span>
  );
}

/** `openid.wxAPP` and `custom.NAME` carry a qualifier after the dot. */
export function useIdentifierName(): (type: string) => string {
  const t = useCommon();
  return (type) => {
    const [kind = type, ...rest] = type.split(".");
    return rest.length ? `${lookup(t, "identifier", kind)} ${rest.join(".")}` : lookup(t, "identifier", kind);
  };
}

/** An identifier's value; one that had to be forgotten (its owner unfollowed) says so instead. */
export function useIdentifierValue(): (value: string) => string {
  const t = useCommon();
  return (value) => (value.startsWith("~") ? t("identifier.forgotten") : value);
}

export function Identifiers({ items, limit = 2 }: { items: (MaskedIdentifier | string)[]; limit?: number }) {
  const name = useIdentifierName();
  const shown = useIdentifierValue();
  const pairs = items.map((item) => (typeof item === "string" ? splitKey(item) : item));
  if (pairs.length === 0) return <span className="faint">—</span>;
  return (
    <span className="col" style={{ gap: 0 }}>
      {pairs.slice(0, limit).map((item, index) => (
        <span key={item.type + item.value} className="row" style={{ gap: 6 }}>
          <span className="faint small nowrap">{name(item.type)}</span>
          <span className="ellipsis num" title={shown(item.value)}>
            {shown(item.value)}
          </span>
          {index === limit - 1 && pairs.length > limit && (
            <span className="faint small nowrap">+{pairs.length - limit}</span>
          )}
        </span>
      ))}
    </span>
  );
}

function splitKey(key: string): MaskedIdentifier {
  const at = key.indexOf(":");
  return { type: key.slice(0, at), value: key.slice(at + 1) };
}

export function When({ at, to = "minute" }: { at: string | null | undefined; to?: "day" | "minute" | "second" | "clock" }) {
  const time = useTime();
  if (!at) return <span className="faint">—</span>;
  return (
    <Tooltip title={time.relative(at)} mouseEnterDelay={0.3}>
      <time dateTime={at} className="num nowrap">
        {time[to](at)}
      </time>
    </Tooltip>
  );
}

export function PersonLink({ id, name }: { id: string; name: string | null | undefined }) {
  const t = useCommon();
  return (
    <Link to={`/persons/${id}`} className="ellipsis" title={name ?? id} onClick={(event) => event.stopPropagation()}>
      {name || t("value.unnamed")}
    </Link>
  );
}

/** Change against the previous period. Red is up, green is down, as this market reads it. */
export function Delta({ now, before }: { now: number; before: number | null | undefined }) {
  const t = useCommon();
  if (before === null || before === undefined) return null;
  const change = before === 0 ? null : (now - before) / before;
  const body =
    change === null ? (
      <span>{t("delta.new")}</span>
    ) : change === 0 ? (
      <span>{t("delta.flat")}</span>
    ) : (
      <span className={`num strong ${change > 0 ? "up" : "down"}`}>
        {change > 0 ? "▲" : "▼"} {formatPercent(Math.abs(change))}
      </span>
    );
  return (
    <span className="row" style={{ gap: 6, flexWrap: "wrap" }}>
      <span>{t("delta.previous")}</span>
      {body}
    </span>
  );
}

export function Info({ text }: { text: ReactNode }) {
  const t = useCommon();
  return (
    <Tooltip title={text}>
      <button
        type="button"
        className="plain-button info"
        aria-label={t("stat.formula")}
        onClick={(event) => event.preventDefault()}
      >
        <InfoCircleOutlined />
      </button>
    </Tooltip>
  );
}

async function copyText(text: string): Promise<void> {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  // A LAN address over http has no clipboard API.
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

export function CopyButton({ text, label, size = "small" }: { text: string; label?: string; size?: "small" | "middle" }) {
  const t = useCommon();
  const [copied, setCopied] = useState(false);
  const copy = () =>
    void copyText(text).then(() => {
      setCopied(true);
      window.setTimeout(() => setCopied(false), 1600);
    });
  return (
    <Button
      size={size}
      type={label ? "default" : "text"}
      icon={copied ? <CheckOutlined /> : <CopyOutlined />}
      onClick={copy}
      aria-label={label ? undefined : t(copied ? "action.copied" : "action.copy")}
    >
      {label ? (copied ? t("action.copied") : label) : undefined}
    </Button>
  );
}

export function Code({ text, wrap }: { text: string; wrap?: boolean }) {
  return (
    <div className="code">
      <pre className={wrap ? "wrap" : ""} tabIndex={0}>
        {text}
      </pre>
      <span className="copy">
        <CopyButton text={text} />
      </span>
    </div>
  );
}

/** Any value as readable JSON; text that already is JSON is laid out. */
export function JsonView({ value }: { value: unknown }) {
  return <Code text={prettyJson(value)} wrap />;
}

export function prettyJson(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value ?? null, null, 2);
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    return value;
  }
}
