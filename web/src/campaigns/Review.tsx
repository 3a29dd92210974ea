/** The review of a campaign or journey. */
import { Button, Input } from "antd";
import { useState, type ReactNode } from "react";
import { api } from "../shared/api";
import type { Review, Worth } from "../shared/campaign-types";
import { useEventName } from "../shared/catalog";
import { ErrorState } from "../shared/ErrorState";
import { formatCount, formatMoney, formatPercent } from "../shared/formats";
import { useCommon } from "../shared/i18n/common";
import { lookup } from "../shared/i18n/i18n";
import { When } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { Bones } from "../shared/Page";
import { useChange, useGet } from "../shared/query";
import { useText as useTemplateText } from "../templates/text";
import "./campaigns.css";
import { Reasons } from "./Reasons";
import { useText } from "./text";

export function ReviewPanel({ id }: { id: string }) {
  const t = useText();
  const { data, error, refetch, isFetching } = useGet<Review>(`/reviews/${id}`);
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <Bones lines={8} height={420} />;
  return (
    <div className="stack review">
      <div className="row wrap">
        <span className="grow" />
        <Button loading={isFetching} onClick={() => void refetch()}>
          {t("review.reload")}
        </Button>
        {(["xlsx", "csv"] as const).map((kind) => (
          <Button key={kind} href={`/api/reviews/${id}/export?format=${kind}`} download>
            {t("review.export", { kind: kind.toUpperCase() })}
          </Button>
        ))}
      </div>
      <Figures review={data} />
      <LiftNote review={data} />
      {data.worth && <WorthNote worth={data.worth} days={data.goal_days} />}
      <div className="columns">
        <Part title={t("review.refusals")} className="half">
          <Reasons items={data.refusals} whole={data.participants} />
        </Part>
        <Part title={t("review.negative")} className="half">
          <Reasons items={data.negative} whole={data.reached} />
        </Part>
        <Part title={t("review.hours")} className="half">
          <Hours hours={data.hours} />
        </Part>
        <NextAction review={data} />
      </div>
      {data.variants.length > 0 && <Contents review={data} />}
      {data.links.length > 0 && <Links review={data} />}
    </div>
  );
}

