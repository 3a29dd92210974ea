/** Why, or why not: the verdict in a sentence, then every step that led to it. */
import type { Trace, TraceStep } from "./api-types";
import { ErrorState } from "./ErrorState";
import { useBilingual } from "./i18n/i18n";
import { When } from "./Marks";
import { Bones } from "./Page";
import { useGet } from "./query";

const GOOD = new Set(["entered", "treated", "queued", "finished", "message_sent", "sent", "resumed"]);
const NOTABLE =
  /^(held_out|holdout|refused|postponed|exited|retired|parked|message_(failed|refused|in_doubt)|no_event|not_|paused|retired_before|before_publish|too_old|once_only|reentry_window|failed|in_doubt)/;

function toneOf(code: string): string {
  if (NOTABLE.test(code)) return "warn";
  return GOOD.has(code) ? "good" : "";
}

export function TraceFor({ personId, journeyId }: { personId: string; journeyId: string }) {
  const say = useBilingual();
  const { data, error, refetch } = useGet<Trace>(
    `/persons/${personId}/trace?journey_id=${encodeURIComponent(journeyId)}`,
  );
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <Bones lines={4} height={160} />;
  return (
    <div className="stack">
      <p className={toneOf(data.verdict.code) === "warn" ? "note warn" : "note"}>{say(data.verdict.text)}</p>
      <TraceSteps steps={data.steps} />
    </div>
  );
}

export function TraceSteps({ steps }: { steps: TraceStep[] }) {
  const say = useBilingual();
  return (
    <ol className="trace">
      {steps.map((step, index) => (
        <li key={index}>
          <span className={`dot ${toneOf(step.code)}`} />
          <span className="grow">{say(step.text) || step.code}</span>
          <span className="faint small">
            <When at={step.at} to="second" />
          </span>
        </li>
      ))}
    </ol>
  );
}
