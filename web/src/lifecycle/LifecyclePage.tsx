/** Who is in which stage, where they go, how close they are, and what kind of trade this is. */
import { EmptyState } from "../shared/EmptyState";
import { ErrorState } from "../shared/ErrorState";
import { formatCount, formatMoney, formatPercent } from "../shared/formats";
import { useBilingual } from "../shared/i18n/i18n";
import { LinkButton } from "../shared/LinkButton";
import { Info } from "../shared/Marks";
import { Bones, Page, Panel } from "../shared/Page";
import { useGet } from "../shared/query";
import { FlowPanel } from "./FlowPanel";
import { HistoryPanel } from "./HistoryPanel";
import type { Figure, Relations } from "./lifecycle";
import "./lifecycle.css";
import { FunnelPanel, QuadrantPanel } from "./Relations";
import { useText } from "./text";

export default function LifecyclePage() {
  const t = useText();
  const { data, error, refetch } = useGet<Relations>("/lifecycle/relations", { keep: true });
  return (
    <Page title={t("title")} hint={t("hint")} actions={<LinkButton to="/settings/lifecycle">{t("settings")}</LinkButton>}>
      {data ? (
        data.funnel[0]?.persons === 0 ? (
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
        ) : (
          <Body data={data} />
        )
      ) : error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : (
        <Bones lines={8} height={560} />
      )}
    </Page>
  );
}

function Body({ data }: { data: Relations }) {
  return (
    <>
      <Figures data={data} />
      <FlowPanel />
      <HistoryPanel />
      <div className="columns">
        <FunnelPanel steps={data.funnel} />
        <QuadrantPanel quadrant={data.quadrant} />
      </div>
    </>
  );
}

function Figures({ data }: { data: Relations }) {
  const t = useText();
  const say = useBilingual();
  return (
    <Panel title={say(data.preset.label)} extra={<span className="faint small">{say(data.preset.why)}</span>}>
      <dl className="life-figures">
        {data.figures.map((figure) => (
          <div key={figure.name} className={figure.name === data.head ? "head" : ""}>
            <dt>
              {say(figure.label)} <Info text={say(figure.formula)} />
            </dt>
            <dd className="num">{valueOf(figure)}</dd>
            <dd className="faint small">
              {figure.name === data.head ? t("head") : t(figure.name === "order_value" ? "kpi.orders" : "kpi.share", { n: formatCount(figure.of) })}
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function valueOf({ unit, value }: Figure): string {
  if (value === null) return "—";
  if (unit === "fen") return formatMoney(Math.round(value));
  return unit === "share" ? formatPercent(value) : value.toFixed(2);
}
