/** Links that were not made because something stands against them, for somebody to judge. */
import { Drawer } from "antd";
import { useState } from "react";
import { api } from "../shared/api";
import { EmptyState } from "../shared/EmptyState";
import { PersonLink, useIdentifierName, When } from "../shared/Marks";
import { ActButton, useMay } from "../shared/may";
import { Page } from "../shared/Page";
import { useChange, usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { Reason } from "./Decide";
import "./identity.css";
import { NOUNS, useNodeText, useSourceName, useWhy, type Conflict, type Decided, type Node } from "./identity";
import { useText } from "./text";

const STATES = ["open", "accepted", "dismissed", "closed"] as const;
const TAG = { open: "warn", accepted: "good", dismissed: "", closed: "" } as const;

export default function ConflictsPage() {
  const t = useText();
  const may = useMay();
  return (
    <Page title={t("conflicts.title")} hint={t("conflicts.hint")} back={{ to: "/persons", label: t("conflicts.back") }}>
      {may("operator") ? <Queue /> : <p className="note">{t("conflicts.viewer")}</p>}
    </Page>
  );
}

function Queue() {
  const t = useText();
  const why = useWhy();
  const sourceName = useSourceName();
  const [state, setState] = useState<Conflict["state"]>("open");
  const [open, setOpen] = useState<Conflict | null>(null);
  const paged = usePaged<Conflict>("/identity/conflicts", { state });
  const columns: Column<Conflict>[] = [
    { key: "one", title: t("conflicts.one"), lead: true, render: ({ one }) => <End node={one} /> },
    { key: "two", title: t("conflicts.two"), render: ({ two }) => <End node={two} /> },
    {
      key: "why",
      title: t("conflicts.why"),
      render: ({ reason, kind }) => (
        <span className="why" style={{ whiteSpace: "normal" }}>
          {why(reason, kind)}
        </span>
      ),
    },
    {
      key: "source",
      title: t("table.source"),
      width: 150,
      render: ({ source_id }) => <span className="ellipsis">{sourceName(source_id)}</span>,
    },
    { key: "at", title: t("table.at"), end: true, width: 150, render: ({ at }) => <When at={at} /> },
  ];
  return (
    <>
      <div className="chips" role="group" aria-label={t("table.state")}>
        {STATES.map((code) => (
          <button key={code} type="button" className="chip" aria-pressed={state === code} onClick={() => setState(code)}>
            {t(`conflict.${code}`)}
          </button>
        ))}
      </div>
      <div className="panel">
        <ResourceTable
          paged={paged}
          columns={columns}
          rowKey={({ id }) => String(id)}
          onRow={setOpen}
          minWidth={900}
          empty={
            state === "open" ? (
              <EmptyState title={t("conflicts.empty")} example={t("conflicts.empty.example")}>
                {t("conflicts.empty.hint")}
              </EmptyState>
            ) : (
              <EmptyState title={t("conflicts.none")} />
            )
          }
        />
      </div>
      <Drawer open={open !== null} onClose={() => setOpen(null)} title={t("conflicts.judge")} size={600}>
        {open && <Judge key={open.id} conflict={open} onDone={() => setOpen(null)} />}
      </Drawer>
    </>
  );
}

function End({ node }: { node: Node }) {
  const kindName = useIdentifierName();
  return (
    <span className="col" style={{ gap: 0 }}>
      <span className="faint small">{kindName(node.type)}</span>
      <span className="ellipsis num" title={node.value}>
        {node.value}
      </span>
    </span>
  );
}

function Judge({ conflict, onDone }: { conflict: Conflict; onDone: () => void }) {
  const t = useText();
  const why = useWhy();
  const nodeText = useNodeText();
  const sourceName = useSourceName();
  const [reason, setReason] = useState("");
  const judge = useChange(
    (verdict: "accepted" | "dismissed") =>
      api.post<Decided>(`/identity/conflicts/${conflict.id}/resolve`, { verdict, reason: reason.trim() }),
    { nouns: NOUNS, done: t("decide.done"), onDone },
  );
  const { one, two } = conflict;
  return (
    <div className="stack">
      <p className="note warn">
        {t("conflicts.story", { source: sourceName(conflict.source_id), one: nodeText(one), two: nodeText(two) })}
        <span className="why">{why(conflict.reason, conflict.kind)}</span>
      </p>
      <div className="beside">
        <Evidence node={one} />
        <Evidence node={two} />
      </div>
      {conflict.state === "open" ? (
        <>
          <Reason value={reason} onChange={setReason} />
          <Choice title={t("conflicts.accept")} says={t("conflicts.accept.says")} busy={judge.isPending} act={() => judge.mutate("accepted")} />
          <Choice title={t("conflicts.apart")} says={t("conflicts.apart.says")} busy={judge.isPending} act={() => judge.mutate("dismissed")} />
          <p className="faint small">{t("conflicts.leave")}</p>
        </>
      ) : (
        <div>
          <span className={`tag ${TAG[conflict.state]}`}>{t(`conflict.${conflict.state}`)}</span>
        </div>
      )}
    </div>
  );
}

function Choice({ title, says, busy, act }: { title: string; says: string; busy: boolean; act: () => void }) {
  return (
    <div className="row wrap between">
      <span className="dim grow" style={{ flexBasis: 260 }}>
        {says}
      </span>
      <ActButton loading={busy} onClick={act}>
        {title}
      </ActButton>
    </div>
  );
}

function Evidence({ node }: { node: Node }) {
  const t = useText();
  const nodeText = useNodeText();
  return (
    <div>
      <div className="strong num">{nodeText(node)}</div>
      <dl className="facts">
        <dt>{t("evidence.person")}</dt>
        <dd>{node.person ? <PersonLink id={`${node.person}?tab=identity`} name={node.person} /> : t("evidence.nobody")}</dd>
        <dt>{t("evidence.first")}</dt>
        <dd>
          <When at={node.first_seen_at} />
        </dd>
        <dt>{t("evidence.last")}</dt>
        <dd>
          <When at={node.last_seen_at} to="day" />
        </dd>
      </dl>
    </div>
  );
}
