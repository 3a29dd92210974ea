/** A step on the canvas, the lines between steps, and the buttons that grow the path. */
import {
  BranchesOutlined,
  ClockCircleOutlined,
  FlagOutlined,
  PlusOutlined,
  SendOutlined,
  ThunderboltOutlined,
} from "@ant-design/icons";
import { BaseEdge, EdgeLabelRenderer, Handle, Position, type Edge, type EdgeProps, type Node, type NodeProps } from "@xyflow/react";
import { Dropdown, Tooltip } from "antd";
import type { ReactNode } from "react";
import type { GraphNode } from "../shared/api-types";
import { formatCount, formatPercent } from "../shared/formats";
import { useBilingual } from "../shared/i18n/i18n";
import { groupOf, grouped, useBoard, useBranches, useBranchLabel, useBrief, useGroupName, useStepName, wentBy, type Branch, type Group } from "./board";
import { branchesOf, type Spot } from "./graph";
import { pathThrough, type Point } from "./layout";
import { Refusals } from "./Refusals";
import { useText } from "./text";

const ICONS: Record<Group, ReactNode> = {
  trigger: <ThunderboltOutlined />,
  wait: <ClockCircleOutlined />,
  branch: <BranchesOutlined />,
  action: <SendOutlined />,
  end: <FlagOutlined />,
};

export function KindIcon({ group }: { group: Group }) {
  return (
    <span className={`kind-icon ${group}`} aria-hidden>
      {ICONS[group]}
    </span>
  );
}

export type StepNode = Node<{ node: GraphNode }, "step">;
export type WayEdge = Edge<{ points: Point[]; spot: Spot }, "way">;

export function Step({ data: { node }, selected }: NodeProps<StepNode>) {
  const { kinds, problems, flows, edit } = useBoard();
  const say = useBilingual();
  const brief = useBrief()(node);
  const branches = useBranches()(node);
  const faults = problems.get(node.id);
  const kind = kinds.get(node.kind);
  const name = useStepName()(node);
  return (
    <div className={`step${selected ? " chosen" : ""}${faults ? " faulty" : ""}`}>
      {!kind?.trigger && <Handle type="target" position={Position.Top} isConnectable={edit !== null} />}
      <div className="step-head">
        <KindIcon group={groupOf(kind)} />
        <div className="grow">
          <div className="strong ellipsis">{name}</div>
          <div className="dim small ellipsis" title={brief}>
            {brief || " "}
          </div>
        </div>
      </div>
      {faults && (
        <div className="step-fault small ellipsis" title={faults.map(say).join("\n")}>
          {say(faults[0])}
          {faults.length > 1 && ` +${faults.length - 1}`}
        </div>
      )}
      {flows && <Counts node={node} />}
      {branches.length > 1 && <Ports branches={branches} />}
      {branches.map(({ name: branch, port, open }) => (
        <div key={branch} className="port" style={{ left: `${(port + 0.5) * 100}%` }}>
          <Handle type="source" id={branch} position={Position.Bottom} isConnectable={edit !== null} />
          {open && edit && (
            <span className="stub">
              <AddHere spot={{ from: node.id, branch }} />
            </span>
          )}
        </div>
      ))}
    </div>
  );
}

function Ports({ branches }: { branches: Branch[] }) {
  return (
    <div className="ports small">
      {branches.map(({ name, label, port }) => (
        <span key={name} className="ellipsis" title={label} style={{ left: `${(port + 0.5) * 100}%` }}>
          {label}
        </span>
      ))}
    </div>
  );
}

function Counts({ node }: { node: GraphNode }) {
  const t = useText();
  const flow = useBoard().flows?.[node.id];
  // Where some were held back too, four numbers don't fit: that nobody waits goes without saying.
  const shown = (["in", "waiting", "out"] as const).filter((key) => key !== "waiting" || flow?.waiting || !flow?.refused);
  return (
    <dl className="step-counts num">
      {shown.map((key) => (
        <div key={key}>
          <dt>{t(`node.${key}`)}</dt>
          <dd className={key === "waiting" && flow?.waiting ? "accent" : ""}>{formatCount(flow?.[key] ?? 0)}</dd>
        </div>
      ))}
      <Refusals refused={flow?.refused} />
    </dl>
  );
}

/** A plus that offers the kinds of steps which can stand here. */
export function AddHere({ spot, between = false }: { spot: Spot; between?: boolean }) {
  const t = useText();
  const say = useBilingual();
  const { graph, kinds, edit } = useBoard();
  const groupName = useGroupName();
  const label = useBranchLabel()(
    graph.nodes.find(({ id }) => id === spot.from),
    spot.branch,
  );
  const parts = grouped(kinds).filter(({ group }) => group !== "trigger" && !(between && group === "end"));
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items: parts.map((part) => ({
          key: part.group,
          type: "group" as const,
          label: groupName(part.group),
          children: part.kinds.map((kind) => ({
            key: kind.kind,
            icon: <KindIcon group={part.group} />,
            label: say(kind.label),
            onClick: ({ domEvent }) => {
              domEvent.stopPropagation();
              edit?.add(kind, spot);
            },
          })),
        })),
        className: "add-menu",
      }}
    >
      <button
        type="button"
        className="add-here nodrag nopan"
        aria-label={t("canvas.addAfter", { branch: label })}
        onClick={(event) => event.stopPropagation()}
      >
        <PlusOutlined />
      </button>
    </Dropdown>
  );
}

export function Way({ data, selected, markerEnd }: EdgeProps<WayEdge>) {
  const t = useText();
  const { graph, kinds, flows, edit } = useBoard();
  const { points, spot } = data!;
  const { path, middle } = pathThrough(points);
  const flow = flows?.[spot.from];
  const branches = branchesOf(
    graph.nodes.find(({ id }) => id === spot.from),
    kinds,
  );
  const went = flows ? wentBy(flow, spot.branch, branches) : null;
  const share = went !== null && flow && flow.out > 0 && branches.length > 1 ? went / flow.out : null;
  return (
    <>
      <BaseEdge path={path} markerEnd={markerEnd ?? ""} interactionWidth={18} className={selected ? "way chosen" : "way"} />
      <EdgeLabelRenderer>
        <div className="way-label nodrag nopan" style={{ transform: `translate(-50%, -50%) translate(${middle.x}px, ${middle.y}px)` }}>
          {went !== null && (
            <Tooltip title={t("canvas.went", { n: formatCount(went) })}>
              <span className="way-share num">{share === null ? formatCount(went) : formatPercent(share)}</span>
            </Tooltip>
          )}
          {edit && selected && (
            <button
              type="button"
              className="add-here cut"
              aria-label={t("canvas.cut")}
              title={t("canvas.cut")}
              onClick={() => edit.disconnect(spot)}
            >
              ×
            </button>
          )}
          {edit && !selected && <AddHere spot={spot} between />}
        </div>
      </EdgeLabelRenderer>
    </>
  );
}
