import { Link } from "react-router";
import type { Pipeline } from "../shared/api-types";
import { formatBytes, formatCount, formatDuration } from "../shared/formats";
import { When } from "../shared/Marks";
import { Panel } from "../shared/Page";
import "./overview.css";
import { useText } from "./text";

const SLOW_MS = 10_000;

/** The way of the data in five steps, each with how much, how late, and how many went wrong. */
export function PipelineStrip({ pipeline }: { pipeline: Pipeline }) {
  const t = useText();
  const { backlog } = pipeline;
  return (
    <Panel
      title={t("pipeline.title")}
      extra={
        <span className="faint small">
          {backlog.events > 0
            ? t("pipeline.backlog", { events: formatCount(backlog.events), bytes: formatBytes(backlog.bytes) })
            : t("pipeline.hint")}
        </span>
      }
    >
      <ol className="stages">
        {pipeline.stages.map(({ stage, count_24h, lag_ms, errors_24h }) => (
          <li key={stage}>
            <span className="row" style={{ gap: 7 }}>
              <span className={`dot ${errors_24h > 0 ? "bad" : lag_ms > SLOW_MS ? "warn" : "good"}`} />
              <span className="dim">{t(`pipeline.${stage}`)}</span>
            </span>
            <span className="stage-count num">{formatCount(count_24h)}</span>
            <span className="small faint num">{t("pipeline.lag", { lag: formatDuration(lag_ms) })}</span>
            {errors_24h > 0 ? (
              <Link to="/quarantine" className="small up num">
                {t("pipeline.errors", { n: formatCount(errors_24h) })}
              </Link>
            ) : (
              <span className="small faint">{t("pipeline.ok")}</span>
            )}
          </li>
        ))}
      </ol>
      {pipeline.sources.length > 0 && <SourceRows sources={pipeline.sources} />}
    </Panel>
  );
}

function SourceRows({ sources }: { sources: Pipeline["sources"] }) {
  const t = useText();
  return (
    <div className="scroll-x" style={{ marginTop: 14 }}>
      <table className="plain-table num source-rows">
        <thead>
          <tr>
            <th>{t("pipeline.source")}</th>
            <th className="end">{t("pipeline.count")}</th>
            <th className="end">{t("pipeline.last")}</th>
            <th className="end">{t("pipeline.err")}</th>
          </tr>
        </thead>
        <tbody>
          {sources.map((source) => (
            <tr key={source.source_id}>
              <td>
                <Link to={`/sources/${source.source_id}`}>{source.name}</Link>
              </td>
              <td className="end">{formatCount(source.count_24h)}</td>
              <td className="end nowrap">
                <When at={source.last_at} />
              </td>
              <td className={source.errors_24h > 0 ? "end up" : "end faint"}>{formatCount(source.errors_24h)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
