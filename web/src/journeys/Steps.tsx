/** The journey as a list to read: each step in order, side ways indented below the step they leave. */
import { useBilingual } from "../shared/i18n/i18n";
import { formatCount, formatPercent } from "../shared/formats";
import { groupOf, useBoard, useBranches, useBranchLabel, useBrief, useStepName } from "./board";
import { branchesOf, edgeAt, inOrder, nodeOf, type Placed } from "./graph";
import { Refusals } from "./Refusals";
import { AddHere, KindIcon } from "./Step";
import { useText } from "./text";

type Props = { selected: string[]; onSelect: (ids: string[]) => void };

export function Steps({ selected, onSelect }: Props) {
  const t = useText();
  const { graph, kinds } = useBoard();
  const steps = inOrder(graph, kinds);
  return (
    <ol className="steps" aria-label={t("list.label")}>
      {steps.map((step) => (
        <StepLine key={step.node.id} {...step} steps={steps} chosen={selected.includes(step.node.id)} onSelect={onSelect} />
      ))}
    </ol>
  );
}

type LineProps = Placed & { steps: Placed[]; chosen: boolean; onSelect: (ids: string[]) => void };

function StepLine({ node, depth, by, steps, chosen, onSelect }: LineProps) {
  const t = useText();
  const say = useBilingual();
  const { graph, kinds, problems, flows } = useBoard();
  const branchLabel = useBranchLabel();
  const from = nodeOf(graph, by?.from);
  const brief = useBrief()(node);
  const name = useStepName()(node);
  const faults = problems.get(node.id) ?? [];
  const flow = flows?.[node.id];
  const named = by && branchesOf(from, kinds).length > 1;
  return (
    <li style={{ marginInlineStart: Math.min(depth, 4) * 18 }}>
      {named && <p className="faint small step-by">{branchLabel(from, by.branch)}</p>}
      <button
        type="button"
        className={`step-line${faults.length ? " faulty" : ""}`}
        aria-pressed={chosen}
        onClick={() => onSelect([node.id])}
      >
        <KindIcon group={groupOf(kinds.get(node.kind))} />
        <span className="grow">
          <span className="strong">{name}</span>
          <span className="dim small step-brief">{brief}</span>
          {faults.map((fault, index) => (
            <span key={index} className="up small step-brief">
              {say(fault)}
            </span>
          ))}
          {flow && (
            <span className="step-counts num">
              {(["in", "waiting", "out"] as const).map((key) => (
                <span key={key}>
                  <span className="faint">{t(`node.${key}`)}</span> {formatCount(flow[key])}
                </span>
              ))}
            </span>
          )}
        </span>
      </button>
      {flow && (
        <dl className="step-counts">
          <Refusals refused={flow.refused} />
        </dl>
      )}
      <SideWays node={node} steps={steps} />
    </li>
  );
}

/** Branches that lead to a step listed elsewhere, or nowhere yet. */
function SideWays({ node, steps }: Pick<LineProps, "node" | "steps">) {
  const t = useText();
  const { graph, kinds, flows, edit } = useBoard();
  const name = useStepName();
  const branches = useBranches()(node);
  const flow = flows?.[node.id];
  const lines = branches.flatMap(({ name: branch, label, open, count }) => {
    const next = nodeOf(graph, edgeAt(graph, kinds, { from: node.id, branch })?.to);
    const below = steps.find((step) => step.by?.from === node.id && step.by.branch === branch);
    const share = count !== null && flow?.out ? ` · ${formatPercent(count / flow.out)}` : "";
    if (below && !share) return [];
    const number = steps.findIndex((step) => step.node.id === next?.id) + 1;
    const where = below ? "" : open ? "" : t("list.goes", { n: number, name: name(next) });
    return open && !edit ? [] : [{ branch, label, open, text: `${label}${where && ` → ${where}`}${share}` }];
  });
  if (lines.length === 0) return null;
  return (
    <ul className="side-ways small faint">
      {lines.map(({ branch, text, open }) => (
        <li key={branch} className="row">
          {open && <AddHere spot={{ from: node.id, branch }} />}
          <span>{text}</span>
        </li>
      ))}
    </ul>
  );
}
