/**
 * Places the steps of a journey in rows, each below everything that leads to it, and finds the lines between them.
 * Lines that pass rows get a place in each, so that they run beside steps and not through them.
 */
import type { Graph } from "../shared/api-types";
import { areAlike, branchesOf, branchOf, nodeOf, pathFrom, type Kinds } from "./graph";

export type Size = { width: number; height: number };
export type Point = { x: number; y: number };
export type Line = { from: string; to: string; branch: string; points: Point[] };
export type Layout = { at: Record<string, Point & Size>; lines: Line[] };

const COLUMN_GAP = 36;
const ROW_GAP = 64;
const LANE = 28;
const SWEEPS = 8;
const SIDE = 0.34;
/** How strongly a line holds its ends in one column: on the straight path from the trigger, on another, at a side. */
const HOLDS = { spine: 1000, path: 30, side: 1 };

type Item = Size & { id: string; row: number; x: number; step: boolean };
type Tie = { from: Item; to: Item; port: number; hold: number };
type Way = { from: string; to: string; branch: string; port: number; hold: number; items: Item[] };

/**
 * Where a branch leaves, in parts of the width from the middle. The ordinary one goes straight down and others leave
 * at the sides; branches that the settings name are all alike and share the width.
 */
export function portOf(branches: string[], branch: string, alike: boolean): number {
  const place = branches.indexOf(branch);
  if (branches.length < 2 || place < 0) return 0;
  if (alike || branches.length > 3) return (place + 0.5) / branches.length - 0.5;
  return place === 0 ? 0 : place === 1 ? SIDE : -SIDE;
}

export function place(graph: Graph, kinds: Kinds, sizeOf: (id: string) => Size): Layout {
  const layout: Layout = { at: {}, lines: [] };
  let left = 0;
  for (const part of partsOf(graph, kinds)) {
    const placed = placePart(part, kinds, sizeOf);
    const boxes = Object.values(placed.at);
    const start = Math.min(...boxes.map(({ x }) => x), ...placed.lines.flatMap(({ points }) => points.map(({ x }) => x)));
    const shift = (point: Point) => ({ ...point, x: Math.round(point.x - start + left) });
    for (const [id, box] of Object.entries(placed.at)) layout.at[id] = { ...box, ...shift(box) };
    layout.lines.push(...placed.lines.map((line) => ({ ...line, points: line.points.map(shift) })));
    left = Math.max(...Object.values(layout.at).map(({ x, width }) => x + width)) + COLUMN_GAP * 2;
  }
  return layout;
}

/** The pieces that hang together, the one with a trigger first. */
function partsOf(graph: Graph, kinds: Kinds): Graph[] {
  const home = new Map(graph.nodes.map(({ id }) => [id, id]));
  const find = (id: string): string => (home.get(id) === id ? id : find(home.get(id)!));
  for (const { from, to } of graph.edges) if (home.has(from) && home.has(to)) home.set(find(to), find(from));
  const parts = new Map<string, Graph>();
  for (const node of graph.nodes) {
    const part = parts.get(find(node.id)) ?? { nodes: [], edges: [] };
    part.nodes.push(node);
    parts.set(find(node.id), part);
  }
  for (const edge of graph.edges) if (home.has(edge.from) && home.has(edge.to)) parts.get(find(edge.from))!.edges.push(edge);
  const begins = (part: Graph) => Number(part.nodes.some(({ kind }) => kinds.get(kind)?.trigger));
  return [...parts.values()].sort((a, b) => begins(b) - begins(a));
}

