import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import type { PersonItem } from "../shared/api-types";
import { EmptyState } from "../shared/EmptyState";
import { ErrorState } from "../shared/ErrorState";
import { formatCount } from "../shared/formats";
import { lookup } from "../shared/i18n/i18n";
import { Identifiers } from "../shared/Marks";
import { Page } from "../shared/Page";
import { useGet, usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { BulkAccept } from "./BulkAccept";
import { Compare } from "./Compare";
import { isGoingOn, RunButton, RunPanel } from "./RunPanel";
import { formatScore, toneOf } from "./score";
import "./suggestions.css";
import { useText } from "./text";
import type { Evidence, Suggestion, SuggestionDesk } from "./types";

const SCORES = [0.99, 0.95, 0.9];

export default function SuggestionsPage() {
  const t = useText();
  const [params, setParams] = useSearchParams();
  const [open, setOpen] = useState<Suggestion | null>(null);
  const [busy, setBusy] = useState(false);
  const desk = useGet<SuggestionDesk>("/suggestions/desk", { everyMs: busy ? 1_000 : 15_000, staleMs: 0 });
  const going = desk.data ? isGoingOn(desk.data) || desk.data.accepting > 0 : false;
  if (going !== busy) setBusy(going);
  const client = useQueryClient();
  useEffect(() => {
    if (!busy) return undefined;
    return () => void client.invalidateQueries({ queryKey: ["suggestions"] });
  }, [busy, client]);
  const least = params.get("min_score");
  const paged = usePaged<Suggestion>("/suggestions", { min_score: least }, 50, busy ? 2_000 : 15_000);
  const columns = useColumns();
  if (desk.error && !desk.data) return <ErrorState error={desk.error} retry={() => void desk.refetch()} />;
  return (
    <Page
      title={t("title")}
      hint={t("hint")}
      back={{ to: "/persons", label: t("back") }}
      actions={
        desk.data && (
          <>
            {desk.data.waiting > 0 && <BulkAccept desk={desk.data} />}
            {desk.data.run && <RunButton desk={desk.data} />}
          </>
        )
      }
    >
      {desk.data && <RunPanel desk={desk.data} />}
      <div className="row start" role="group" aria-label={t("filter.score")} style={{ gap: 12 }}>
        <span className="faint nowrap" style={{ lineHeight: "28px" }}>
          {t("filter.score")}
        </span>
        <div className="chips">
          {[null, ...SCORES.map(String)].map((score) => (
            <button
              key={score ?? ""}
              type="button"
              className="chip"
              aria-pressed={least === score}
              onClick={() => setParams(score ? { min_score: score } : {}, { replace: true })}
            >
              {score ? t("filter.from", { score: `${Math.round(Number(score) * 100)}%` }) : t("filter.all")}
            </button>
          ))}
        </div>
      </div>
      <div className="panel">
        <ResourceTable
          paged={paged}
          columns={columns}
          rowKey={(item) => item.id}
          onRow={setOpen}
          minWidth={960}
          empty={<Empty desk={desk.data} filtered={least !== null} />}
        />
      </div>
      <Compare key={open?.id} suggestion={open} onClose={() => setOpen(null)} />
    </Page>
  );
}

function Empty({ desk, filtered }: { desk: SuggestionDesk | undefined; filtered: boolean }) {
  const t = useText();
  if (filtered) return <EmptyState title={t("empty.filtered")} />;
  if (desk && isGoingOn(desk)) return <EmptyState title={t("empty.going")}>{t("empty.hint")}</EmptyState>;
  if (desk?.run?.state === "done")
    return <EmptyState title={t("empty.done.title")}>{t("empty.done.hint")}</EmptyState>;
  return (
    <EmptyState
      title={t("empty.title")}
      example={t("empty.example")}
      action={desk && !desk.run && <RunButton desk={desk} primary />}
    >
      {t("empty.hint")}
    </EmptyState>
  );
}

function useColumns(): Column<Suggestion>[] {
  const t = useText();
  return [
    {
      key: "score",
      title: t("col.score"),
      lead: true,
      width: 96,
      render: (item) => <span className="num strong">{formatScore(item.score)}</span>,
    },
    { key: "a", title: t("col.a"), width: 210, render: (item) => <Who person={item.a} /> },
    { key: "b", title: t("col.b"), width: 210, render: (item) => <Who person={item.b} /> },
    { key: "agree", title: t("col.agree"), render: (item) => <Fields evidence={item.evidence} tone="good" /> },
    { key: "differ", title: t("col.differ"), width: 170, render: (item) => <Fields evidence={item.evidence} tone="bad" /> },
    {
      key: "group",
      title: t("col.group"),
      width: 80,
      hideOnPhone: true,
      render: (item) => (item.group_size > 2 ? t("group", { n: formatCount(item.group_size) }) : <span className="faint">—</span>),
    },
  ];
}

export function Who({ person }: { person: PersonItem }) {
  const t = useText();
  return (
    <span className="col" style={{ gap: 0 }}>
      <span>{person.name ?? <span className="faint">{t("unnamed")}</span>}</span>
      <Identifiers items={person.identifiers} limit={1} />
    </span>
  );
}

/** The names of the fields that speak for (or against) one person, the weightiest first. */
function Fields({ evidence, tone }: { evidence: Evidence[]; tone: "good" | "bad" }) {
  const t = useText();
  const fields = evidence.filter((one) => toneOf(one) === tone).sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  if (fields.length === 0) return <span className="faint">—</span>;
  return (
    <span className="chips">
      {fields.map((one) => (
        <span key={one.field} className={`tag ${tone}`} title={lookup(t, "level", one.level)}>
          {lookup(t, "field", one.field)}
        </span>
      ))}
    </span>
  );
}
