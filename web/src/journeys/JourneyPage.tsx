import { EditOutlined } from "@ant-design/icons";
import { Button, Input, Tabs } from "antd";
import { useMemo, useState } from "react";
import { useParams } from "react-router";
import type { Journey, NodeKind, Page as PageOf } from "../shared/api-types";
import { ErrorState } from "../shared/ErrorState";
import { formatCount } from "../shared/formats";
import { LinkButton } from "../shared/LinkButton";
import { useMay } from "../shared/may";
import { Bones, Page } from "../shared/Page";
import { useGet } from "../shared/query";
import { Backtests } from "./Backtests";
import { Editor } from "./Editor";
import { kindsOf } from "./graph";
import { JourneyActions } from "./JourneyActions";
import { JourneyState } from "./JourneyState";
import "./journeys.css";
import { Live } from "./Live";
import { Runs } from "./Runs";
import { Settings } from "./Settings";
import { NOTHING_CHOSEN, type Chosen } from "./Stage";
import { useText } from "./text";
import { useDraft, type DraftState } from "./useDraft";
import { Versions } from "./Versions";
import { WhyNot } from "./WhyNot";

export default function JourneyPage() {
  const t = useText();
  const { id = "" } = useParams();
  const { data, error, refetch } = useGet<Journey>(`/journeys/${id}`, { everyMs: 5000 });
  const kinds = useGet<NodeKind[] | PageOf<NodeKind>>("/journeys/kinds", { staleMs: 300_000 });
  if (!data || !kinds.data) {
    const failed = error ?? kinds.error;
    return (
      <Page title={t("title")} back={{ to: "/journeys", label: t("title") }}>
        {failed ? <ErrorState error={failed} retry={() => void refetch()} /> : <Bones lines={8} height={560} />}
      </Page>
    );
  }
  return <Loaded key={id} journey={data} list={Array.isArray(kinds.data) ? kinds.data : kinds.data.items} />;
}

function Loaded({ journey, list }: { journey: Journey; list: NodeKind[] }) {
  const t = useText();
  const may = useMay();
  const kinds = useMemo(() => kindsOf(list), [list]);
  const published = journey.published_version !== null;
  const [tab, setTab] = useState(published ? "live" : "draft");
  const [chosen, setChosen] = useState<Chosen>(NOTHING_CHOSEN);
  const editable = journey.state !== "retired" && may("operator");
  const draft = useDraft(journey, editable);
  const settingsTab = {
    key: "settings",
    label: t("tab.settings"),
    children: <Settings draft={draft} editable={editable} />,
  };
  const draftTab = {
    key: "draft",
    label: t("tab.draft"),
    children: <Editor draft={draft} kinds={kinds} editable={editable} chosen={chosen} onChoose={setChosen} />,
  };
  const backtestTab = {
    key: "backtest",
    label: t("tab.backtest"),
    children: <Backtests journey={journey} kinds={kinds} save={draft.save} />,
  };
  const liveTabs = [
    { key: "live", label: t("tab.live"), children: <Live journey={journey} kinds={kinds} /> },
    draftTab,
    settingsTab,
    backtestTab,
    { key: "runs", label: t("tab.runs"), children: <Runs journey={journey} kinds={list} /> },
    { key: "versions", label: t("tab.versions"), children: <Versions journey={journey} kinds={kinds} /> },
    { key: "why", label: t("tab.why"), children: <WhyNot journeyId={journey.id} /> },
  ];
  return (
    <Page
      title={<JourneyName draft={draft} editable={editable} />}
      documentTitle={draft.drawing.name}
      back={{ to: "/journeys", label: t("title") }}
      hint={
        <span className="row wrap">
          <JourneyState state={journey.state} />
          <span className="faint">{published ? t("version.live", { n: journey.published_version! }) : t("version.none")}</span>
        </span>
      }
      actions={
        <>
          {published && <LinkButton to={`/journeys/${journey.id}/review`}>{t("review")}</LinkButton>}
          <JourneyActions
            journey={journey}
            save={draft.save}
            onPublished={() => setTab("live")}
            onShow={(node) => {
              setTab("draft");
              setChosen({ selected: [node], line: null });
            }}
          />
        </>
      }
    >
      {published && tab !== "draft" && tab !== "settings" && tab !== "backtest" && <CountStrip journey={journey} />}
      <Tabs activeKey={tab} onChange={setTab} destroyOnHidden items={published ? liveTabs : [draftTab, settingsTab, backtestTab]} />
    </Page>
  );
}

function JourneyName({ draft, editable }: { draft: DraftState; editable: boolean }) {
  const t = useText();
  const [editing, setEditing] = useState(false);
  const { name } = draft.drawing;
  if (!editing) {
    return (
      <span className="row">
        <span style={{ minWidth: 0 }}>{name}</span>
        {editable && (
          <Button size="small" type="text" icon={<EditOutlined />} aria-label={t("rename")} title={t("rename")} onClick={() => setEditing(true)} />
        )}
      </span>
    );
  }
  const done = (next: string) => {
    if (next.trim() && next.trim() !== name) draft.rename(next.trim());
    setEditing(false);
  };
  return (
    <Input
      autoFocus
      defaultValue={name}
      maxLength={120}
      aria-label={t("new.name")}
      onBlur={(event) => done(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter") done(event.currentTarget.value);
        if (event.key === "Escape") setEditing(false);
      }}
      style={{ width: "min(520px, 100%)" }}
    />
  );
}

const COUNTS = ["entered", "waiting", "sent", "refused", "holdout", "converted", "parked"] as const;

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
