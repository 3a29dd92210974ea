import type { AuditEntry } from "../shared/api-types";
import { EmptyState } from "../shared/EmptyState";
import { DASH, plainValue } from "../shared/formats";
import { lookup } from "../shared/i18n/i18n";
import { When } from "../shared/Marks";
import { usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { useText } from "./text";

function detailText(detail: unknown): string {
  if (typeof detail !== "object" || detail === null) return plainValue(detail);
  return Object.entries(detail)
    .map(([key, value]) => `${key}: ${plainValue(value)}`)
    .join(" · ") || DASH;
}

export default function Audit() {
  const t = useText();
  const actionName = (action: string) => lookup(t, "audit", action);
  const paged = usePaged<AuditEntry>("/audit", {});
  const columns: Column<AuditEntry>[] = [
    { key: "at", title: t("audit.at"), width: 180, render: (entry) => <When at={entry.at} to="second" /> },
    {
      key: "actor",
      title: t("audit.actor"),
      width: 160,
      render: (entry) => <span className="ellipsis">{entry.actor}</span>,
    },
    { key: "action", title: t("audit.action"), lead: true, width: 200, render: (entry) => <span title={entry.action}>{actionName(entry.action)}</span> },
    {
      key: "object",
      title: t("audit.object"),
      width: 220,
      render: (entry) => <code className="ellipsis dim">{entry.object}</code>,
    },
    {
      key: "detail",
      title: t("audit.detail"),
      render: (entry) => (
        <span className="ellipsis dim" title={detailText(entry.detail)}>
          {detailText(entry.detail)}
        </span>
      ),
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