function Part({ title, className = "", children }: { title: string; className?: string; children: ReactNode }) {
  return (
    <section className={`col ${className}`} style={{ gap: 8 }}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Figures({ review: r }: { review: Review }) {
  const t = useText();
  const cells: [string, string, string][] = [
    [t("review.participants"), formatCount(r.participants), t("review.foot.held", { n: formatCount(r.holdout) })],
    [t("review.reached"), formatCount(r.reached), t("review.foot.delivered", { n: formatCount(r.delivered) })],
    [t("review.opened"), formatCount(r.opened), formatPercent(r.reached ? r.opened / r.reached : null, 1)],
    [t("review.clicked"), formatCount(r.clicked), t("review.foot.clicks", { clicks: formatCount(r.clicks), scans: formatCount(r.scans) })],
    [t("review.replied"), formatCount(r.replied), ""],
    [t("review.orders"), formatCount(r.orders), t("review.foot.orders", { units: formatCount(r.units), days: r.attribution_days })],
    [t("review.gmv"), formatMoney(r.gmv), ""],
  ];
  return (
    <dl className="review-figures">
      {cells.map(([label, value, foot]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd className="num">{value}</dd>
          <dd className="faint small">{foot}</dd>
        </div>
      ))}
    </dl>
  );
}

function LiftNote({ review }: { review: Review }) {
  const t = useText();
  const eventName = useEventName();
  const found = review.lift;
  if (!found) return <p className="note">{t("review.lift.none")}</p>;
  const share = (value: number | null) => (value === null || value > 10 ? t("review.lift.open") : `${value > 0 ? "+" : ""}${formatPercent(value, 0)}`);
  const said =
    found.lift === null
      ? t("review.lift.wait")
      : t(found.sure ? "review.lift.sure" : "review.lift.unsure", { lift: share(found.lift), low: share(found.low), high: share(found.high) });
  return (
    <div className={`note ${found.sure && (found.lift ?? 0) < 0 ? "bad" : ""}`}>
      <h3>{t("review.lift")}</h3>
      <p className="strong">{said}</p>
      <p>
        {t("review.lift.rates", {
          x: formatCount(found.treated_converted),
          n: formatCount(found.treated),
          treated: formatPercent(found.treated_converted / found.treated, 2),
          y: formatCount(found.held_out_converted),
          m: formatCount(found.held_out),
          held: formatPercent(found.held_out_converted / found.held_out, 2),
        })}
      </p>
      <p className="faint small">{t("review.lift.hint", { event: eventName(review.goal_event), days: review.goal_days })}</p>
      {review.ratio?.off && (
        <p className="strong">
          {t("review.ratio.off", { planned: formatPercent(review.ratio.planned, 1), seen: formatPercent(review.ratio.seen, 1) })}
        </p>
      )}
    </div>
  );
}

/** What a treated person brought more than one held out; also said of the holdout of everything. */
export function WorthNote({ worth, days, unit = "money" }: { worth: Worth; days: number; unit?: "money" | "orders" }) {
  const t = useText();
  const amount = (mean: number) => (unit === "money" ? formatMoney(mean) : mean.toFixed(3));
  const more = (mean: number) => `${mean > 0 ? "+" : ""}${amount(mean)}`;
  return (
    <div className={`note ${worth.sure && worth.difference < 0 ? "bad" : ""}`}>
      <h3>{t(`review.worth.${unit}`)}</h3>
      <p className="strong">
        {t(worth.sure ? "review.worth.sure" : "review.worth.unsure", { more: more(worth.difference), low: more(worth.low), high: more(worth.high) })}
      </p>
      <p>
        {t("review.worth.means", {
          treated: amount(worth.treated_mean),
          n: formatCount(worth.treated),
          held: amount(worth.held_out_mean),
          m: formatCount(worth.held_out),
        })}
      </p>
      <p className="faint small">
        {worth.history > 0 ? t("review.worth.history", { share: formatPercent(worth.history, 0) }) : t("review.worth.plain")}{" "}
        {t("review.worth.days", { days })}
      </p>
    </div>
  );
}

function Hours({ hours }: { hours: number[] }) {
  const t = useText();
  const most = Math.max(...hours);
  if (most === 0) return <p className="faint">{t("review.hours.none")}</p>;
  return (
    <>
      <div className="hours" role="img" aria-label={hours.map((count, hour) => `${hour}: ${count}`).join(", ")}>
        {hours.map((count, hour) => (
          <span key={hour} title={`${hour}:00 · ${count}`} style={{ height: `${Math.max(3, (count / most) * 100)}%` }} className={count === most ? "peak" : ""} />
        ))}
      </div>
      <p className="faint small">{t("review.hours.peak", { hour: hours.indexOf(most) })}</p>
    </>
  );
}

function NextAction({ review }: { review: Review }) {
  const t = useText();
  const common = useCommon();
  const [text, setText] = useState(review.next_action);
  const save = useChange(() => api.put<Review>(`/reviews/${review.id}`, { next_action: text }), {
    nouns: ["reviews"],
    done: common("done.saved"),
  });
  return (
    <Part title={t("review.next")} className="half">
      <Input.TextArea
        aria-label={t("review.next")}
        placeholder={t("review.next.hint")}
        value={text}
        maxLength={2000}
        autoSize={{ minRows: 3, maxRows: 8 }}
        onChange={(event) => setText(event.target.value)}
      />
      <div className="row wrap">
        <ActButton disabled={text === review.next_action} loading={save.isPending} onClick={() => save.mutate(undefined)}>
          {common("action.save")}
        </ActButton>
        {review.decided_at && (
          <span className="faint small">
            {t("review.next.by", { by: review.decided_by })} <When at={review.decided_at} />
          </span>
        )}
      </div>
    </Part>
  );
}

function Contents({ review }: { review: Review }) {
  const t = useText();
  const words = useTemplateText();
  const rate = (part: number, whole: number) => formatPercent(whole ? part / whole : null, 1);
  return (
    <Part title={t("review.contents")}>
      <div className="scroll-x">
        <table className="plain-table" style={{ minWidth: 520 }}>
          <thead>
            <tr>
              <th>{t("review.content.name")}</th>
              <th>{t("review.content.incentive")}</th>
              <th>{t("review.content.appeal")}</th>
              <th className="end">{t("review.content.sent")}</th>
              <th className="end">{t("review.content.opened")}</th>
              <th className="end">{t("review.content.clicked")}</th>
            </tr>
          </thead>
          <tbody>
            {review.variants.map((one) => (
              <tr key={one.template}>
                <td>{one.name}</td>
                <td>{lookup(words, "incentive", one.incentive)}</td>
                <td>{lookup(words, "appeal", one.appeal)}</td>
                <td className="end num">{formatCount(one.sent)}</td>
                <td className="end num">{rate(one.opened, one.sent)}</td>
                <td className="end num">{rate(one.clicked, one.sent)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Part>
  );
}

function Links({ review }: { review: Review }) {
  const t = useText();
  return (
    <Part title={t("review.links")}>
      <div className="scroll-x">
        <table className="plain-table" style={{ minWidth: 520 }}>
          <thead>
            <tr>
              <th>{t("review.link.address")}</th>
              <th className="end">{t("review.link.messages")}</th>
              <th className="end">{t("review.link.clicked")}</th>
              <th className="end">{t("review.link.scans")}</th>
            </tr>
          </thead>
          <tbody>
            {review.links.map((one) => (
              <tr key={one.address}>
                <td style={{ overflowWrap: "anywhere" }}>{one.address}</td>
                <td className="end num">{formatCount(one.messages)}</td>
                <td className="end num">{formatCount(one.clicked)}</td>
                <td className="end num">{formatCount(one.scans)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Part>
  );
}
