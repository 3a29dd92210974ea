import { Link } from "react-router";
import type { AuditEntry } from "../shared/api-types";
import { useEventName, useTraitName } from "../shared/catalog";
import { EmptyState } from "../shared/EmptyState";
import { DASH, useTime } from "../shared/formats";
import { hasHome, homeOf, kindOf, useThingNames } from "../shared/homes";
import { useCommon } from "../shared/i18n/common";
import { useFieldText } from "../shared/i18n/fields";
import { lookup, useLanguage } from "../shared/i18n/i18n";
import { useChannelName, When } from "../shared/Marks";
import { usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { useText } from "./text";

const MOST = 6;
const TIME = /^\d{4}-\d{2}-\d{2}T/;

/** Every text in an entry, however deep. */
function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function isEmpty(value: unknown): boolean {
  return value === null || value === "" || (typeof value === "object" && Object.keys(value).length === 0);
}

/** What an entry says, with names in the place of ids and codes. */
function useTelling(entries: AuditEntry[]) {
  const t = useText();
  const common = useCommon();
  const choices = useFieldText();
  const { language } = useLanguage();
  const time = useTime();
  const channel = useChannelName();
  const event = useEventName();
  const trait = useTraitName();
  const nameOf = useThingNames(entries.flatMap(({ object, detail }) => [object, ...textsIn(detail)]));
  const thing = (id: string, called = ""): string =>
    nameOf(id) || called || (kindOf(id) ? `${lookup(t, "thing", kindOf(id))} ${id.slice(-4)}` : id);
  /** What a code is called; anything else as it stands. */
  const coded = (value: string): string => {
    const own = t(`audit.value.${value}` as "audit.value.live");
    if (!own.startsWith("audit.value.")) return own;
    const choice = choices(`choice.${value}` as "choice.every");
    return choice.startsWith("choice.") ? value : choice;
  };
  const text = (key: string, value: string): string => {
    if (kindOf(value)) return thing(value);
    if (TIME.test(value)) return time.minute(value);
    if (key === "channel") return channel(value);
    if (key === "sha256") return `${value.slice(0, 12)}…`;
    return key === "name" || key === "value" ? value : coded(value);
  };
  const said = (key: string, value: unknown): string => {
    if (typeof value === "boolean") return common(value ? "value.yes" : "value.no");
    if (typeof value === "string") return text(key, value);
    if (typeof value !== "object" || value === null) return String(value);
    if (key === "rule") return t("audit.changed");
    if (!Array.isArray(value)) return pairs(value);
    const shown = value
      .slice(0, MOST)
      .map((part) => said(key, part))
      .join(language === "en" ? ", " : "、");
    return value.length > MOST ? t("audit.more", { shown, n: value.length }) : shown;
  };
  const pairs = (detail: object): string =>
    Object.entries(detail)
      .filter(([, value]) => !isEmpty(value))
      .map(([key, value]) => `${lookup(t, "audit.key", key)} ${said(key, value)}`)
      .join(" · ");
  const object = ({ action, object: id, detail }: AuditEntry): string => {
    const known = id.split(/[:/]/, 2) as [string, string?];
    if (action === "policy.change") return `${known[0] === "*" ? t("policies.every") : channel(known[0])} · ${lookup(t, "policy", known[1] ?? "")}`;
    if (known[1] && known[0] === "event") return event(known[1]);
    if (known[1] && known[0] === "trait") return trait(known[1]);
    if (action === "trait.classify") return trait(id);
    if (action.startsWith("channel.") || action.startsWith("suppression.")) return channel(id);
    const numbered = /^(decision|version) (\d+)$/.exec(id);
    if (numbered) return `${lookup(t, "thing", numbered[1]!)} ${numbered[2]}`;
    if (kindOf(id)) return thing(id, typeof detail.name === "string" ? detail.name : "");
    return id ? lookup(t, "thing", id) : DASH;
  };
  return { object, pairs };
}

export default function Audit() {
  const t = useText();
  const paged = usePaged<AuditEntry>("/audit", {});
  const { object, pairs } = useTelling(paged.items);
  const columns: Column<AuditEntry>[] = [
    { key: "at", title: t("audit.at"), width: 180, render: (entry) => <When at={entry.at} to="second" /> },
    {
      key: "actor",
      title: t("audit.actor"),
      width: 150,
      render: (entry) => <span className="ellipsis">{entry.actor}</span>,
    },
    {
      key: "action",
      title: t("audit.action"),
      lead: true,
      width: 180,
      render: (entry) => <span title={entry.action}>{lookup(t, "audit", entry.action)}</span>,
    },
    { key: "object", title: t("audit.object"), width: 220, render: (entry) => <Thing id={entry.object} name={object(entry)} /> },
    {
      key: "detail",
      title: t("audit.detail"),
      render: (entry) => {
        const told = pairs(entry.detail) || DASH;
        return (
          <span className="ellipsis dim" title={told}>
            {told}
          </span>
        );
      },
    },
  ];
  return (
    <div className="stack">
      <p className="dim">{t("audit.hint")}</p>
      <div className="panel">
        <ResourceTable
          paged={paged}
          columns={columns}
          rowKey={(entry) => String(entry.id)}
          minWidth={960}
          empty={<EmptyState title={t("audit.empty")} />}
        />
      </div>
    </div>
  );
}

/** The name of what was acted on, leading to its page where it has one; the id on hover. */
function Thing({ id, name }: { id: string; name: string }) {
  const to = kindOf(id) === "per" ? `/persons/${id}` : hasHome(id) ? homeOf(id) : "";
  if (!to) return <span className="ellipsis" title={id}>{name}</span>;
  return (
    <Link to={to} className="ellipsis" title={id}>
      {name}
    </Link>
  );
}
