/** The draft tried out over past days: paths counted on the canvas, what the gate would say, and when it would be busy. */
import { Progress, Segmented } from "antd";
import { useState } from "react";
import { api } from "../shared/api";
import type { Backtest, BacktestResult, Graph, Journey, NodeFlow } from "../shared/api-types";
import { TrendPanel } from "../shared/charts/TrendPanel";
import { EmptyState } from "../shared/EmptyState";
import { ErrorState } from "../shared/ErrorState";
import { formatCount, formatPercent, useTime } from "../shared/formats";
import { useCommon } from "../shared/i18n/common";
import { lookup } from "../shared/i18n/i18n";
import { ActButton } from "../shared/may";
import { useChannelName } from "../shared/Marks";
import { Bones, Panel } from "../shared/Page";
import { useChange, useGet } from "../shared/query";
import type { Board } from "./board";
import { type Kinds } from "./graph";
import { NOTHING_CHOSEN, Stage } from "./Stage";
import { useText } from "./text";

const DAYS = [7, 30, 90];
const NO_PROBLEMS = new Map();

type Props = { journey: Journey; kinds: Kinds; save: () => Promise<boolean> };

export function Backtests({ journey, kinds, save }: Props) {
  const t = useText();
  const time = useTime();
  const [days, setDays] = useState(30);
  const path = `/journeys/${journey.id}`;
  const [busy, setBusy] = useState(false);
  const { data, error, refetch } = useGet<Backtest[]>(`${path}/backtests?limit=5`, { everyMs: busy ? 1000 : false, staleMs: 0 });
  const newest = data?.[0];
  const going = newest?.state === "waiting" || newest?.state === "running";
  if (going !== busy) setBusy(going);
  const begin = useChange(
    async () => {
      if (await save()) await api.post<Backtest>(`${path}/backtest`, { days });
    },
    { nouns: ["journeys"] },
  );
  return (
    <div className="stack">
      <div className="row wrap">
        <span className="grow dim" style={{ minWidth: "min(100%, 280px)" }}>
          {t("backtest.hint")}
        </span>
        <Segmented<number>
          value={days}
          onChange={setDays}
          options={DAYS.map((n) => ({ value: n, label: t("backtest.days", { n }) }))}
        />
        <ActButton type="primary" loading={begin.isPending || going} onClick={() => begin.mutate(undefined)}>
          {t("backtest.run")}
        </ActButton>
      </div>
      {error && !data ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Bones lines={6} height={320} />
      ) : !newest ? (
        <div className="panel">
          <EmptyState title={t("backtest.none")}>{t("backtest.hint")}</EmptyState>
        </div>
      ) : going ? (
        <Panel>
          <p className="strong">{t("backtest.running", { share: formatPercent(newest.progress, 0) })}</p>
          <Progress percent={Math.round(newest.progress * 100)} showInfo={false} />
          <p className="faint small">{t("backtest.leave")}</p>
        </Panel>
      ) : newest.result ? (
        <>
          <p className="faint small">
            {t("backtest.window", { since: time.minute(newest.since), until: time.minute(newest.until) })}
          </p>
          <Result result={newest.result} graph={journey.graph} kinds={kinds} />
        </>
      ) : (
        <p className="note bad">{t("backtest.failed", { detail: newest.detail ?? "" })}</p>
      )}
    </div>
  );
}

const FIGURES = ["entered", "sends", "refused", "holdout", "converted", "exited", "done"] as const;

function Result({ result, graph, kinds }: { result: BacktestResult; graph: Graph; kinds: Kinds }) {
  const t = useText();
  const [chosen, setChosen] = useState(NOTHING_CHOSEN);
  const known = new Set(graph.nodes.map(({ id }) => id));
  const stale = result.edges.some(({ node }) => !known.has(node));
  const held = result.gate.filter(({ said }) => said !== "queued");
  const figures = { ...result, refused: held.reduce((sum, { times }) => sum + times, 0) };
  const board: Board = { graph, kinds, problems: NO_PROBLEMS, flows: flowsOf(result, graph, kinds), edit: null };
  return (
    <>
      <dl className="panel figures-strip">
        {FIGURES.map((key) => (
          <div key={key}>
            <dt>{t(`backtest.${key}`)}</dt>
            <dd className="num">{formatCount(figures[key])}</dd>
          </div>
        ))}
      </dl>
      {stale && <p className="note warn">{t("backtest.changed")}</p>}
      <Stage
        board={board}
        chosen={chosen}
        onChoose={setChosen}
        stamp={0}
        onConfig={() => undefined}
        toolbar={<span className="grow faint small">{t("backtest.canvas")}</span>}
        empty={null}
        keys={{}}
      />
      {held.length > 0 && <Held gate={held} />}
      <Hours hours={result.hours} />
    </>
  );
}

