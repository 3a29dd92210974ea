import { Drawer } from "antd";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import type { ChannelSettings, Message, MessageState as State, Page as PageOf } from "../shared/api-types";
import { EmptyState } from "../shared/EmptyState";
import { useCommon } from "../shared/i18n/common";
import { lookup, useBilingual } from "../shared/i18n/i18n";
import { LinkButton } from "../shared/LinkButton";
import { PersonLink, useChannelName, When } from "../shared/Marks";
import { MessageState } from "../shared/MessageState";
import { Page, Panel } from "../shared/Page";
import { useGet, usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { Resolve } from "./Resolve";
import { useText } from "./text";

const STATES: State[] = ["sent", "refused", "queued", "waiting", "sending", "failed", "in_doubt", "recorded"];
const FILTERS = ["state", "channel", "reason"] as const;

export default function MessagesPage() {
  const t = useText();
  const common = useCommon();
  const channelName = useChannelName();
  const [params, setParams] = useSearchParams();
  const [open, setOpen] = useState<Message | null>(null);
  const filters = Object.fromEntries(FILTERS.map((name) => [name, params.get(name)]));
  const paged = usePaged<Message>("/messages", filters, 50, 10_000);
  const channels = useGet<PageOf<ChannelSettings>>("/channels").data?.items ?? [];
  const filtered = FILTERS.some((name) => params.get(name));
  const set = (name: string, value: string | null) => {
    const next = new URLSearchParams(params);
    if (value) next.set(name, value);
    else next.delete(name);
    setParams(next, { replace: true });
  };
  return (
    <Page title={t("title")} hint={t("hint")}>
      <div className="col" style={{ gap: 10 }}>
        <Chips label={t("filter.state")} codes={STATES} value={params.get("state")} onPick={(v) => set("state", v)} name={(code) => lookup(common, "messageState", code)} />
        <Chips label={t("filter.channel")} codes={channelCodes(channels, params.get("channel"))} value={params.get("channel")} onPick={(v) => set("channel", v)} name={channelName} />
      </div>
      <Reasons items={paged.items} value={params.get("reason")} onPick={(reason) => set("reason", reason)} />
      <div className="panel">
        <ResourceTable
          paged={paged}
          columns={useColumns()}
          rowKey={(message) => message.id}
          onRow={setOpen}
          minWidth={980}
          empty={
            filtered ? (
              <EmptyState title={t("empty.filtered")} />
            ) : (
              <EmptyState
                title={t("empty.title")}
                example={t("empty.example")}
                action={
                  <LinkButton type="primary" to="/journeys">
                    {t("empty.action")}
                  </LinkButton>
                }
              >
                {t("empty.hint")}
              </EmptyState>
            )
          }
        />
      </div>
      <MessageDrawer message={open} onClose={() => setOpen(null)} />
    </Page>
  );
}

/** A message is a journey's, or a campaign's. */
function sender({ journey_id: id }: Message): string {
  return id.startsWith("cmp_") ? `/campaigns/${id}` : `/journeys/${id}`;
}

/** The channels that are on, and the one looked at; all where none is. */
function channelCodes(channels: ChannelSettings[], picked: string | null): string[] {
  const on = channels.filter(({ enabled, channel }) => enabled || channel === picked);
  return (on.length > 0 ? on : channels).map(({ channel }) => channel);
}

function useColumns(): Column<Message>[] {
  const t = useText();
  const say = useBilingual();
  const channelName = useChannelName();
  return [
    { key: "at", title: t("col.at"), width: 146, render: (message) => <When at={message.at} /> },
    {
      key: "person",
      title: t("col.person"),
      lead: true,
      width: 110,
      render: (message) => <PersonLink id={message.person} name={message.name} />,
    },
    {
      key: "subject",
      title: t("col.subject"),
      render: (message) => (
        <span className="ellipsis" title={message.subject}>
          {message.subject || "—"}
        </span>
      ),
    },
    {
      key: "journey",
      title: t("col.journey"),
      width: 150,
      render: (message) => (
        <Link
          to={sender(message)}
          className="ellipsis"
          title={message.journey}
          onClick={(event) => event.stopPropagation()}
        >
          {message.journey}
        </Link>
      ),
    },
    { key: "channel", title: t("col.channel"), width: 140, render: (message) => channelName(message.channel) },
    { key: "state", title: t("col.state"), width: 96, render: (message) => <MessageState state={message.state} /> },
    {
      key: "reason",
      title: t("col.reason"),
      width: 180,
      render: (message) => (
        <span className="ellipsis dim" title={say(message.reason_text)}>
          {say(message.reason_text) || "—"}
        </span>
      ),
    },
  ];
}

type ChipsProps = {
  label: string;
  codes: string[];
  value: string | null;
  onPick: (code: string | null) => void;
  name: (code: string) => string;
};

function Chips({ label, codes, value, onPick, name }: ChipsProps) {
  const t = useText();
  return (
    <div className="row start" role="group" aria-label={label} style={{ gap: 12 }}>
      <span className="faint nowrap" style={{ lineHeight: "28px", minWidth: 56 }}>
        {label}
      </span>
      <div className="chips">
        <button type="button" className="chip" aria-pressed={value === null} onClick={() => onPick(null)}>
          {t("filter.all")}
        </button>
        {codes.map((code) => (
          <button
            key={code}
            type="button"
            className="chip"
            aria-pressed={value === code}
            onClick={() => onPick(value === code ? null : code)}
          >
            {name(code)}
          </button>
        ))}
      </div>
    </div>
  );
}

type ReasonsProps = { items: Message[]; value: string | null; onPick: (reason: string | null) => void };

/** The reasons on this page as chips that narrow the list. */
function Reasons({ items, value, onPick }: ReasonsProps) {
  const t = useText();
  const common = useCommon();
  const counts = new Map<string, number>();
  for (const { reason } of items) if (reason) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  if (value && !counts.has(value)) counts.set(value, 0);
  if (counts.size === 0) return null;
  const sorted = [...counts].sort(([, one], [, other]) => other - one);
  return (
    <Panel title={t("reasons.title")}>
      <div className="chips">
        {sorted.map(([reason, count]) => (
          <button
            key={reason}
            type="button"
            className="chip"
            aria-pressed={value === reason}
            onClick={() => onPick(value === reason ? null : reason)}
          >
            {lookup(common, "reason", reason)} <span className="num">{count || ""}</span>
          </button>
        ))}
      </div>
    </Panel>
  );
}

function MessageDrawer({ message, onClose }: { message: Message | null; onClose: () => void }) {
  const t = useText();
  const say = useBilingual();
  const common = useCommon();
  const channelName = useChannelName();
  return (
    <Drawer open={message !== null} onClose={onClose} title={t("detail.title")} size={520}>
      {message && (
        <div className="stack">
          <div className="row wrap">
            <MessageState state={message.state} />
            <When at={message.at} to="second" />
          </div>
          {message.reason_text && (
            <p className={message.state === "sent" ? "note" : "note warn"}>{say(message.reason_text)}</p>
          )}
          <dl className="facts">
            <dt>{t("col.subject")}</dt>
            <dd>{message.subject || "—"}</dd>
            <dt>{t("col.person")}</dt>
            <dd>
              <PersonLink id={message.person} name={message.name} />
            </dd>
            <dt>{t("col.channel")}</dt>
            <dd>{channelName(message.channel)}</dd>
            <dt>{t("detail.address")}</dt>
            <dd className="num">{message.address || "—"}</dd>
            <dt>{t("col.journey")}</dt>
            <dd>
              <Link to={sender(message)}>{message.journey}</Link>
            </dd>
            <dt>{t("detail.campaign")}</dt>
            <dd>{message.campaign}</dd>
            {message.receipt && (
              <>
                <dt>{t("detail.receipt")}</dt>
                <dd>{lookup(common, "receipt", message.receipt)}</dd>
              </>
            )}
            <dt>{t("col.attempts")}</dt>
            <dd className="num">{message.attempts}</dd>
          </dl>
          {message.state === "in_doubt" && <Resolve message={message} onDone={onClose} />}
        </div>
      )}
    </Drawer>
  );
}
