import { Segmented } from "antd";
import { useContext, useState } from "react";
import type { Overview } from "../shared/api-types";
import { useCatalog } from "../shared/catalog";
import { TrendPanel } from "../shared/charts/TrendPanel";
import { EmptyState } from "../shared/EmptyState";
import { ErrorState } from "../shared/ErrorState";
import { formatCount, formatMoney, formatPercent, useTime } from "../shared/formats";
import { useBilingual } from "../shared/i18n/i18n";
import { LinkButton } from "../shared/LinkButton";
import { OperatorContext } from "../shared/may";
import { Bones, Page, Panel } from "../shared/Page";
import { useGet } from "../shared/query";
import { Stat, StatBones } from "../shared/Stat";
import { activeDoor, reachableDoor } from "./doors";
import { ChannelBars, LifecycleBar, NeedsMe, RevenueSplit } from "./panels";
import { PipelineStrip } from "./PipelineStrip";
import { useText } from "./text";

export default function OverviewPage() {
  const t = useText();
  const time = useTime();
  const operator = useContext(OperatorContext);
  const [days, setDays] = useState(30);
  const { data, error, refetch } = useGet<Overview>(`/overview?days=${days}`, { keep: true, everyMs: 30_000 });
  return (
    <Page
      documentTitle={t("title")}
      title={t(greeting(), { name: operator?.name ?? "" })}
      hint={data ? t("hint.window", { days, at: time.minute(data.pipeline.settled_at) }) : " "}
      actions={
        <Segmented
          value={days}
          onChange={setDays}
          options={[7, 30, 90].map((n) => ({ value: n, label: t("days", { n }) }))}
        />
      }
    >
      {data ? (
        data.persons.known === 0 ? (
          <FirstRun data={data} />
        ) : (
          <Numbers data={data} />
        )
      ) : error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : (
        <Waiting />
      )}
    </Page>
  );
}

function greeting(): "greet.morning" | "greet.afternoon" | "greet.evening" {
  const hour = new Date().getHours();
  if (hour < 12) return "greet.morning";
  return hour < 18 ? "greet.afternoon" : "greet.evening";
}

function Waiting() {
  return (
    <>
      <StatBones />
      <div className="columns">
        <div className="panel two-thirds">
          <Bones lines={6} height={330} />
        </div>
        <div className="panel third">
          <Bones lines={5} height={330} />
        </div>
      </div>
    </>
  );
}

function FirstRun({ data }: { data: Overview }) {
  const t = useText();
  return (
    <>
      <div className="panel">
        <EmptyState
          title={t("empty.title")}
          example={t("empty.example")}
          action={
            <LinkButton type="primary" to="/sources">
              {t("empty.action")}
            </LinkButton>
          }
        >
          {t("empty.hint")}
        </EmptyState>
      </div>
      <PipelineStrip pipeline={data.pipeline} />
    </>
  );
}

function Numbers({ data }: { data: Overview }) {
  const t = useText();
  const say = useBilingual();
  const { events } = useCatalog();
  const { persons, previous, revenue } = data;
  const share = formatPercent(persons.known ? persons.reachable / persons.known : null);
  const daily = data.daily.map((point) => ({ ...point }));
  return (
    <>
      <div className="stats fade-in">
        <Stat
          label={t("known")}
          value={persons.known}
          previous={previous.known}
          formula={say(data.formulas.known)}
          to="/persons"
        />
        <Stat
          label={t("reachable")}
          value={persons.reachable}
          foot={t("reachable.share", { share })}
          formula={say(data.formulas.reachable)}
          to={reachableDoor()}
        />
        <Stat
          label={t("active_30d")}
          value={persons.active_30d}
          previous={previous.active_30d}
          formula={say(data.formulas.active_30d ?? data.formulas.active)}
          to={activeDoor(events, data.daily.map(({ date }) => date))}
        />
        <Stat
          label={t("revenue")}
          value={revenue.total_fen}
          previous={revenue.previous_total_fen}
          money
          currency={revenue.currency}
          formula={say(data.formulas.revenue)}
        />
      </div>
      <div className="columns">
        <div className="two-thirds overview-trend">
          <TrendPanel
            height={312}
            title={t("trend.title")}
            points={daily}
            words={{ chart: t("trend.chart"), table: t("trend.table"), date: t("trend.date") }}
            measures={[
              { key: "active", label: t("trend.active") },
              { key: "entered", label: t("trend.entered"), bars: true },
              { key: "orders", label: t("trend.orders"), bars: true },
              { key: "revenue_fen", label: t("trend.revenue"), format: (fen) => formatMoney(fen, revenue.currency) },
            ]}
          />
        </div>
        <div className="third stack">
          <NeedsMe needs={data.needs_me} />
          <Panel title={t("revenue.title")}>
            <RevenueSplit revenue={revenue} />
          </Panel>
        </div>
        <Panel className="third" title={t("lifecycle.title")}>
          <LifecycleBar rows={data.lifecycle} />
        </Panel>
        <Panel
          className="two-thirds"
          title={t("channels.title")}
          extra={<span className="faint small">{t("channels.hint")}</span>}
        >
          <ChannelBars rows={data.channels} known={persons.known} />
        </Panel>
      </div>
      <PipelineStrip pipeline={data.pipeline} />
      <p className="visually-hidden" aria-live="polite">
        {`${t("known")} ${formatCount(persons.known)}`}
      </p>
    </>
  );
}