/** Counts at each step, from those on each way. */
function flowsOf({ edges, gate, entered, exited }: BacktestResult, graph: Graph, kinds: Kinds): Record<string, NodeFlow> {
  const flows: Record<string, NodeFlow> = {};
  for (const { id, kind } of graph.nodes) {
    const trigger = kinds.get(kind)?.trigger ?? false;
    flows[id] = { in: trigger ? entered : 0, waiting: 0, out: trigger ? entered : 0, branches: {}, refused: {} };
  }
  const targetOf = (node: string, branch: string) =>
    graph.edges.find((edge) => {
      const first = kinds.get(graph.nodes.find(({ id }) => id === node)?.kind ?? "")?.branches[0];
      return edge.from === node && (edge.branch || first) === branch;
    })?.to;
  for (const { node, branch, runs } of edges) {
    const from = flows[node];
    const to = flows[targetOf(node, branch) ?? ""];
    if (from) from.branches[branch] = runs;
    if (to) to.in += runs;
  }
  for (const { id, kind } of graph.nodes) {
    const flow = flows[id]!;
    if (kinds.get(kind)?.trigger) continue;
    flow.out = Object.values(flow.branches).reduce((sum, runs) => sum + runs, 0);
    // Where nobody left early, who came and did not go on is still there when the window ends.
    if (kinds.get(kind)?.group === "wait" && exited === 0) flow.waiting = Math.max(0, flow.in - flow.out);
  }
  for (const { node, said, times } of gate) {
    const flow = flows[node];
    if (flow && said !== "queued") flow.refused[said] = (flow.refused[said] ?? 0) + times;
  }
  return flows;
}

function Held({ gate }: { gate: BacktestResult["gate"] }) {
  const t = useText();
  const common = useCommon();
  const channel = useChannelName();
  return (
    <Panel title={t("backtest.gate")}>
      <table className="plain-table">
        <tbody>
          {[...gate]
            .sort((a, b) => b.times - a.times)
            .map(({ node, channel: by, said, times }) => (
              <tr key={`${node} ${by} ${said}`}>
                <td>{lookup(common, "reason", said)}</td>
                <td className="dim">{channel(by)}</td>
                <td className="end num">{formatCount(times)}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Hours({ hours }: { hours: BacktestResult["hours"] }) {
  const t = useText();
  const time = useTime();
  if (hours.length === 0) return null;
  const clock = (at: string) => time.minute(at).slice(11, 13);
  const points = Array.from({ length: 24 }, (_, hour) => {
    const name = String(hour).padStart(2, "0");
    const here = hours.filter(({ at }) => clock(at) === name);
    const sum = (key: "entered" | "sends") => here.reduce((total, one) => total + one[key], 0);
    return { date: `${name}:00`, entered: sum("entered"), sends: sum("sends") };
  });
  const peak = hours.reduce((most, one) => (one.sends - most.sends || one.entered - most.entered) > 0 ? one : most);
  const [first, second] = peak.sends > 0 ? (["sends", "entered"] as const) : (["entered", "sends"] as const);
  return (
    <TrendPanel
      title={t("backtest.hours")}
      points={points}
      measures={[first, second].map((key) => ({ key, label: t(`backtest.${key}`), bars: true }))}
      words={{ chart: t("backtest.chart"), table: t("backtest.table"), date: t("backtest.hour") }}
      extra={
        <span className="faint small">
          {t("backtest.peak", { at: time.minute(peak.at), n: formatCount(peak[first]) })}
        </span>
      }
      height={200}
    />
  );
}
