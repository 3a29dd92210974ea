/** The journey as a picture. It lays itself out; what is drawn on it are lines, and steps are dropped into it. */
import {
  Background,
  Controls,
  MarkerType,
  MiniMap,
  Position,
  ReactFlow,
  useReactFlow,
  useStore,
  type Connection,
  type EdgeChange,
  type NodeChange,
  type NodeHandle,
} from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { useEffect, useMemo, type KeyboardEvent } from "react";
import { useDark, useStill } from "../shared/preferences";
import { sizeOf, useBoard, useBranches, useStepName, type Board } from "./board";
import { canConnect, inOrder, type Spot } from "./graph";
import "./journeys.css";
import { place, type Layout } from "./layout";
import { Step, Way, type StepNode, type WayEdge } from "./Step";
import { useText } from "./text";
import { useDrop } from "./useDrop";
import { neighbour, type Arrow } from "./useKeys";

const TYPES = { step: Step };
const LINES = { way: Way };
const MAP_FROM = 14;

type Props = {
  selected: string[];
  onSelect: (ids: string[]) => void;
  line: Spot | null;
  onLine: (spot: Spot | null) => void;
};

export default function Canvas({ selected, onSelect, line, onLine }: Props) {
  const t = useText();
  const dark = useDark();
  const board = useBoard();
  const { graph, kinds, edit } = board;
  const layout = useMemo(() => place(graph, kinds, sizer(board)), [board]);
  const drop = useDrop(layout);
  const nodes = useNodes(layout, selected, drop.aimed);
  const edges = useMemo(() => edgesOf(layout, line), [layout, line]);
  const onNodesChange = (changes: NodeChange<StepNode>[]) => {
    const picked = new Set(selected);
    for (const change of changes) {
      if (change.type === "select") picked[change.selected ? "add" : "delete"](change.id);
    }
    if (changes.some(({ type }) => type === "select")) onSelect([...picked]);
  };
  const onEdgesChange = (changes: EdgeChange<WayEdge>[]) => {
    for (const change of changes) {
      if (change.type !== "select") continue;
      const spot = edges.find(({ id }) => id === change.id)?.data?.spot;
      if (change.selected && spot) onLine(spot);
      else if (spot && line && spot.from === line.from && spot.branch === line.branch) onLine(null);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = event.key.startsWith("Arrow") && selected.at(-1) && neighbour(layout, selected.at(-1)!, event.key as Arrow);
    if (!next) return;
    event.preventDefault();
    onSelect([next]);
    document.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(next)}"]`)?.focus({ preventScroll: true });
  };
  const spotOf = ({ source, sourceHandle }: Pick<Connection, "source" | "sourceHandle">) => ({ from: source, branch: sourceHandle ?? "" });
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      nodeTypes={TYPES}
      edgeTypes={LINES}
      colorMode={dark ? "dark" : "light"}
      onInit={(flow) => {
        drop.onInit(flow);
        void flow.setViewport(firstView(layout));
      }}
      onKeyDown={onKeyDown}
      onDragOver={drop.onDragOver}
      onDragLeave={drop.onDragLeave}
      onDrop={drop.onDrop}
      onNodesChange={onNodesChange}
      onEdgesChange={onEdgesChange}
      onConnect={(made) => edit?.connect(spotOf(made), made.target)}
      isValidConnection={(made) =>
        canConnect(graph, kinds, { from: made.source, branch: made.sourceHandle ?? "" }, made.target)
      }
      onReconnect={(old, made) => edit?.connect(old.data!.spot, made.target)}
      edgesReconnectable={edit !== null}
      nodesDraggable={false}
      nodesConnectable={edit !== null}
      edgesFocusable={edit !== null}
      elementsSelectable
      deleteKeyCode={null}
      selectionKeyCode="Shift"
      multiSelectionKeyCode={["Meta", "Control"]}
      panOnScroll={edit !== null}
      preventScrolling={edit !== null}
      zoomOnScroll={false}
      minZoom={0.15}
      maxZoom={1.6}
      proOptions={{ hideAttribution: true }}
      aria-label={t("canvas.label")}
    >
      <Background gap={20} />
      <Controls showInteractive={false} fitViewOptions={{ padding: 0.12, maxZoom: 1 }} />
      {graph.nodes.length >= MAP_FROM && <MiniMap pannable zoomable ariaLabel={t("canvas.map")} nodeBorderRadius={24} />}
      <Follow layout={layout} id={selected.length === 1 ? selected[0]! : null} />
    </ReactFlow>
  );
}

