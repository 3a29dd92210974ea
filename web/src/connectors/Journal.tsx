import { App } from "antd";
import { Link } from "react-router";
import { api } from "../shared/api";
import { EmptyState } from "../shared/EmptyState";
import { lookup } from "../shared/i18n/i18n";
import { When } from "../shared/Marks";
import { ActButton, useMay } from "../shared/may";
import { Panel } from "../shared/Page";
import { useChange, useGet } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { useText } from "./text";
import type { Activity, FailedTask, Heard, Install } from "./types";

const TAG: Record<string, string> = { taken: "good", aside: "warn", refused: "bad" };

/** The newest callbacks, what failed, and a button to try it again. */
export function Journal({ install }: { install: Install }) {
  const t = useText();
  const may = useMay();
  const { message } = App.useApp();
  const query = useGet<Activity>(`/connectors/${install.id}/activity`, { everyMs: 4_000, enabled: may("operator") });
  const replay = useChange(
    () => api.post<{ callbacks: number; still: number; tasks: number }>(`/connectors/${install.id}/replay`),
    { nouns: ["connectors", "quarantine"], onDone: (done) => message.info(t("replay.done", done), 6) },
  );
  if (!may("operator")) return null;
  const rows = { isPending: query.isPending, error: query.error, refetch: () => void query.refetch() };
  const columns: Column<Heard>[] = [
    { key: "at", title: t("call.at"), width: 170, lead: true, render: (one) => <When at={one.at} to="second" /> },
    {
      key: "verdict",
      title: t("call.verdict"),
      width: 110,
      render: (one) => <span className={`tag ${TAG[one.verdict] ?? ""}`}>{lookup(t, "outcome", one.verdict)}</span>,
    },
    { key: "items", title: t("call.items"), end: true, width: 90, render: (one) => one.items },
    { key: "ms", title: t("call.ms"), end: true, width: 90, render: (one) => <span className="num">{one.ms}</span> },
    { key: "detail", title: t("call.detail"), render: (one) => <span title={one.detail}>{one.detail}</span> },
  ];
  const failing: Column<FailedTask>[] = [
    { key: "task", title: t("task"), width: 120, lead: true, render: (one) => <code>{one.task}</code> },
    { key: "at", title: t("call.at"), width: 170, render: (one) => <When at={one.at} /> },
    { key: "tries", title: t("task.attempts"), end: true, width: 80, render: (one) => one.attempts },
    { key: "error", title: t("task.error"), render: (one) => <span title={one.error}>{one.error}</span> },
  ];
  const failed = query.data?.failed ?? [];
  return (
    <Panel
      title={t("journal")}
      flush
      extra={
        <span className="row wrap">
          {install.aside > 0 && <Link to={`/quarantine?source=${install.source_id}`}>{t("aside", { n: install.aside })}</Link>}
          {install.aside + install.tasks_failed > 0 && (
            <ActButton size="small" loading={replay.isPending} onClick={() => replay.mutate(undefined)}>
              {t("replay")}
            </ActButton>
          )}
        </span>
      }
    >
      {failed.length > 0 && (
        <ResourceTable columns={failing} rows={{ ...rows, items: failed }} rowKey={(one) => one.id} minWidth={620} empty={null} />
      )}
      <ResourceTable
        columns={columns}
        rows={{ ...rows, items: query.data?.calls ?? [] }}
        rowKey={(one) => `${one.at} ${one.ms} ${one.detail}`}
        minWidth={720}
        empty={<EmptyState title={t("calls.none")}>{t("calls.none.hint")}</EmptyState>}
      />
    </Panel>
  );
}
