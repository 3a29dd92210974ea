import type { CampaignState as State } from "../shared/campaign-types";
import { useText } from "./text";

const LOOK: Record<State, string> = { draft: "", scheduled: "accent", sending: "good", stopped: "warn", done: "" };

export function CampaignState({ state }: { state: State }) {
  const t = useText();
  return <span className={`tag ${LOOK[state]}`}>{t(`state.${state}`)}</span>;
}
