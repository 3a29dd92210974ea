/** The newest events as they land; a click opens everything in one. */
import { Drawer } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { withParams } from "../shared/api";
import type { DebuggerEvent, Page } from "../shared/api-types";
import { Carried } from "../shared/Carried";
import { EmptyState } from "../shared/EmptyState";
import { Identifiers, JsonView, PersonLink, When } from "../shared/Marks";
import { useGet } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { useText } from "./text";

type Props = { sourceId?: string | undefined; filter?: string; everyMs: number | false; limit?: number };

function matches(event: DebuggerEvent, filter: string): boolean {
  const text = filter.trim().toLowerCase();
  if (!text) return true;
  const identifiers = event.identifiers.map((item) => (typeof item === "string" ? item : item.value)).join(" ");
  return `${event.event} ${identifiers} ${event.source_name} ${event.person ?? ""}`.toLowerCase().includes(text);
}

export function EventStream({ sourceId, filter = "", everyMs, limit = 50 }: Props) {
  const t = useText();
  const [open, setOpen] = useState<DebuggerEvent | null>(null);
  const path = withParams("/debugger", { source_id: sourceId, limit });
  const query = useGet<Page<DebuggerEvent>>(path, { everyMs, keep: true });
  const all = query.data?.items ?? [];
  const items = all.filter((event) => matches(event, filter));
  const columns: Column<DebuggerEvent>[] = [
    { key: "received", title: t("debugger.received"), width: 100, render: (e) => <When at={e.received_at} to="clock" /> },
    {
      key: "event",
      title: t("debugger.event"),
      lead: true,
      width: 210,
      render: (e) => <code className="ellipsis">{e.event}</code>,
    },
    {
      key: "person",
      title: t("debugger.person"),
      width: 150,
      render: (e) =>
        e.person ? <PersonLink id={e.person} name={e.person} /> : <span className="faint">{t("debugger.pending")}</span>,
    },
    { key: "identifiers", title: t("debugger.identifiers"), render: (e) => <Identifiers items={e.identifiers} limit={1} /> },
    {
      key: "source",
      title: t("debugger.source.col"),
      width: 160,
      render: (e) => <span className="ellipsis">{e.source_name}</span>,
    },
    { key: "time", title: t("debugger.time"), end: true, width: 170, render: (e) => <When at={e.time} to="second" /> },
  ];
  return (
    <>
      <ResourceTable
        rows={{ items, isPending: query.isPending, error: query.data ? null : query.error, refetch: () => void query.refetch() }}
        columns={columns}
        rowKey={(event) => event.id}
        onRow={setOpen}
        minWidth={980}
        empty={
          all.length > 0 ? (
            <EmptyState title={t("debugger.nomatch")} />
          ) : (
            <EmptyState title={t("debugger.empty.title")} example={t("debugger.empty.example")}>
              {t("debugger.empty.hint")}
            </EmptyState>
          )
        }
      />
      <EventDrawer event={open} onClose={() => setOpen(null)} />
    </>
  );
}

function EventDrawer({ event, onClose }: { event: DebuggerEvent | null; onClose: () => void }) {
  const t = useText();
  return (
    <Drawer open={event !== null} onClose={onClose} title={event?.event} size={560}>
      {event && (
        <div className="stack">
          <dl className="facts">
            <dt>{t("debugger.time")}</dt>
            <dd>
              <When at={event.time} to="second" />
            </dd>
            <dt>{t("debugger.received")}</dt>
            <dd>
              <When at={event.received_at} to="second" />
            </dd>
            <dt>{t("debugger.source.col")}</dt>
            <dd>
              <Link to={`/sources/${event.source_id}`}>{event.source_name}</Link>
            </dd>
            <dt>{t("debugger.identifiers")}</dt>
            <dd>
              <Identifiers items={event.identifiers} limit={10} />
            </dd>
            {event.person && (
              <>
                <dt>{t("debugger.person")}</dt>
                <dd>
                  <Link to={`/persons/${event.person}`}>{t("debugger.open")}</Link>
                </dd>
              </>
            )}
          </dl>
          <h3>{t("debugger.props")}</h3>
          <JsonView value={event.props} />
          <h3>{t("debugger.context")}</h3>
          <Carried context={event.context} />
        </div>
      )}
    </Drawer>
  );
}
