/** What sets these persons apart: shares against others, overlap with other audiences, who stays and who is lost. */
import { Segmented, Select } from "antd";
import { useState } from "react";
import type { Audience, AudienceContrast, AudienceInsight, AudienceOverlap, Bilingual, Page } from "../shared/api-types";
import { api, withParams } from "../shared/api";
import { useCatalog, useStageName } from "../shared/catalog";
import { EmptyState } from "../shared/EmptyState";
import { ErrorState } from "../shared/ErrorState";
import { formatCount, formatPercent } from "../shared/formats";
import { useBilingual } from "../shared/i18n/i18n";
import { PersonLink, StageTag, useChannelName } from "../shared/Marks";
import { Bones } from "../shared/Page";
import { useGet } from "../shared/query";
import type { Tag } from "../tags/types";
import { useValueText } from "../tags/Value";
import { useQuery } from "@tanstack/react-query";
import "./rules.css";
import { useText } from "./text";

type View = "spread" | "overlap" | "contrast";

export function InsightTab({ audience }: { audience: Audience }) {
  const t = useText();
  const [view, setView] = useState<View>("spread");
  return (
    <div className="stack" style={{ paddingBottom: 12 }}>
      <Segmented<View>
        value={view}
        onChange={setView}
        style={{ alignSelf: "flex-start" }}
        options={(["spread", "overlap", "contrast"] as const).map((value) => ({ value, label: t(`insight.${value}`) }))}
      />
      {view === "spread" && <Spread id={audience.id} />}
      {view === "overlap" && <OverlapView audience={audience} />}
      {view === "contrast" && <ContrastView id={audience.id} />}
    </div>
  );
}

/** How a value of a dimension is called. */
function useFeatureName() {
  const t = useText();
  const stage = useStageName();
  const say = useBilingual();
  const channel = useChannelName();
  const { events, traits } = useCatalog();
  const labelOf = (list: { name: string; label: Bilingual }[], name: string) =>
    say(list.find((one) => one.name === name)?.label) || name;
  const text = useValueText();
  const { data: tags } = useGet<Page<Tag>>("/tags");
  const tagOf = (id: string) => tags?.items.find((one) => one.id === id);
  return {
    title: (dimension: string, name: string) => {
      if (dimension === "tag") return tagOf(name)?.name ?? name;
      return dimension === "trait" ? labelOf(traits, name) : t(`insight.dimension.${dimension as "event"}`);
    },
    value: (dimension: string, name: string, value: string) => {
      if (dimension === "tag") {
        const { unit = "", labels = {} } = tagOf(name) ?? {};
        return stretch(value, (end) => text(end, unit === "time" ? "" : unit, labels));
      }
      if (dimension === "lifecycle") return stage(value);
      if (dimension === "channel") return channel(value);
      return dimension === "event" ? labelOf(events, name) : stretch(value, String) || t("insight.empty");
    },
  };
}

/** A value, or a stretch of numbers from one to another: its ends are rounded, since nobody needs more of them. */
function stretch(value: string, say: (end: string) => string): string {
  const ends = value.split(" – ");
  if (ends.length !== 2) return say(value);
  return ends.map((end) => end && say(/^-?\d+\.\d{2,}$/.test(end) ? String(Math.round(Number(end) * 10) / 10) : end)).join(" – ");
}

type Line = { key: string; label: string; count: number; share: number; base: number; tgi: number | null };

function Spread({ id }: { id: string }) {
  const t = useText();
  const name = useFeatureName();
  const [against, setAgainst] = useState<string | undefined>();
  const { data, error, refetch } = useGet<AudienceInsight>(withParams(`/audiences/${id}/insight`, { against }), { keep: true });
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <Bones lines={10} height={360} />;
  const groups = new Map<string, { title: string; lines: Line[] }>();
  for (const { dimension, name: of, lines } of data.distributions) {
    const title = name.title(dimension, of);
    const group = groups.get(dimension === "event" ? "event" : `${dimension}/${of}`) ?? { title, lines: [] };
    for (const line of lines) {
      const label = name.value(dimension, of, line.value);
      group.lines.push({ key: of + line.value, label, count: line.count, share: line.share, base: line.base_share, tgi: line.tgi });
    }
    groups.set(dimension === "event" ? "event" : `${dimension}/${of}`, group);
  }
  return (
    <>
      <div className="row wrap">
        <span className="faint">{t("insight.against")}</span>
        <OthersSelect id={id} value={against} onChange={setAgainst} />
        <span className="faint small num">
          {t("insight.sizes", { size: formatCount(data.size), base: formatCount(data.base_size) })}
        </span>
      </div>
      <p className="faint small">{t("insight.tgi.hint")}</p>
      <div className="insight-grid">
        {[...groups].map(([key, { title, lines }]) => (
          <section key={key}>
            <h3>{title}</h3>
            <LinesTable lines={lines} />
          </section>
        ))}
        <section>
          <h3>{t("preview.sample")}</h3>
          {data.sample.map((person) => (
            <span key={person.id} className="row between">
              <PersonLink id={person.id} name={person.name} />
              <StageTag stage={person.stage} />
            </span>
          ))}
        </section>
      </div>
    </>
  );
}

