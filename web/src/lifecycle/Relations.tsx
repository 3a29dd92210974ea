import { formatCount, formatMoney, formatPercent } from "../shared/formats";
import { useBilingual } from "../shared/i18n/i18n";
import { Panel } from "../shared/Page";
import type { Relations, Step } from "./lifecycle";
import { useText } from "./text";

export function FunnelPanel({ steps }: { steps: Step[] }) {
  const t = useText();
  const say = useBilingual();
  const first = steps[0]?.persons ?? 0;
  return (
    <Panel className="half" title={t("funnel.title")} extra={<span className="faint small">{t("funnel.hint")}</span>}>
      <ol className="relation-funnel">
        {steps.map((step, index) => {
          const before = steps[index - 1]?.persons;
          return (
            <li key={step.name}>
              <div className="row between">
                <span>
                  <span className="strong">{say(step.label)}</span> <span className="faint small">{say(step.meaning)}</span>
                </span>
                <span className="num nowrap">
                  <span className="strong">{formatCount(step.persons)}</span>
                  {before !== undefined && <span className="faint share"> {formatPercent(before ? step.persons / before : null, 1)}</span>}
                </span>
              </div>
              <div className="meter" title={t("funnel.here", { n: formatCount(step.here) })}>
                <span style={{ width: `${first ? Math.max(step.persons ? 0.5 : 0, (step.persons / first) * 100) : 0}%` }} />
              </div>
            </li>
          );
        })}
      </ol>
    </Panel>
  );
}

export function QuadrantPanel({ quadrant }: { quadrant: Relations["quadrant"] }) {
  const t = useText();
  const say = useBilingual();
  return (
    <Panel className="half" title={t("quadrant.title")}>
      <p className="faint small">{t("quadrant.hint", { frequent: quadrant.frequent, dear: formatMoney(quadrant.dear_fen) })}</p>
      {quadrant.here === null ? (
        <p className="dim" style={{ padding: "24px 0" }}>
          {t("quadrant.none")}
        </p>
      ) : (
        <>
          <div className="quadrant">
            {["rare_dear", "frequent_dear", "rare_cheap", "frequent_cheap"].map((name) => {
              const quarter = quadrant.quarters.find((one) => one.name === name)!;
              const here = quadrant.here === name;
              return (
                <div key={name} className={here ? "quarter here" : "quarter"}>
                  <div className="row between wrap">
                    <span className="strong">{say(quarter.label)}</span>
                    {here && <span className="tag accent">{t("quadrant.here")}</span>}
                  </div>
                  <div className="num small">
                    {t("quadrant.persons", { n: formatCount(quarter.persons), revenue: formatMoney(quarter.revenue_fen) })}
                  </div>
                  <p className="dim small">{say(quarter.playbook)}</p>
                </div>
              );
            })}
          </div>
          <p className="faint small num" style={{ marginTop: 10 }}>
            {t("quadrant.means", { orders: quadrant.orders_a_year, price: formatMoney(quadrant.price_fen) })}
          </p>
        </>
      )}
    </Panel>
  );
}