function sizer(board: Board) {
  const byId = new Map(board.graph.nodes.map((node) => [node.id, node]));
  return (id: string) => sizeOf(byId.get(id)!, board);
}

function useNodes(layout: Layout, selected: string[], aimed: string | null): StepNode[] {
  const { graph, kinds } = useBoard();
  const branches = useBranches();
  const name = useStepName();
  return inOrder(graph, kinds).map(({ node }) => {
    const { x, y, width, height } = layout.at[node.id]!;
    const into: NodeHandle = { type: "target", position: Position.Top, x: width / 2, y: 0, width: 1, height: 1 };
    const out = branches(node).map(
      ({ name: id, port }): NodeHandle => ({
        id,
        type: "source",
        position: Position.Bottom,
        x: (port + 0.5) * width,
        y: height,
        width: 1,
        height: 1,
      }),
    );
    return {
      id: node.id,
      type: "step",
      position: { x, y },
      width,
      height,
      measured: { width, height },
      handles: kinds.get(node.kind)?.trigger ? out : [into, ...out],
      selected: selected.includes(node.id),
      data: { node },
      ariaLabel: name(node),
      ...(node.id === aimed ? { className: "aimed" } : {}),
    };
  });
}

function edgesOf(layout: Layout, line: Spot | null): WayEdge[] {
  return layout.lines.map(({ from, to, branch, points }) => ({
    id: `${from} ${branch} ${to}`,
    type: "way",
    source: from,
    sourceHandle: branch,
    target: to,
    selected: line !== null && line.from === from && line.branch === branch,
    markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16 },
    data: { points, spot: { from, branch } },
  }));
}

const MARGIN = 28;
const READABLE = 0.72;

/** All of it where that can be read; else from its beginning down. */
function firstView({ at }: Layout): { x: number; y: number; zoom: number } {
  const boxes = Object.values(at);
  const { width, height } = paneSize();
  if (boxes.length === 0) return { x: 0, y: 0, zoom: 1 };
  const left = Math.min(...boxes.map(({ x }) => x));
  const wide = Math.max(...boxes.map((box) => box.x + box.width)) - left;
  const tall = Math.max(...boxes.map((box) => box.y + box.height));
  const fits = Math.min((width - 2 * MARGIN) / wide, (height - 2 * MARGIN) / tall);
  const zoom = Math.min(1, Math.max(READABLE, fits));
  const top = boxes.find(({ y }) => y === 0)!;
  const middle = wide * zoom <= width ? left + wide / 2 : top.x + top.width / 2;
  return { x: width / 2 - middle * zoom, y: MARGIN, zoom };
}

/** Brings the selected step into view when it lies outside. */
function Follow({ layout, id }: { layout: Layout; id: string | null }) {
  const flow = useReactFlow();
  const still = useStill();
  const room = useStore((state) => state.width);
  useEffect(() => {
    const box = id === null ? undefined : layout.at[id];
    if (!box) return;
    const { x, y, zoom } = flow.getViewport();
    const left = box.x * zoom + x;
    const top = box.y * zoom + y;
    const { width, height } = paneSize();
    const inside = left >= 0 && top >= 0 && left + box.width * zoom <= width && top + (box.height + 40) * zoom <= height;
    if (!inside) void flow.setCenter(box.x + box.width / 2, box.y + box.height / 2, { zoom, duration: still ? 0 : 200 });
  }, [id, layout, room, flow, still]);
  return null;
}

function paneSize(): { width: number; height: number } {
  return document.querySelector(".canvas .react-flow")?.getBoundingClientRect() ?? { width: 0, height: 0 };
}