function LinesTable({ lines }: { lines: Line[] }) {
  const t = useText();
  const [all, setAll] = useState(false);
  const shown = all ? lines : lines.slice(0, 8);
  return (
    <>
      <table className="insight-table">
        <thead>
          <tr>
            <th>{t("insight.value")}</th>
            <th>{t("col.size")}</th>
            <th>{t("insight.share")}</th>
            <th>{t("insight.base")}</th>
            <th>TGI</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((line) => (
            <tr key={line.key}>
              <td>{line.label}</td>
              <td>{formatCount(line.count)}</td>
              <td>{formatPercent(line.share)}</td>
              <td>{formatPercent(line.base)}</td>
              <td className={line.tgi === null ? "faint" : line.tgi >= 120 ? "up" : line.tgi <= 80 ? "down" : ""}>
                {line.tgi === null ? "—" : Math.round(line.tgi)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {lines.length > 8 && (
        <button type="button" className="chip small-chip" aria-pressed={all} onClick={() => setAll(!all)}>
          {t("insight.all", { n: lines.length })}
        </button>
      )}
    </>
  );
}

function OthersSelect({ id, value, onChange }: { id: string; value: string | undefined; onChange: (value: string | undefined) => void }) {
  const t = useText();
  const { data } = useGet<Page<Audience>>("/audiences?limit=200");
  const others = data?.items.filter((one) => one.id !== id).map((one) => ({ value: one.id, label: one.name })) ?? [];
  return (
    <Select
      value={value ?? ""}
      onChange={(next) => onChange(next || undefined)}
      options={[{ value: "", label: t("insight.everyone") }, ...others]}
      style={{ minWidth: 180 }}
      popupMatchSelectWidth={false}
      aria-label={t("insight.against")}
    />
  );
}

function OverlapView({ audience }: { audience: Audience }) {
  const t = useText();
  const [others, setOthers] = useState<string[]>([]);
  const { data: list } = useGet<Page<Audience>>("/audiences?limit=200");
  const ids = [audience.id, ...others];
  const { data, error } = useQuery<AudienceOverlap, Error>({
    queryKey: ["audience-overlap", ids.join()],
    queryFn: ({ signal }) => api.post<AudienceOverlap>("/audiences/overlap/preview", { audiences: ids }, { signal, asks: true }),
    enabled: others.length > 0,
  });
  return (
    <>
      <Select
        mode="multiple"
        maxCount={4}
        value={others}
        onChange={setOthers}
        placeholder={t("insight.overlap.pick")}
        options={list?.items.filter((one) => one.id !== audience.id).map((one) => ({ value: one.id, label: one.name })) ?? []}
        optionFilterProp="label"
        style={{ minWidth: 280, maxWidth: "100%" }}
        aria-label={t("insight.overlap.pick")}
      />
      {error && <ErrorState error={error} />}
      {data && (
        <table className="insight-table">
          <thead>
            <tr>
              <th>{t("insight.region")}</th>
              <th>{t("insight.within")}</th>
              <th>{t("insight.only")}</th>
            </tr>
          </thead>
          <tbody>
            {data.regions.map((region) => (
              <tr key={region.audiences.join()}>
                <td style={{ maxWidth: "none" }}>{region.audiences.map((one) => data.names[one]).join(" ∩ ")}</td>
                <td>{formatCount(region.within)}</td>
                <td>{formatCount(region.only)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function ContrastView({ id }: { id: string }) {
  const t = useText();
  const name = useFeatureName();
  const [days, setDays] = useState(7);
  const { data, error, refetch } = useGet<AudienceContrast>(`/audiences/${id}/contrast?days=${days}`, { keep: true });
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <Bones lines={8} height={300} />;
  return (
    <>
      <div className="row wrap">
        <Select
          value={days}
          onChange={setDays}
          options={[1, 3, 7, 14, 28].map((value) => ({ value, label: t("insight.daysAgo", { n: value }) }))}
          popupMatchSelectWidth={false}
          aria-label={t("insight.contrast")}
        />
        <span className="num">{t("insight.stayed", { stayed: formatCount(data.stayed), lost: formatCount(data.lost) })}</span>
      </div>
      <p className="faint small">{t(data.enough ? "insight.contrast.hint" : "insight.contrast.few")}</p>
      {data.lines.length === 0 ? (
        <EmptyState title={t("insight.contrast.none")} />
      ) : (
        <table className="insight-table">
          <thead>
            <tr>
              <th>{t("insight.value")}</th>
              <th>{t("insight.stayedShare")}</th>
              <th>{t("insight.lostShare")}</th>
              <th>{t("insight.p")}</th>
            </tr>
          </thead>
          <tbody>
            {data.lines.slice(0, 30).map((line) => (
              <tr key={line.dimension + line.name + line.value}>
                <td style={{ maxWidth: "none" }}>
                  {name.title(line.dimension, line.name)} · {name.value(line.dimension, line.name, line.value)}
                </td>
                <td>{formatPercent(line.stayed_share)}</td>
                <td>{formatPercent(line.lost_share)}</td>
                <td className={line.significant ? "strong" : "faint"}>{line.p_adjusted < 0.001 ? "<0.001" : line.p_adjusted.toFixed(3)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
