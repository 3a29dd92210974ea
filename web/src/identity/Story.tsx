/** How identifiers became one person, step by step in plain words; each step can be taken back. */
import { useTime } from "../shared/formats";
import { ActButton } from "../shared/may";
import { pairOf, useNodeText, useSourceName, useWhy, type Edge, type History, type Node, type Step } from "./identity";
import { useText } from "./text";

/** Steps one decision took in the same way are told as one. */
type Told = Step & { times: number };

function tell(history: History): Told[] {
  const told: Told[] = [];
  const sorted = history.steps.toSorted((one, other) => one.at.localeCompare(other.at));
  for (const step of sorted) {
    const same = told.find((one) => step.decision > 0 && one.decision === step.decision && one.step === step.step);
    if (same) same.times += 1;
    else told.push({ ...step, times: 1 });
  }
  return told;
}

function useSentence(byId: Map<number, Node>): (step: Told) => string {
  const t = useText();
  const nodeText = useNodeText();
  const sourceName = useSourceName();
  const why = useWhy();
  return (step) => {
    const [code = "", kind = ""] = step.reason.split(" ");
    const name = step.step === "set apart" ? "set_apart" : step.step;
    const params = {
      one: nodeText(byId.get(step.one)),
      two: nodeText(byId.get(step.two)),
      actor: step.actor,
      n: step.times,
      source: step.step === "linked" ? sourceName(step.reason) : "",
      why: step.step === "yielded" ? why(code, kind) : "",
    };
    if (name === "removed" && step.verb === "split") return t("step.split", params);
    if (name === "restored" && step.times > 1) return t("step.restored.many", params);
    return t(`step.${name}`, params);
  };
}

type Props = {
  history: History;
  byId: Map<number, Node>;
  links: Edge[];
  cut: (step: Step) => void;
  undo: (decision: number) => void;
};

export function Story({ history, byId, links, cut, undo }: Props) {
  const t = useText();
  const time = useTime();
  const sentence = useSentence(byId);
  const told = tell(history);
  const standing = new Set(links.filter(({ state }) => state === "stands").map(pairOf));
  // Undoing is offered once for a decision, where it was made.
  const made = new Map<number, Told>();
  for (const step of told) if (step.decision > 0 && !made.has(step.decision)) made.set(step.decision, step);
  if (told.length === 0) return <p className="faint">{t("story.empty")}</p>;
  return (
    <ol className="story">
      {told.map((step, index) => {
        const first = made.get(step.decision) === step;
        const said = step.step === "linked" || step.step === "yielded" ? "" : step.reason;
        return (
          <li key={index} className={`${step.decision ? "human" : ""} ${first && step.undone ? "undone" : ""}`}>
            <span className="faint small num nowrap">{time.minute(step.at)}</span>
            <span className="grow">
              <span className="said">{sentence(step)}</span>
              {said && <span className="faint small"> {t("story.reason", { reason: said })}</span>}
            </span>
            {first && step.undone && <span className="tag">{t("story.undone")}</span>}
            {first && !step.undone && (
              <ActButton size="small" onClick={() => undo(step.decision)}>
                {t("undo")}
              </ActButton>
            )}
            {step.step === "linked" && standing.has(pairOf(step)) && (
              <ActButton size="small" type="text" onClick={() => cut(step)}>
                {t("unlink")}
              </ActButton>
            )}
          </li>
        );
      })}
    </ol>
  );
}
