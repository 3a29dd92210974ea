import { Progress } from "antd";
import { api } from "../shared/api";
import { formatCount, formatPercent } from "../shared/formats";
import { lookup } from "../shared/i18n/i18n";
import { Code, When } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { useChange } from "../shared/query";
import { useText } from "./text";
import type { SuggestionDesk, SuggestionRun } from "./types";

/** Stages of a run and the share of the whole that is done when each begins. */
const STAGES = ["collecting", "reading", "learning", "comparing", "saving"];
const BEGINS = [0, 0.15, 0.35, 0.75, 0.95, 1];

export function isGoingOn(desk: SuggestionDesk): boolean {
  return desk.run?.state === "waiting" || desk.run?.state === "running";
}

function shareOf(run: SuggestionRun): number {
  const place = STAGES.indexOf(run.stage);
  if (place < 0) return 0;
  const [from, to] = [BEGINS[place]!, BEGINS[place + 1]!];
  return from + (to - from) * run.progress;
}

export function RunButton({ desk, primary }: { desk: SuggestionDesk; primary?: boolean }) {
  const t = useText();
  const start = useChange(() => api.post<SuggestionRun>("/suggestions/runs", {}), {
    nouns: ["suggestions"],
    done: t("run.started"),
  });
  return (
    <ActButton
      type={primary || desk.waiting === 0 ? "primary" : "default"}
      disabled={!desk.ready || isGoingOn(desk)}
      loading={start.isPending}
      onClick={() => start.mutate(undefined)}
    >
      {desk.run ? t("run.again") : t("run.start")}
    </ActButton>
  );
}

/** What the latest run did, or how far it is. */
export function RunPanel({ desk }: { desk: SuggestionDesk }) {
  const t = useText();
  const { run } = desk;
  return (
    <>
      {!desk.ready && (
        <div className="note warn stack">
          <p>{t("run.missing")}</p>
          <Code text={'pip install "siyu[suggest]"'} />
        </div>
      )}
      {run && isGoingOn(desk) && <Going run={run} />}
      {desk.accepting > 0 && <p className="note">{t("bulk.going", { count: formatCount(desk.accepting) })}</p>}
      {run?.state === "failed" && <p className="note bad">{t("run.failed", { why: run.failure ?? "" })}</p>}
      {run?.state === "done" && (
        <p className="dim">
          {t("run.last", { persons: formatCount(run.persons), found: formatCount(run.found) })} ·{" "}
          {run.learned ? t("run.learned") : t("run.assumed")} · <When at={run.finished_at} />
        </p>
      )}
    </>
  );
}

function Going({ run }: { run: SuggestionRun }) {
  const t = useText();
  const stop = useChange(() => api.post<SuggestionRun>(`/suggestions/runs/${run.id}/cancel`, {}), {
    nouns: ["suggestions"],
    done: t("run.cancelled"),
  });
  return (
    <div className="note" role="status">
      <div className="row wrap">
        <span className="strong">{lookup(t, "stage", run.stage || "waiting")}…</span>
        {run.persons > 0 && <span className="dim num">{t("run.persons", { persons: formatCount(run.persons) })}</span>}
        <span className="grow" />
        <ActButton size="small" loading={stop.isPending} onClick={() => stop.mutate(undefined)}>
          {t("run.cancel")}
        </ActButton>
      </div>
      <Progress percent={Math.floor(shareOf(run) * 100)} format={(percent) => formatPercent((percent ?? 0) / 100, 0)} />
      <p className="dim small">{t("run.note")}</p>
    </div>
  );
}
