/** Changes to a journey as drawn. Every function takes a graph and answers a new one; none knows a node kind by name. */
import type { Graph, GraphEdge, GraphNode, NodeKind } from "../shared/api-types";
import { fieldsOf, type Field } from "../shared/schema";

export type Kinds = ReadonlyMap<string, NodeKind>;
/** Where a step goes: behind a branch of another. */
export type Spot = { from: string; branch: string };

export function kindsOf(list: NodeKind[]): Kinds {
  return new Map(list.map((kind) => [kind.kind, kind]));
}

export function nodeOf(graph: Graph, id: string | null | undefined): GraphNode | undefined {
  return graph.nodes.find((node) => node.id === id);
}

/** The branches of a step in order; the first is the ordinary one. */
export function branchesOf(node: GraphNode | undefined, kinds: Kinds): string[] {
  const kind = node && kinds.get(node.kind);
  if (!kind) return [];
  return [...new Set([...ownBranches(node, kind), ...kind.branches])];
}

/** Branches that the settings of the step name. */
function ownBranches(node: GraphNode, kind: NodeKind): string[] {
  if (!kind.dynamic_branches) return [];
  const rows = node.config[kind.dynamic_branches];
  return Array.isArray(rows) ? rows.map(rowName).filter(Boolean) : [];
}

function rowName(row: unknown): string {
  if (typeof row === "string") return row;
  const name = (row as { name?: unknown } | null)?.name;
  return typeof name === "string" ? name : "";
}

/** Whether the settings name the branches, so that none is more ordinary than another. */
export function areAlike(node: GraphNode | undefined, kinds: Kinds): boolean {
  return Boolean(node && kinds.get(node.kind)?.dynamic_branches);
}

/** An edge without a branch is the first of its kind. */
export function branchOf(edge: GraphEdge, graph: Graph, kinds: Kinds): string {
  return edge.branch || kinds.get(nodeOf(graph, edge.from)?.kind ?? "")?.branches[0] || "then";
}

export function edgeAt(graph: Graph, kinds: Kinds, { from, branch }: Spot): GraphEdge | undefined {
  return graph.edges.find((edge) => edge.from === from && branchOf(edge, graph, kinds) === branch);
}

/** Branches that lead nowhere yet. */
export function openSpots(graph: Graph, kinds: Kinds): Spot[] {
  return graph.nodes.flatMap((node) =>
    branchesOf(node, kinds)
      .map((branch) => ({ from: node.id, branch }))
      .filter((spot) => !edgeAt(graph, kinds, spot)),
  );
}

export function newId(taken: Iterable<string>, kind: string): string {
  const used = new Set(taken);
  for (let number = 1; ; number += 1) {
    const id = `${kind}_${number}`;
    if (!used.has(id)) return id;
  }
}

/** A new step of this kind. One that needs branches named begins with a first one. */
export function freshNode(graph: Graph, kind: NodeKind, first = "A"): GraphNode {
  return { id: newId(graph.nodes.map(({ id }) => id), kind.kind), kind: kind.kind, config: firstBranch(kind, first) };
}

const HALF = 50;

function firstBranch(kind: NodeKind, name: string): GraphNode["config"] {
  const rows = fieldsOf(kind.config_schema).find((field) => field.name === kind.dynamic_branches);
  if (!rows?.required || !rows.schema.items) return {};
  const others = fieldsOf(rows.schema.items, kind.config_schema).filter((field) => field.required && field.name !== "name");
  const values = others.map((field) => [field.name, field.widget === "number" ? HALF : field.widget === "json" ? {} : ""]);
  return { [rows.name]: [{ name, ...Object.fromEntries(values) }] };
}

/** Settings a step can't do without and hasn't got. */
export function missingFields(node: GraphNode, kind: NodeKind): Field[] {
  return fieldsOf(kind.config_schema).filter(({ name, required }) => {
    const value = node.config[name];
    return required && (value === undefined || value === "" || (Array.isArray(value) && value.length === 0));
  });
}

