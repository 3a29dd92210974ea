/** Places the steps of a journey in rows: each step one row below the furthest step that leads to it. */
import type { Graph } from "../shared/api-types";

export const NODE_WIDTH = 240;
const COLUMN = 276;
const ROW = 132;

export type Placed = Record<string, { x: number; y: number }>;

function rowsOf({ nodes, edges }: Graph): Map<string, number> {
  const row = new Map(nodes.map(({ id }) => [id, 0]));
  // A graph without cycles settles within as many rounds as it has steps; one with a cycle stops there too.
  for (let round = 0; round < nodes.length; round += 1) {
    let moved = false;
    for (const { from, to } of edges) {
      const below = (row.get(from) ?? 0) + 1;
      if (row.has(to) && below > (row.get(to) ?? 0) && below <= nodes.length) {
        row.set(to, below);
        moved = true;
      }
    }
    if (!moved) break;
  }
  return row;
}

export function place(graph: Graph): Placed {
  const row = rowsOf(graph);
  const filled = new Map<number, string[]>();
  for (const { id } of graph.nodes) {
    const at = row.get(id) ?? 0;
    filled.set(at, [...(filled.get(at) ?? []), id]);
  }
  const placed: Placed = {};
  for (const [at, ids] of filled) {
    ids.forEach((id, index) => {
      placed[id] = { x: (index - (ids.length - 1) / 2) * COLUMN, y: at * ROW };
    });
  }
  return placed;
}
