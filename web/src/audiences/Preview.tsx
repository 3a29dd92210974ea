/** How many people the rule picks right now, in numbers and in words. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, ApiError } from "../shared/api";
import type { AudiencePreview, Rule, RuleCheck } from "../shared/api-types";
import { useErrorText } from "../shared/ErrorState";
import { formatCount, formatDuration, formatPercent } from "../shared/formats";
import { useBilingual } from "../shared/i18n/i18n";
import { PersonLink, StageTag } from "../shared/Marks";
import { Panel } from "../shared/Page";
import { isComplete, type Fault } from "./rules";
import { useText } from "./text";

function useDebounced<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(value), ms);
    return () => window.clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

export function usePreview(rule: Rule) {
  const settled = useDebounced(rule, 400);
  const ready = isComplete(settled);
  const query = useQuery<AudiencePreview, Error>({
    queryKey: ["audience-preview", JSON.stringify(settled)],
    queryFn: ({ signal }) => api.post<AudiencePreview>("/audiences/preview", { rule: settled }, { signal, asks: true }),
    enabled: ready,
    placeholderData: keepPreviousData,
    staleTime: 5000,
  });
  const check = useQuery<RuleCheck, Error>({
    queryKey: ["audience-check", JSON.stringify(settled)],
    queryFn: ({ signal }) => api.post<RuleCheck>("/audiences/check", { rule: settled }, { signal, asks: true }),
    enabled: ready,
    staleTime: 60_000,
  });
  const faults: Fault[] = ready && query.error instanceof ApiError ? (query.error.problem.errors ?? []) : [];
  const notes: Fault[] = ready ? (check.data?.notes ?? []) : [];
  return { query, ready, faults, notes };
}

export function PreviewPanel({ preview }: { preview: ReturnType<typeof usePreview> }) {
  const t = useText();
  const say = useBilingual();
  const errorText = useErrorText();
  const { query, ready, faults } = preview;
  const { data } = query;
  return (
    <Panel
      className="preview"
      title={t("preview.title")}
      extra={
        <span className="faint small num" aria-live="polite">
          {ready && query.isFetching ? t("preview.counting") : data && ready && !query.error ? t("preview.took", { took: formatDuration(data.took_ms) }) : ""}
        </span>
      }
    >
      <div className="body stack">
        {!ready ? (
          <p className="faint">{t("preview.wait")}</p>
        ) : query.error ? (
          <p className="up" role="alert">
            {faults.length > 0 ? t("preview.fix") : errorText(query.error)}
          </p>
        ) : data ? (
          <>
            <div>
              <span className="count">{formatCount(data.count)}</span> <span className="dim">{t("preview.people")}</span>
              <p className="faint small num">
                {t("preview.share", {
                  everyone: formatCount(data.everyone),
                  share: formatPercent(data.everyone ? data.count / data.everyone : null),
                })}
              </p>
            </div>
            <div className="meter" aria-hidden>
              <span style={{ width: `${data.everyone ? (data.count / data.everyone) * 100 : 0}%` }} />
            </div>
            <div>
              <p className="faint small">{t("preview.reading")}</p>
              <p className="reading">{say(data.reading)}</p>
            </div>
            {data.sample.length > 0 && (
              <div className="col" style={{ gap: 4 }}>
                <p className="faint small">{t("preview.sample")}</p>
                {data.sample.map((person) => (
                  <span key={person.id} className="row between">
                    <PersonLink id={person.id} name={person.name} />
                    <StageTag stage={person.stage} />
                  </span>
                ))}
              </div>
            )}
          </>
        ) : (
          <>
            <div className="bone" style={{ height: 36, width: "60%" }} />
            <div className="bone" style={{ width: "80%" }} />
          </>
        )}
      </div>
    </Panel>
  );
}