/** Adds a step on its own, or behind a branch; what followed there then follows the new step. */
export function addNode(graph: Graph, kinds: Kinds, node: GraphNode, spot?: Spot): Graph {
  const grown = { ...graph, nodes: [...graph.nodes, node] };
  if (!spot || kinds.get(node.kind)?.trigger) return grown;
  const before = edgeAt(graph, kinds, spot);
  const edges = graph.edges.filter((edge) => edge !== before);
  const [ordinary] = branchesOf(node, kinds);
  edges.push({ from: spot.from, to: node.id, branch: spot.branch });
  if (before && ordinary) edges.push({ from: node.id, to: before.to, branch: ordinary });
  return { ...grown, edges };
}

/** Where a step chosen from the palette goes: behind the selected one, else behind the only loose end. */
export function spotFor(graph: Graph, kinds: Kinds, selected: string | null): Spot | undefined {
  const open = openSpots(graph, kinds);
  if (selected === null) return open.length === 1 ? open[0] : undefined;
  const branches = branchesOf(nodeOf(graph, selected), kinds);
  const free = open.find(({ from }) => from === selected);
  return free ?? (branches[0] ? { from: selected, branch: branches[0] } : undefined);
}

function isReached(graph: Graph, from: string, wanted: string): boolean {
  const seen = new Set<string>();
  const next = [from];
  for (let id = next.pop(); id !== undefined; id = next.pop()) {
    if (id === wanted) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    next.push(...graph.edges.filter((edge) => edge.from === id).map((edge) => edge.to));
  }
  return false;
}

/** Whether a line may be drawn: nothing leads into a trigger, and no path runs in a circle. */
export function canConnect(graph: Graph, kinds: Kinds, { from, branch }: Spot, to: string): boolean {
  const target = nodeOf(graph, to);
  if (!target || kinds.get(target.kind)?.trigger || !branchesOf(nodeOf(graph, from), kinds).includes(branch)) return false;
  return !isReached(graph, to, from);
}

/** Leads a branch to a step; a branch leads to one place. */
export function connect(graph: Graph, kinds: Kinds, spot: Spot, to: string): Graph {
  if (!canConnect(graph, kinds, spot, to)) return graph;
  const loose = disconnect(graph, kinds, spot);
  return { ...graph, edges: [...loose.edges, { from: spot.from, to, branch: spot.branch }] };
}

export function disconnect(graph: Graph, kinds: Kinds, spot: Spot): Graph {
  const gone = edgeAt(graph, kinds, spot);
  return gone ? { ...graph, edges: graph.edges.filter((edge) => edge !== gone) } : graph;
}

/** Takes steps out. Whoever led to one leads on to what ordinarily followed it. */
export function removeNodes(graph: Graph, kinds: Kinds, ids: Iterable<string>): Graph {
  return [...ids].reduce((left, id) => removeNode(left, kinds, id), graph);
}

function removeNode(graph: Graph, kinds: Kinds, id: string): Graph {
  const node = nodeOf(graph, id);
  if (!node) return graph;
  const [ordinary] = branchesOf(node, kinds);
  const next = ordinary === undefined ? undefined : edgeAt(graph, kinds, { from: id, branch: ordinary })?.to;
  const edges = graph.edges.flatMap((edge) => {
    if (edge.from === id) return [];
    if (edge.to !== id) return [edge];
    return next ? [{ ...edge, to: next }] : [];
  });
  return { ...graph, nodes: graph.nodes.filter((other) => other.id !== id), edges };
}

export function setConfig(graph: Graph, id: string, config: GraphNode["config"]): Graph {
  return { ...graph, nodes: graph.nodes.map((node) => (node.id === id ? { ...node, config } : node)) };
}

/** Follows the settings: an edge of a branch that is no more goes; one whose branch was renamed in place stays with it. */
export function reconfigure(graph: Graph, kinds: Kinds, id: string, config: GraphNode["config"]): Graph {
  const before = branchesOf(nodeOf(graph, id), kinds);
  const next = setConfig(graph, id, config);
  const after = branchesOf(nodeOf(next, id), kinds);
  if (before.join("\n") === after.join("\n")) return next;
  const gone = before.filter((branch) => !after.includes(branch));
  const come = after.filter((branch) => !before.includes(branch));
  const renamed = gone.length === 1 && come.length === 1 && before.length === after.length;
  const edges = graph.edges.flatMap((edge) => {
    if (edge.from !== id) return [edge];
    const branch = branchOf(edge, graph, kinds);
    if (after.includes(branch)) return [{ ...edge, branch }];
    return renamed ? [{ ...edge, branch: come[0]! }] : [];
  });
  return { ...next, edges };
}

