/** A daily trend: pick a measure, see the line, or read the same numbers as a table. */
import { Segmented } from "antd";
import { lazy, Suspense, useMemo, useState, type ReactNode } from "react";
import { formatCount } from "../formats";
import { Panel } from "../Page";
import { useDark } from "../preferences";
import type { ChartOption } from "./echarts";

const Chart = lazy(() => import("./Chart"));

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
  const dark = useDark();
  const measure = measures.find((item) => item.key === key) ?? measures[0]!;
  const option = useMemo(() => optionFor(points, measure, dark), [points, measure, dark]);
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
      <div style={{ height, overflow: "auto" }}>
        {view === "chart" ? (
          <Suspense fallback={<div style={{ height }} aria-busy="true" />}>
            <Chart option={option} height={height} label={`${title}: ${measure.label}`} />
          </Suspense>
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

function optionFor(points: Point[], measure: Measure, dark: boolean): ChartOption {
  const accent = dark ? "#6c86ec" : "#3f5fd6";
  const quiet = dark ? "#8d939e" : "#6f7682";
  const line = dark ? "#26282d" : "#e9ebef";
  const format = measure.format ?? formatCount;
  return {
    animationDuration: 200,
    grid: { left: 4, right: 10, top: 14, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    tooltip: {
      trigger: "axis",
      confine: true,
      backgroundColor: dark ? "#1e2024" : "#ffffff",
      borderColor: line,
      textStyle: { color: dark ? "#ecedee" : "#1c2024", fontSize: 13 },
      valueFormatter: (value) => format(Number(value)),
    },
    xAxis: {
      type: "category",
      data: points.map((point) => point.date),
      boundaryGap: Boolean(measure.bars),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: line } },
      axisLabel: { color: quiet, hideOverlap: true, formatter: (day: string) => day.slice(5) },
    },
    yAxis: {
      type: "value",
      minInterval: 1,
      splitNumber: 4,
      axisLabel: { color: quiet, formatter: (value: number) => format(value).replace(/\.00$/, "") },
      splitLine: { lineStyle: { color: line } },
    },
    series: [
      measure.bars
        ? {
            type: "bar",
            name: measure.label,
            data: points.map((point) => Number(point[measure.key] ?? 0)),
            itemStyle: { color: accent, borderRadius: [3, 3, 0, 0] },
            barMaxWidth: 18,
          }
        : {
            type: "line",
            name: measure.label,
            data: points.map((point) => Number(point[measure.key] ?? 0)),
            showSymbol: points.length < 3,
            lineStyle: { width: 2, color: accent },
            itemStyle: { color: accent },
            areaStyle: { color: accent, opacity: 0.08 },
          },
    ],
  };
}