function placePart(graph: Graph, kinds: Kinds, sizeOf: (id: string) => Size): Layout {
  const { row, forward } = rowsOf(graph, kinds);
  const items = new Map<string, Item>(
    graph.nodes.map(({ id }) => [id, { id, row: row.get(id)!, x: 0, step: true, ...sizeOf(id) }]),
  );
  const begins = graph.nodes.find(({ kind }) => kinds.get(kind)?.trigger) ?? graph.nodes[0]!;
  const spine = new Set(pathFrom(graph, kinds, begins, new Set()).map(({ id }) => id));
  const ways = forward.map((edge): Way => {
    const node = nodeOf(graph, edge.from);
    const branch = branchOf(edge, graph, kinds);
    const lanes: Item[] = [];
    for (let at = row.get(edge.from)! + 1; at < row.get(edge.to)!; at += 1) {
      lanes.push({ id: `${edge.from} ${branch} ${at}`, row: at, x: 0, width: LANE, height: 0, step: false });
    }
    const branches = branchesOf(node, kinds);
    const alike = areAlike(node, kinds);
    const hold = alike || branch !== branches[0] ? HOLDS.side : spine.has(edge.from) ? HOLDS.spine : HOLDS.path;
    const passed = [items.get(edge.from)!, ...lanes, items.get(edge.to)!];
    return { from: edge.from, to: edge.to, branch, port: portOf(branches, branch, alike), hold, items: passed };
  });
  const rows = firstOrder(graph, kinds, items, ways);
  const ties = ways.flatMap(({ items: passed, port, hold }) =>
    passed.slice(1).map((to, index): Tie => ({ from: passed[index]!, to, port: index === 0 ? port : 0, hold })),
  );
  settle(rows, ties);
  return drawn(rows, ways);
}

/** Rows by the longest way from the top; edges that close a circle don't count. */
function rowsOf(graph: Graph, kinds: Kinds): { row: Map<string, number>; forward: Graph["edges"] } {
  const open = new Set<string>();
  const done: string[] = [];
  const seen = new Set<string>();
  const back = new Set<Graph["edges"][number]>();
  const visit = (id: string) => {
    seen.add(id);
    open.add(id);
    for (const edge of graph.edges) {
      if (edge.from !== id) continue;
      if (open.has(edge.to)) back.add(edge);
      else if (!seen.has(edge.to)) visit(edge.to);
    }
    open.delete(id);
    done.unshift(id);
  };
  const led = new Set(graph.edges.map(({ to }) => to));
  const roots = graph.nodes.filter(({ id, kind }) => !led.has(id) || kinds.get(kind)?.trigger);
  for (const { id } of [...roots, ...graph.nodes]) if (!seen.has(id)) visit(id);
  const forward = graph.edges.filter((edge) => !back.has(edge));
  const row = new Map(graph.nodes.map(({ id }) => [id, 0]));
  for (const id of done) {
    for (const { from, to } of forward) if (from === id) row.set(to, Math.max(row.get(to)!, row.get(id)! + 1));
  }
  return { row, forward };
}

/** Left to right as the branches come when walked down from the top. */
function firstOrder(graph: Graph, kinds: Kinds, items: Map<string, Item>, ways: Way[]): Item[][] {
  const rows: Item[][] = [];
  const seen = new Set<Item>();
  const put = (item: Item) => {
    if (seen.has(item)) return false;
    seen.add(item);
    (rows[item.row] ??= []).push(item);
    return true;
  };
  const visit = (item: Item) => {
    if (!put(item)) return;
    const out = ways.filter(({ from }) => from === item.id).sort((a, b) => a.port - b.port);
    for (const way of out) {
      way.items.slice(1, -1).forEach(put);
      visit(way.items.at(-1)!);
    }
  };
  const begins = graph.nodes.find(({ kind }) => kinds.get(kind)?.trigger);
  if (begins) visit(items.get(begins.id)!);
  for (const item of [...items.values()].sort((a, b) => a.row - b.row)) visit(item);
  return rows;
}

/** Moves everything towards what it is tied to, row after row, down and up in turn. */
function settle(rows: Item[][], ties: Tie[]): void {
  rows.forEach((row) => spread(row, row.map(() => ({ x: 0, hold: 1 }))));
  const into = groupBy(ties, ({ to }) => to);
  const out = groupBy(ties, ({ from }) => from);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const down = sweep % 2 === 0;
    for (const row of down ? rows : [...rows].reverse()) {
      const wishes = new Map(row.map((item) => [item, wishOf(item, into.get(item) ?? [], out.get(item) ?? [], down)]));
      if (sweep < SWEEPS - 2) row.sort((a, b) => wishes.get(a)!.x - wishes.get(b)!.x);
      spread(row, row.map((item) => wishes.get(item)!));
    }
  }
}

type Wish = { x: number; hold: number };

function groupBy<K, V>(values: V[], keyOf: (value: V) => K): Map<K, V[]> {
  const groups = new Map<K, V[]>();
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value]);
  return groups;
}

