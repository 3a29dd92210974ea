import type { JourneyState as State, RunState } from "../shared/api-types";
import { useText } from "./text";

const LOOK: Record<State, string> = { draft: "", live: "good", paused: "warn", retired: "" };
const RUN_LOOK: Record<RunState, string> = { waiting: "accent", done: "good", exited: "", holdout: "warn", parked: "bad" };

export function JourneyState({ state }: { state: State }) {
  const t = useText();
  return <span className={`tag ${LOOK[state]}`}>{t(`state.${state}`)}</span>;
}

export function RunMark({ state }: { state: RunState }) {
  const t = useText();
  return <span className={`tag ${RUN_LOOK[state]}`}>{t(`run.${state}`)}</span>;
}