/** Steps with the lines between them, to be put somewhere else. */
export function fragmentOf(graph: Graph, ids: Iterable<string>): Graph {
  const wanted = new Set(ids);
  return {
    nodes: graph.nodes.filter(({ id }) => wanted.has(id)),
    edges: graph.edges.filter(({ from, to }) => wanted.has(from) && wanted.has(to)),
  };
}

/** Adds a fragment under new ids; behind `after` where that step has a loose end. Answers the new ids too. */
export function paste(graph: Graph, kinds: Kinds, fragment: Graph, after: string | null): { graph: Graph; ids: string[] } {
  const known = fragment.nodes.filter(({ kind }) => kinds.has(kind));
  const taken = graph.nodes.map(({ id }) => id);
  const renamed = new Map<string, string>();
  for (const { id, kind } of known) {
    const fresh = newId(taken, kind);
    taken.push(fresh);
    renamed.set(id, fresh);
  }
  const nodes = known.map((node) => ({ ...structuredClone(node), id: renamed.get(node.id)! }));
  const edges = fragment.edges
    .filter(({ from, to }) => renamed.has(from) && renamed.has(to))
    .map((edge) => ({ ...edge, from: renamed.get(edge.from)!, to: renamed.get(edge.to)! }));
  const grown: Graph = { ...graph, nodes: [...graph.nodes, ...nodes], edges: [...graph.edges, ...edges] };
  const ids = nodes.map(({ id }) => id);
  const first = ids.find((id) => !edges.some(({ to }) => to === id));
  const spot = openSpots(graph, kinds).find(({ from }) => from === after);
  return { graph: first && spot ? connect(grown, kinds, spot, first) : grown, ids };
}

/** What the clipboard holds, when it holds steps. */
export function readFragment(text: string): Graph | null {
  try {
    const read = JSON.parse(text) as Partial<Graph>;
    const nodes = (read.nodes ?? []).filter((node) => typeof node.id === "string" && typeof node.kind === "string");
    if (nodes.length === 0 || !Array.isArray(read.edges)) return null;
    return { nodes: nodes.map((node) => ({ ...node, config: node.config ?? {} })), edges: read.edges };
  } catch {
    return null;
  }
}

export type Placed = { node: GraphNode; depth: number; by: Spot | null };

/** Steps from the top down: a straight path at one depth, each side way indented below the step it leaves; loose ones last. */
export function inOrder(graph: Graph, kinds: Kinds): Placed[] {
  const seen = new Set<string>();
  const steps: Placed[] = [];
  const visit = (first: GraphNode, depth: number, by: Spot | null) => {
    const path = pathFrom(graph, kinds, first, seen);
    path.forEach((node, place) => {
      const before = path[place - 1];
      steps.push({ node, depth, by: before ? { from: before.id, branch: branchesOf(before, kinds)[0]! } : by });
      for (const branch of branchesOf(node, kinds).slice(1)) {
        const spot = { from: node.id, branch };
        const next = nodeOf(graph, edgeAt(graph, kinds, spot)?.to);
        if (next && !seen.has(next.id)) visit(next, depth + 1, spot);
      }
    });
  };
  const led = new Set(graph.edges.map(({ to }) => to));
  const begins = (node: GraphNode) => Number(kinds.get(node.kind)?.trigger ?? false);
  const roots = graph.nodes.filter(({ id }) => !led.has(id)).sort((a, b) => begins(b) - begins(a));
  for (const node of [...roots, ...graph.nodes]) if (!seen.has(node.id)) visit(node, 0, null);
  return steps;
}

/** A step and what ordinarily follows, up to what was seen already. */
export function pathFrom(graph: Graph, kinds: Kinds, first: GraphNode, seen: Set<string>): GraphNode[] {
  const path: GraphNode[] = [];
  let node: GraphNode | undefined = first;
  while (node && !seen.has(node.id)) {
    seen.add(node.id);
    path.push(node);
    const [ordinary] = branchesOf(node, kinds);
    node = ordinary === undefined ? undefined : nodeOf(graph, edgeAt(graph, kinds, { from: node.id, branch: ordinary })?.to);
  }
  return path;
}
