/** How the size went: every day, and at each refresh. */
import { Segmented } from "antd";
import { useState } from "react";
import { TrendChart } from "../shared/charts/TrendChart";
import { ErrorState } from "../shared/ErrorState";
import { formatCount } from "../shared/formats";
import { When } from "../shared/Marks";
import { Bones } from "../shared/Page";
import { useGet } from "../shared/query";
import { dayOn, useTimezone } from "../shared/timezone";
import "./rules.css";
import { useText } from "./text";

type Point = { at: string; size: number };

export function SizesTab({ id }: { id: string }) {
  const t = useText();
  const zone = useTimezone();
  const [view, setView] = useState<"chart" | "table">("chart");
  const { data, error, refetch } = useGet<Point[]>(`/audiences/${id}/sizes`);
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <Bones lines={6} height={260} />;
  return (
    <div className="stack" style={{ paddingBottom: 12 }}>
      <Segmented
        value={view}
        onChange={setView}
        style={{ alignSelf: "flex-start" }}
        options={(["chart", "table"] as const).map((value) => ({ value, label: t(`sizes.${value}`) }))}
      />
      {view === "chart" ? (
        <TrendChart
          points={daily(data, zone)}
          height={260}
          label={t("detail.sizes")}
          format={formatCount}
          bars={daily(data, zone).length < 3}
        />
      ) : (
        <table className="insight-table">
          <thead>
            <tr>
              <th>{t("change.at")}</th>
              <th>{t("col.size")}</th>
            </tr>
          </thead>
          <tbody>
            {data.toReversed().map((point, index) => (
              <tr key={point.at + String(index)}>
                <td>
                  <When at={point.at} to="second" />
                </td>
                <td>{formatCount(point.size)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

/** The last size of each day of the zone. */
function daily(points: Point[], zone: string): { date: string; value: number }[] {
  const days = new Map(points.map((point) => [dayOn(point.at, zone), point.size]));
  return [...days].map(([date, value]) => ({ date, value }));
}