function wishOf(item: Item, into: Tie[], out: Tie[], down: boolean): Wish {
  const above = into.map(({ from, port, hold }) => ({ x: from.x + port * from.width, hold }));
  const below = out.map(({ to, port, hold }) => ({ x: to.x - port * item.width, hold }));
  const [first, second] = down ? [above, below] : [below, above];
  return mean(first.length ? first : second) ?? { x: item.x, hold: HOLDS.side };
}

function mean(wishes: Wish[]): Wish | undefined {
  const hold = wishes.reduce((sum, wish) => sum + wish.hold, 0);
  return wishes.length ? { x: wishes.reduce((sum, wish) => sum + wish.x * wish.hold, 0) / hold, hold } : undefined;
}

/** The places nearest to what is wished for that keep the order and don't overlap (pool adjacent violators). */
function spread(row: Item[], wishes: Wish[]): void {
  const offsets: number[] = [];
  row.forEach((item, index) => {
    const before = row[index - 1];
    offsets.push(before ? offsets[index - 1]! + (before.width + item.width) / 2 + COLUMN_GAP : 0);
  });
  const blocks: (Wish & { count: number })[] = [];
  wishes.forEach(({ x, hold }, index) => {
    blocks.push({ x: x - offsets[index]!, hold, count: 1 });
    for (let last = blocks.at(-1)!; blocks.length > 1 && blocks.at(-2)!.x > last.x; last = blocks.at(-1)!) {
      blocks.pop();
      const before = blocks.pop()!;
      blocks.push({ ...mean([before, last])!, count: before.count + last.count });
    }
  });
  let index = 0;
  for (const { x, count } of blocks) {
    for (let number = 0; number < count; number += 1, index += 1) row[index]!.x = x + offsets[index]!;
  }
}

function drawn(rows: Item[][], ways: Way[]): Layout {
  const tops: number[] = [];
  rows.forEach((_, index) => {
    const above = rows[index - 1];
    tops.push(above ? tops[index - 1]! + Math.max(...above.map(({ height }) => height)) + ROW_GAP : 0);
  });
  const at: Layout["at"] = {};
  for (const { id, x, row, width, height, step } of rows.flat()) {
    if (step) at[id] = { x: x - width / 2, y: tops[row]!, width, height };
  }
  const lines = ways.map(({ from, to, branch, port, items }): Line => {
    const [first, ...rest] = items as [Item, ...Item[]];
    const start = { x: first.x + port * first.width, y: tops[first.row]! + first.height };
    const lanes = rest.flatMap((item) =>
      item.step
        ? [{ x: item.x, y: tops[item.row]! }]
        : [{ x: item.x, y: tops[item.row]! }, { x: item.x, y: tops[item.row + 1]! - ROW_GAP }],
    );
    return { from, to, branch, points: [start, ...lanes] };
  });
  return { at, lines };
}

/** An upright path with round corners: across between rows, down beside steps. */
export function pathThrough(points: Point[], radius = 10): { path: string; middle: Point } {
  const corners: Point[] = [points[0]!];
  for (const point of points.slice(1)) {
    const last = corners.at(-1)!;
    if (Math.abs(last.x - point.x) > 0.5) {
      const across = point.y - ROW_GAP / 2;
      corners.push({ x: last.x, y: across }, { x: point.x, y: across });
    }
    corners.push(point);
  }
  let path = `M ${corners[0]!.x} ${corners[0]!.y}`;
  for (let index = 1; index < corners.length - 1; index += 1) {
    path += bend(corners[index - 1]!, corners[index]!, corners[index + 1]!, radius);
  }
  const end = corners.at(-1)!;
  const second = points[1]!;
  return { path: `${path} L ${end.x} ${end.y}`, middle: { x: points[0]!.x, y: Math.min(points[0]!.y + 18, second.y - 18) } };
}

function bend(before: Point, corner: Point, after: Point, radius: number): string {
  const towards = (to: Point) => {
    const length = Math.hypot(to.x - corner.x, to.y - corner.y);
    const part = length === 0 ? 0 : Math.min(radius, length / 2) / length;
    return `${corner.x + (to.x - corner.x) * part} ${corner.y + (to.y - corner.y) * part}`;
  };
  return ` L ${towards(before)} Q ${corner.x} ${corner.y} ${towards(after)}`;
}
