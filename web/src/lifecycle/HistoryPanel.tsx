/** Persons in each stage on every day, as bands on top of each other. */
import { Segmented } from "antd";
import { useState } from "react";
import { ErrorState } from "../shared/ErrorState";
import "../shared/charts/charts.css";
import { labelEvery, ticksFor } from "../shared/charts/scale";
import { useWidth } from "../shared/charts/useWidth";
import { useStageName } from "../shared/catalog";
import { formatCount } from "../shared/formats";
import { Bones, Panel } from "../shared/Page";
import { useGet } from "../shared/query";
import { today, useTimezone } from "../shared/timezone";
import { STAGES, type StageDay } from "./lifecycle";
import { useText } from "./text";

const HEIGHT = 240;
const TOP = 10;
const BOTTOM = 24;

export function HistoryPanel() {
  const t = useText();
  const [days, setDays] = useState(90);
  const [view, setView] = useState<"chart" | "table">("chart");
  const start = today(useTimezone(), days - 1);
  const { data, error, refetch } = useGet<{ days: StageDay[] }>(`/lifecycle/history?start=${start}`, { keep: true });
  return (
    <Panel
      title={t("history.title")}
      extra={
        <>
          <Segmented size="small" value={days} onChange={setDays} options={[30, 90, 365].map((n) => ({ value: n, label: t("days", { n }) }))} />
          <Segmented
            size="small"
            value={view}
            onChange={setView}
            options={[
              { value: "chart", label: t("history.chart") },
              { value: "table", label: t("history.table") },
            ]}
          />
        </>
      }
    >
      {data ? view === "chart" ? <Bands days={data.days} /> : <Table days={data.days} /> : error ? <ErrorState error={error} retry={() => void refetch()} /> : <Bones lines={5} height={HEIGHT} />}
    </Panel>
  );
}

function Bands({ days }: { days: StageDay[] }) {
  const t = useText();
  const name = useStageName();
  const { box, width } = useWidth();
  const [at, setAt] = useState<number | null>(null);
  const sums = days.map(({ stages }) => STAGES.reduce((sum, stage) => sum + stages[stage], 0));
  const ticks = ticksFor(Math.max(0, ...sums));
  const top = ticks.at(-1) ?? 1;
  const left = Math.max(...ticks.map((tick) => formatCount(tick).length)) * 7 + 12;
  const x = (index: number) => left + ((width - left - 14) * index) / Math.max(1, days.length - 1);
  const y = (value: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top);
  const below = days.map(() => 0);
  const bands = STAGES.map((stage) => {
    const low = [...below];
    days.forEach(({ stages }, index) => (below[index]! += stages[stage]));
    const up = below.map((value, index) => `${index ? "L" : "M"}${x(index)},${y(value)}`).join("");
    const down = low.map((value, index) => `L${x(index)},${y(value)}`).toReversed().join("");
    return { stage, d: `${up}${down}Z` };
  });
  const every = labelEvery(days.length, width - left);
  const chosen = days[at ?? days.length - 1];
  return (
    <>
      <div ref={box} className="chart" style={{ height: HEIGHT }}>
        {width > 0 && (
          <svg
            width={width}
            height={HEIGHT}
            role="img"
            aria-label={t("history.title")}
            tabIndex={0}
            onPointerMove={(event) => {
              const inside = event.clientX - event.currentTarget.getBoundingClientRect().left - left;
              setAt(Math.min(days.length - 1, Math.max(0, Math.round((inside / (width - left - 14)) * (days.length - 1)))));
            }}
            onPointerLeave={() => setAt(null)}
            onBlur={() => setAt(null)}
            onKeyDown={(event) => {
              const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
              if (step) setAt((now) => Math.min(days.length - 1, Math.max(0, (now ?? days.length - 1) + step)));
            }}
          >
            {ticks.map((tick) => (
              <g key={tick}>
                <line className="grid" x1={left} x2={width} y1={y(tick)} y2={y(tick)} />
                <text x={left - 8} y={y(tick) + 4} textAnchor="end">
                  {formatCount(tick)}
                </text>
              </g>
            ))}
            {bands.map(({ stage, d }) => (
              <path key={stage} d={d} style={{ fill: `var(--stage-${stage})`, opacity: 0.85 }} />
            ))}
            {days.map(({ date }, index) =>
              (days.length - 1 - index) % every === 0 ? (
                <text key={date} x={Math.min(x(index), width - 18)} y={HEIGHT - 6} textAnchor="middle">
                  {date.slice(5)}
                </text>
              ) : null,
            )}
            {at !== null && <line className="cursor" x1={x(at)} x2={x(at)} y1={TOP} y2={y(0)} />}
          </svg>
        )}
      </div>
      {chosen && (
        <ul className="stage-legend" aria-live="polite">
          <li className="num faint">{chosen.date}</li>
          {STAGES.map((stage) => (
            <li key={stage}>
              <span className="dot" style={{ background: `var(--stage-${stage})` }} />
              <span className="dim">{name(stage)}</span>
              <span className="num strong">{formatCount(chosen.stages[stage])}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Table({ days }: { days: StageDay[] }) {
  const t = useText();
  const name = useStageName();
  return (
    <div style={{ maxHeight: HEIGHT + 40, overflow: "auto" }}>
      <table className="plain-table num">
        <thead>
          <tr>
            <th>{t("history.date")}</th>
            {STAGES.map((stage) => (
              <th key={stage} className="end">
                {name(stage)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {days.toReversed().map(({ date, stages }) => (
            <tr key={date}>
              <td>{date}</td>
              {STAGES.map((stage) => (
                <td key={stage} className="end">
                  {formatCount(stages[stage])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
