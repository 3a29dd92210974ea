/** A daily trend: pick a measure, see the line, or read the same numbers as a table. */
import { Segmented } from "antd";
import { useState, type ReactNode } from "react";
import { formatCount } from "../formats";
import { Panel } from "../Page";
import { TrendChart } from "./TrendChart";

export type Measure = { key: string; label: string; format?: (value: number) => string; bars?: boolean };
type Point = { date: string } & Record<string, number | string>;
type Props = {
  title: string;
  points: Point[];
  measures: Measure[];
  words: { chart: string; table: string; date: string };
  extra?: ReactNode;
  height?: number;
};

export function TrendPanel({ title, points, measures, words, extra, height = 260 }: Props) {
  const [key, setKey] = useState(measures[0]!.key);
  const [view, setView] = useState<"chart" | "table">("chart");
  const measure = measures.find((item) => item.key === key) ?? measures[0]!;
  return (
    <Panel
      title={title}
      extra={
        <>
          {extra}
          <Segmented
            size="small"
            value={key}
            onChange={setKey}
            options={measures.map((item) => ({ value: item.key, label: item.label }))}
          />
          <Segmented
            size="small"
            value={view}
            onChange={setView}
            options={[
              { value: "chart", label: words.chart },
              { value: "table", label: words.table },
            ]}
          />
        </>
      }
    >
      <div style={view === "table" ? { height, overflow: "auto" } : { height }}>
        {view === "chart" ? (
          <TrendChart
            points={points.map((point) => ({ date: point.date, value: Number(point[measure.key] ?? 0) }))}
            height={height}
            label={`${title}: ${measure.label}`}
            format={measure.format ?? formatCount}
            bars={Boolean(measure.bars)}
          />
        ) : (
          <TrendTable points={points} measures={measures} date={words.date} />
        )}
      </div>
    </Panel>
  );
}

function TrendTable({ points, measures, date }: { points: Point[]; measures: Measure[]; date: string }) {
  return (
    <table className="plain-table num">
      <thead>
        <tr>
          <th>{date}</th>
          {measures.map((measure) => (
            <th key={measure.key} className="end">
              {measure.label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {points.toReversed().map((point) => (
          <tr key={point.date}>
            <td>{point.date}</td>
            {measures.map((measure) => (
              <td key={measure.key} className="end">
                {(measure.format ?? formatCount)(Number(point[measure.key] ?? 0))}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
