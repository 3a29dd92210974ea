import { api } from "../shared/api";
import type { Campaign, Estimate } from "../shared/campaign-types";
import { formatCount, useTime } from "../shared/formats";
import { useBilingual } from "../shared/i18n/i18n";
import { ActButton } from "../shared/may";
import { useChange } from "../shared/query";
import { Clashes } from "./Calendar";
import { Reasons } from "./Reasons";
import { useText } from "./text";

/** Whom it would reach, whom the gate would refuse, whether it suits them. The start waits for it. */
export function EstimatePanel({ campaign }: { campaign: Campaign }) {
  const t = useText();
  const say = useBilingual();
  const time = useTime();
  const make = useChange(() => api.post<Estimate>(`/campaigns/${campaign.id}/estimate`), { nouns: ["campaigns"] });
  const seen = campaign.estimate;
  const again = campaign.state === "draft" && (
    <div>
      <ActButton loading={make.isPending} onClick={() => make.mutate(undefined)}>
        {t("estimate.make")}
      </ActButton>
    </div>
  );
  if (!seen) {
    return (
      <div className="stack">
        <p className="faint">{t("estimate.none")}</p>
        {again}
      </div>
    );
  }
  const figures = { audience: seen.audience, reach: seen.reach, held: seen.holdout, units: seen.units, minutes: seen.minutes };
  return (
    <div className="stack">
      <dl className="figures-strip" style={{ padding: 0 }}>
        {(Object.keys(figures) as (keyof typeof figures)[]).map((key) => (
          <div key={key}>
            <dt>{t(`estimate.${key}`)}</dt>
            <dd className="num">{formatCount(figures[key])}</dd>
          </div>
        ))}
      </dl>
      <p className="faint small">
        {t("estimate.at", { at: time.minute(seen.at) })}
        {seen.sampled > 0 && ` · ${t("estimate.sampled", { n: formatCount(seen.sampled) })}`}
      </p>
      <h3>{t("estimate.refusals")}</h3>
      <Reasons items={seen.refusals} whole={seen.audience - seen.holdout} />
      <h3>{t("estimate.fit")}</h3>
      <ul className="plain-list">
        {seen.fit.map((line) => (
          <li key={say(line.text)} className="row start">
            <span className={`tag ${line.level}`}>{t(`level.${line.level}`)}</span>
            <span>{say(line.text)}</span>
          </li>
        ))}
      </ul>
      <h3>{t("estimate.clashes")}</h3>
      <Clashes items={seen.clashes} />
      {again}
    </div>
  );
}
