/** Persons flowing from stages on the left to stages on the right: plain SVG, every ribbon a button. */
import { useState } from "react";
import { formatCount } from "../shared/formats";
import { useWidth } from "../shared/charts/useWidth";
import type { Flow, Flows } from "./lifecycle";
import { STAGES } from "./lifecycle";
import { layOut, spread } from "./sankey";
import { useText } from "./text";

type Props = { data: Flows; name: (stage: string) => string; chosen: Flow | null; onChoose: (flow: Flow) => void };

const ORDER = ["", ...STAGES];
const BAR = 12;

export function Sankey({ data, name, chosen, onChoose }: Props) {
  const t = useText();
  const { box, width } = useWidth();
  const [over, setOver] = useState<string | null>(null);
  const narrow = width < 520;
  const height = narrow ? 380 : 340;
  const side = narrow ? 66 : 124;
  const { left, right, ribbons } = layOut(data.flows, ORDER, height, narrow ? 22 : 16, 3);
  const start = side;
  const end = Math.max(start + 60, width - side);
  const color = (stage: string) => (stage ? `var(--stage-${stage})` : "var(--line-strong)");
  return (
    <div ref={box} className="sankey" style={{ minHeight: height }}>
      {width > 0 && (
        <svg width={width} height={height} role="group" aria-label={t("flow.label", { start: data.start, end: data.end, n: data.persons })}>
          {ribbons.map((ribbon) => {
            const key = `${ribbon.source} ${ribbon.target}`;
            const active = over === key || (chosen?.source === ribbon.source && chosen.target === ribbon.target);
            const faded = (over !== null || chosen !== null) && !active;
            const text = `${t("flow.of", { source: name(ribbon.source), target: name(ribbon.target) })}：${t("flow.persons", { n: ribbon.persons })}`;
            const middle = (start + BAR + end - BAR) / 2;
            const pick = () => onChoose({ source: ribbon.source as Flow["source"], target: ribbon.target as Flow["target"], persons: ribbon.persons });
            return (
              <path
                key={key}
                className={`ribbon${active ? " active" : ""}${faded ? " faded" : ""}`}
                d={`M${start + BAR},${ribbon.from}C${middle},${ribbon.from} ${middle},${ribbon.to} ${end - BAR},${ribbon.to}`}
                stroke={color(ribbon.source || ribbon.target)}
                strokeWidth={ribbon.thick}
                role="button"
                tabIndex={0}
                aria-label={text}
                onPointerEnter={() => setOver(key)}
                onPointerLeave={() => setOver(null)}
                onFocus={() => setOver(key)}
                onBlur={() => setOver(null)}
                onClick={pick}
                onKeyDown={(event) => event.key === "Enter" && pick()}
              >
                <title>{text}</title>
              </path>
            );
          })}
          {[
            { bars: left, x: start, text: start - 8, anchor: "end" as const },
            { bars: right, x: end - BAR, text: end + 8, anchor: "start" as const },
          ].map(({ bars, x, text, anchor }) =>
            bars.map((bar, index) => {
              const y = spread(bars, narrow ? 30 : 20, height)[index]!;
              return (
                <g key={`${anchor} ${bar.name}`}>
                  <rect x={x} y={bar.y} width={BAR} height={bar.height} rx={Math.min(3, bar.height / 2)} fill={color(bar.name)} />
                  <text x={text} y={narrow ? y - 3 : y + 5} textAnchor={anchor} className="bar-name">
                    {name(bar.name)}
                    {!narrow && <tspan className="bar-count"> {formatCount(bar.persons)}</tspan>}
                  </text>
                  {narrow && (
                    <text x={text} y={y + 12} textAnchor={anchor} className="bar-count">
                      {formatCount(bar.persons)}
                    </text>
                  )}
                </g>
              );
            }),
          )}
        </svg>
      )}
    </div>
  );
}
