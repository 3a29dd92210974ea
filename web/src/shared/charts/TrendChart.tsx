/**
 * A line or bars over days, drawn as plain SVG: a charting library would weigh more than the rest of the first page.
 * Hover or the arrow keys read single days; the table view beside it says the same in words.
 */
import { useState, type KeyboardEvent, type PointerEvent } from "react";
import "./charts.css";
import { labelEvery, ticksFor } from "./scale";
import { useWidth } from "./useWidth";

type Point = { date: string; value: number };
type Props = { points: Point[]; height: number; label: string; format: (value: number) => string; bars: boolean };

const TOP = 12;
const BOTTOM = 24;
// Half a date, so that the last one isn't cut.
const RIGHT = 14;

export function TrendChart({ points, height, label, format, bars }: Props) {
  const { box, width } = useWidth();
  const [at, setAt] = useState<number | null>(null);
  const ticks = ticksFor(Math.max(0, ...points.map(({ value }) => value)));
  const top = ticks.at(-1) ?? 1;
  const axis = ticks.map((tick) => format(tick).replace(/\.00$/, ""));
  const left = Math.max(...axis.map((text) => text.length)) * 7 + 12;
  const slot = points.length > 0 ? Math.max(0, width - left - RIGHT) / points.length : 0;
  const x = (index: number) => left + slot * (index + 0.5);
  const y = (value: number) => TOP + (height - TOP - BOTTOM) * (1 - Math.max(0, value) / top);
  const every = labelEvery(points.length, width - left);
  const follow = (event: PointerEvent<SVGSVGElement>) => {
    const inside = event.clientX - event.currentTarget.getBoundingClientRect().left - left;
    setAt(Math.min(points.length - 1, Math.max(0, Math.floor(inside / slot))));
  };
  const step = (event: KeyboardEvent) => {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!move) return;
    event.preventDefault();
    setAt((now) => Math.min(points.length - 1, Math.max(0, (now ?? points.length - 1) + move)));
  };
  const chosen = at === null ? null : points[at];
  const path = points.map(({ value }, index) => `${index ? "L" : "M"}${x(index)},${y(value)}`).join("");
  return (
    <div ref={box} className="chart" style={{ height }}>
      {width > 0 && points.length > 0 && (
        <svg
          width={width}
          height={height}
          role="img"
          aria-label={label}
          tabIndex={0}
          onPointerMove={follow}
          onPointerLeave={() => setAt(null)}
          onBlur={() => setAt(null)}
          onKeyDown={step}
        >
          {ticks.map((tick, index) => (
            <g key={tick}>
              <line className="grid" x1={left} x2={width} y1={y(tick)} y2={y(tick)} />
              <text x={left - 8} y={y(tick) + 4} textAnchor="end">
                {axis[index]}
              </text>
            </g>
          ))}
          {points.map(({ date }, index) =>
            (points.length - 1 - index) % every === 0 ? (
              <text key={date} x={x(index)} y={height - 6} textAnchor="middle">
                {date.replace(/^\d{4}-/, "")}
              </text>
            ) : null,
          )}
          {bars ? (
            points.map(({ date, value }, index) => {
              const wide = Math.min(18, slot * 0.66);
              const tall = y(0) - y(value);
              return <rect key={date} className="bar" x={x(index) - wide / 2} y={y(value)} width={wide} height={tall} rx={Math.min(3, tall)} />;
            })
          ) : (
            <>
              <path className="area" d={`${path}L${x(points.length - 1)},${y(0)}L${x(0)},${y(0)}Z`} />
              <path className="line" d={path} />
            </>
          )}
          {chosen && at !== null && (
            <>
              <line className="cursor" x1={x(at)} x2={x(at)} y1={TOP} y2={y(0)} />
              {!bars && <circle className="spot" cx={x(at)} cy={y(chosen.value)} r={4} />}
            </>
          )}
        </svg>
      )}
      {chosen && at !== null && (
        <div className={x(at) > width / 2 ? "chart-tip before" : "chart-tip"} style={{ left: x(at) }} role="status">
          <span className="faint">{chosen.date}</span>
          <span className="strong">{format(chosen.value)}</span>
        </div>
      )}
    </div>
  );
}
