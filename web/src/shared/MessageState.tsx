import type { MessageState as State } from "./api-types";
import { useCommon } from "./i18n/common";
import { lookup } from "./i18n/i18n";

const LOOK: Record<State, string> = {
  queued: "",
  sending: "accent",
  waiting: "accent",
  sent: "good",
  recorded: "accent",
  failed: "bad",
  refused: "warn",
  in_doubt: "bad",
};

export function MessageState({ state }: { state: State }) {
  const t = useCommon();
  return <span className={`tag ${LOOK[state] ?? ""}`}>{lookup(t, "messageState", state)}</span>;
}
