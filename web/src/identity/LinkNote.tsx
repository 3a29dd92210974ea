/** What is known of one link: where it came from, what stands against it, who decided. */
import { useTime } from "../shared/formats";
import { ActButton } from "../shared/may";
import { pairOf, useNodeText, useSourceName, useWhy, type Edge, type History, type Node } from "./identity";
import { useText } from "./text";

export const STATE_TAG = { stands: "good", yields: "warn", removed: "", void: "" } as const;

/** The last word about a link, from the history. */
export function useVerdict(history: History): (edge: Edge) => string {
  const t = useText();
  const why = useWhy();
  return (edge) => {
    const about = history.steps.filter((step) => pairOf(step) === pairOf(edge) && step.step !== "linked");
    const last = about.at(-1);
    if (edge.state === "void") return t("verdict.void");
    if (!last) return edge.manual ? t("verdict.manual") : "";
    if (last.step === "yielded") return why(last.reason.split(" ")[0] ?? "", last.reason.split(" ")[1] ?? "");
    const by = last.actor ? t("verdict.by", { actor: last.actor }) : "";
    return [by, last.actor && last.reason].filter(Boolean).join(" · ");
  };
}

type Props = { edge: Edge | undefined; byId: Map<number, Node>; history: History; cut: (edge: Edge) => void };

export function LinkNote({ edge, byId, history, cut }: Props) {
  const t = useText();
  const time = useTime();
  const nodeText = useNodeText();
  const sourceName = useSourceName();
  const verdict = useVerdict(history);
  if (!edge) return <div className="arc-note faint">{t("graph.pick")}</div>;
  const said = verdict(edge);
  return (
    <div className="arc-note" aria-live="polite">
      <div className="grow">
        <div className="strong">
          {nodeText(byId.get(edge.one))} – {nodeText(byId.get(edge.two))}
        </div>
        <div className="dim small">
          {t("link.from", { at: time.minute(edge.at), source: sourceName(edge.source_id) })}
          {said && ` · ${said}`}
        </div>
      </div>
      <span className={`tag ${STATE_TAG[edge.state]}`}>{t(`state.${edge.state}`)}</span>
      {edge.state === "stands" && (
        <ActButton size="small" danger onClick={() => cut(edge)}>
          {t("unlink")}
        </ActButton>
      )}
    </div>
  );
}
