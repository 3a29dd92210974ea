import type { Annoyance } from "../shared/campaign-types";
import { useBilingual } from "../shared/i18n/i18n";
import { When } from "../shared/Marks";
import { Panel } from "../shared/Page";
import { useGet } from "../shared/query";
import { useText } from "./text";

/** How annoyed somebody is with us, what made it so, and how often they may still be written to. */
export function AnnoyancePanel({ id }: { id: string }) {
  const t = useText();
  const say = useBilingual();
  const { data } = useGet<Annoyance>(`/persons/${id}/annoyance`);
  if (!data) return null;
  const look = data.score >= data.stop ? "bad" : data.score >= data.tighten ? "warn" : "good";
  return (
    <Panel title={t("annoyance")} extra={<span className={`tag ${look} num`}>{data.score} / 100</span>}>
      <p>{t(data.weekly < data.usual ? "annoyance.less" : "annoyance.usual", { n: data.weekly, usual: data.usual })}</p>
      <ul className="fact-rows">
        {data.signals.map((signal) => (
          <li key={signal.signal}>
            <span>{say(signal.label)}</span>
            <span className="num">{t("annoyance.points", { times: signal.times, points: signal.points })}</span>
            <span className="faint small provenance">
              <When at={signal.last_at} to="day" />
            </span>
          </li>
        ))}
      </ul>
      <p className="faint small">{t("annoyance.hint", { ignored: data.ignored, days: data.half_life_days })}</p>
    </Panel>
  );
}
