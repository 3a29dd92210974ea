/** Takes steps dragged in from the palette: onto a line between, onto a step behind it, elsewhere on its own. */
import type { ReactFlowInstance } from "@xyflow/react";
import { useRef, useState, type DragEvent } from "react";
import { useBoard, useBranches } from "./board";
import type { Spot } from "./graph";
import type { Layout, Point } from "./layout";
import type { StepNode, WayEdge } from "./Step";

export const DRAGGED = "application/x-siyu-step";
const NEAR = 40;

export function useDrop(layout: Layout) {
  const { graph, kinds, edit } = useBoard();
  const branches = useBranches();
  const flow = useRef<ReactFlowInstance<StepNode, WayEdge> | null>(null);
  const [aimed, setAimed] = useState<string | null>(null);
  const spotUnder = (event: DragEvent): Spot | undefined => {
    const point = flow.current?.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    if (!point) return undefined;
    const hit = graph.nodes.find(({ id }) => inBox(point, layout.at[id]));
    if (hit) {
      const ways = branches(hit);
      const way = ways.find(({ open }) => open) ?? ways[0];
      return way && { from: hit.id, branch: way.name };
    }
    const line = layout.lines.find(({ points }) => nearLine(point, points));
    return line && { from: line.from, branch: line.branch };
  };
  return {
    aimed,
    onInit: (instance: ReactFlowInstance<StepNode, WayEdge>) => {
      flow.current = instance;
    },
    onDragOver: (event: DragEvent) => {
      if (!edit || !event.dataTransfer.types.includes(DRAGGED)) return;
      event.preventDefault();
      setAimed(spotUnder(event)?.from ?? null);
    },
    onDragLeave: () => setAimed(null),
    onDrop: (event: DragEvent) => {
      const kind = kinds.get(event.dataTransfer.getData(DRAGGED));
      setAimed(null);
      if (!edit || !kind) return;
      event.preventDefault();
      edit.add(kind, spotUnder(event) ?? null);
    },
  };
}

function inBox(point: Point, box: Layout["at"][string] | undefined): boolean {
  return Boolean(
    box && point.x >= box.x && point.x <= box.x + box.width && point.y >= box.y && point.y <= box.y + box.height,
  );
}

function nearLine(point: Point, points: Point[]): boolean {
  return points.slice(1).some((end, index) => {
    const start = points[index]!;
    const [left, right] = [Math.min(start.x, end.x) - NEAR, Math.max(start.x, end.x) + NEAR];
    return point.y >= start.y && point.y <= end.y && point.x >= left && point.x <= right;
  });
}
