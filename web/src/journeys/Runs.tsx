import { Drawer } from "antd";
import { useState } from "react";
import { api } from "../shared/api";
import type { Journey, NodeKind, Run, RunDetail, RunState } from "../shared/api-types";
import { EmptyState } from "../shared/EmptyState";
import { ErrorState } from "../shared/ErrorState";
import { useCommon } from "../shared/i18n/common";
import { lookup, useBilingual } from "../shared/i18n/i18n";
import { PersonLink, When } from "../shared/Marks";
import { Bones } from "../shared/Page";
import { ActButton } from "../shared/may";
import { useChange, useGet, usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { TraceSteps } from "../shared/Trace";
import { RunMark } from "./JourneyState";
import { useText } from "./text";

const STATES: RunState[] = ["waiting", "done", "exited", "holdout", "parked"];

/** How a run ended: its own word, or why the message was held back. */
function useOutcome(): (outcome: string) => string {
  const t = useText();
  const common = useCommon();
  return (outcome) => {
    const own = lookup(t, "outcome", outcome);
    return own === outcome.replaceAll("_", " ") ? lookup(common, "reason", outcome) : own;
  };
}

export function Runs({ journey, kinds }: { journey: Journey; kinds: NodeKind[] }) {
  const t = useText();
  const say = useBilingual();
  const outcomeName = useOutcome();
  const [state, setState] = useState<RunState | null>(null);
  const [open, setOpen] = useState<Run | null>(null);
  const paged = usePaged<Run>(`/journeys/${journey.id}/runs`, { state }, 50, 5000);
  const stepName = (nodeId: string | null) => {
    const node = journey.graph.nodes.find(({ id }) => id === nodeId);
    return say(kinds.find(({ kind }) => kind === node?.kind)?.label) || nodeId || "—";
  };
  const columns: Column<Run>[] = [
    {
      key: "person",
      title: t("runs.person"),
      lead: true,
      render: (run) => <PersonLink id={run.person} name={run.name} />,
    },
    { key: "state", title: t("runs.state"), width: 100, render: (run) => <RunMark state={run.state} /> },
    {
      key: "outcome",
      title: t("runs.outcome"),
      width: 132,
      render: (run) => (run.outcome ? outcomeName(run.outcome) : <span className="faint">—</span>),
    },
    { key: "node", title: t("runs.node"), width: 130, render: (run) => stepName(run.node) },
    { key: "entered", title: t("runs.entered"), end: true, width: 144, render: (run) => <When at={run.entered_at} /> },
    { key: "due", title: t("runs.due"), end: true, width: 144, render: (run) => <When at={run.due_at} /> },
    { key: "ended", title: t("runs.ended"), end: true, width: 144, render: (run) => <When at={run.ended_at} /> },
  ];
  return (
    <div className="stack">
      <div className="chips" role="group" aria-label={t("runs.state")}>
        <button type="button" className="chip" aria-pressed={state === null} onClick={() => setState(null)}>
          {t("runs.all")}
        </button>
        {STATES.map((value) => (
          <button
            key={value}
            type="button"
            className="chip"
            aria-pressed={state === value}
            onClick={() => setState(state === value ? null : value)}
          >
            {t(`run.${value}`)}
          </button>
        ))}
      </div>
      <div className="panel">
        <ResourceTable
          paged={paged}
          columns={columns}
          rowKey={(run) => run.run_id}
          onRow={setOpen}
          minWidth={940}
          empty={<EmptyState title={t("runs.empty")}>{t("runs.empty.hint")}</EmptyState>}
        />
      </div>
      <Drawer open={open !== null} onClose={() => setOpen(null)} title={t("runs.trace")} size={520}>
        {open && <RunTrace journeyId={journey.id} run={open} />}
      </Drawer>
    </div>
  );
}

function RunTrace({ journeyId, run }: { journeyId: string; run: Run }) {
  const t = useText();
  const outcomeName = useOutcome();
  const path = `/journeys/${journeyId}/runs/${run.run_id}`;
  const { data, error, refetch } = useGet<RunDetail>(path);
  const resume = useChange(() => api.post<RunDetail>(`${path}/resume`), { nouns: ["journeys"], done: t("resume.done") });
  return (
    <div className="stack">
      <div className="row between">
        <PersonLink id={run.person} name={run.name} />
        <RunMark state={data?.state ?? run.state} />
      </div>
      <dl className="facts">
        <dt>{t("runs.entered")}</dt>
        <dd>
          <When at={run.entered_at} to="second" />
        </dd>
        {run.ended_at && (
          <>
            <dt>{t("runs.ended")}</dt>
            <dd>
              <When at={run.ended_at} to="second" />
            </dd>
          </>
        )}
        {run.outcome && (
          <>
            <dt>{t("runs.outcome")}</dt>
            <dd className="strong">{outcomeName(run.outcome)}</dd>
          </>
        )}
      </dl>
      {data?.state === "parked" && (
        <div className="note warn row between">
          <span>{t("runs.parked")}</span>
          <ActButton loading={resume.isPending} onClick={() => resume.mutate(undefined)}>
            {t("runs.resume")}
          </ActButton>
        </div>
      )}
      {error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : data ? (
        <TraceSteps steps={data.steps} />
      ) : (
        <Bones lines={5} />
      )}
    </div>
  );
}
