import { Tabs } from "antd";
import { lazy, Suspense, useState } from "react";
import { useParams } from "react-router";
import { api } from "../shared/api";
import type { Journey, NodeKind, Page as PageOf } from "../shared/api-types";
import { ErrorState } from "../shared/ErrorState";
import { formatCount } from "../shared/formats";
import { useBilingual } from "../shared/i18n/i18n";
import { useMay } from "../shared/may";
import { Bones, Page, Panel } from "../shared/Page";
import { useChange, useGet } from "../shared/query";
import { SchemaForm } from "../shared/SchemaForm";
import { JourneyActions } from "./JourneyActions";
import { JourneyState } from "./JourneyState";
import "./journeys.css";
import { Runs } from "./Runs";
import { useText } from "./text";
import { WhyNot } from "./WhyNot";

const Canvas = lazy(() => import("./Canvas"));

export default function JourneyPage() {
  const t = useText();
  const { id = "" } = useParams();
  const [tab, setTab] = useState("canvas");
  const [selected, setSelected] = useState<string | null>(null);
  const [faulty, setFaulty] = useState<string[]>([]);
  const { data, error, refetch } = useGet<Journey>(`/journeys/${id}`, { everyMs: 10_000 });
  const kinds = useGet<NodeKind[] | PageOf<NodeKind>>("/journeys/kinds", { staleMs: 300_000 });
  const back = { to: "/journeys", label: t("title") };
  if (!data || !kinds.data) {
    const failed = error ?? kinds.error;
    return (
      <Page title={t("title")} back={back}>
        {failed ? <ErrorState error={failed} retry={() => void refetch()} /> : <Bones lines={8} height={560} />}
      </Page>
    );
  }
  const kindList = Array.isArray(kinds.data) ? kinds.data : kinds.data.items;
  return (
    <Page
      title={data.name}
      back={back}
      hint={
        <span className="row wrap">
          <JourneyState state={data.state} />
          <span className="faint">
            {data.published_version === null ? t("version.none") : t("version.live", { n: data.published_version })}
          </span>
        </span>
      }
      actions={
        <JourneyActions
          journey={data}
          onProblems={setFaulty}
          onShow={(node) => {
            setTab("canvas");
            setSelected(node);
          }}
        />
      }
    >
      <CountStrip journey={data} />
      <Tabs
        activeKey={tab}
        onChange={setTab}
        items={[
          {
            key: "canvas",
            label: t("tab.canvas"),
            children: (
              <div className="journey-board">
                <div className="panel canvas">
                  <Suspense fallback={<Bones lines={6} height={560} />}>
                    <Canvas journey={data} kinds={kindList} selected={selected} faulty={faulty} onSelect={setSelected} />
                  </Suspense>
                </div>
                <NodePanel journey={data} kinds={kindList} selected={selected} />
              </div>
            ),
          },
          { key: "runs", label: t("tab.runs"), children: <Runs journey={data} kinds={kindList} /> },
          { key: "why", label: t("tab.why"), children: <WhyNot journeyId={id} /> },
        ]}
      />
    </Page>
  );
}

const COUNTS = ["entered", "waiting", "sent", "refused", "holdout", "parked"] as const;

function CountStrip({ journey }: { journey: Journey }) {
  const t = useText();
  return (
    <dl className="panel figures-strip">
      {COUNTS.map((key) => (
        <div key={key}>
          <dt>{t(`col.${key}`)}</dt>
          <dd className={key === "parked" && journey.counts[key] > 0 ? "num up" : "num"}>
            {formatCount(journey.counts[key])}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function NodePanel({ journey, kinds, selected }: { journey: Journey; kinds: NodeKind[]; selected: string | null }) {
  const t = useText();
  const say = useBilingual();
  const may = useMay();
  const node = journey.graph.nodes.find(({ id }) => id === selected);
  const kind = kinds.find((item) => item.kind === node?.kind);
  const save = useChange(
    (config: Record<string, unknown>) =>
      api.put<Journey>(
        `/journeys/${journey.id}`,
        {
          name: journey.name,
          graph: {
            ...journey.graph,
            nodes: journey.graph.nodes.map((item) => (item.id === selected ? { ...item, config } : item)),
          },
        },
        { ifMatch: journey.version },
      ),
    { nouns: ["journeys"], done: t("node.saved") },
  );
  if (!node || !kind) {
    return (
      <Panel title={t("node.settings")}>
        <p className="faint">{t("node.pick")}</p>
      </Panel>
    );
  }
  const locked = journey.state === "retired";
  return (
    <Panel title={say(kind.label)} extra={<code className="faint">{node.id}</code>}>
      {locked && <p className="note warn">{t("node.locked")}</p>}
      <SchemaForm
        key={node.id}
        schema={kind.config_schema}
        value={node.config}
        onSubmit={(config) => save.mutate(config)}
        busy={save.isPending}
        disabled={locked || !may("operator")}
        submitLabel={t("node.save")}
      />
    </Panel>
  );
}
