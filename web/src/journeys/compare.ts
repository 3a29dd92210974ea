/** What is different between two drawings of a journey. */
import type { Graph, GraphNode } from "../shared/api-types";
import { branchesOf, edgeAt, inOrder, nodeOf, type Kinds } from "./graph";

export type Difference =
  | { what: "added" | "removed"; node: GraphNode }
  | { what: "changed"; node: GraphNode; fields: { name: string; before: unknown; after: unknown }[] }
  | { what: "led"; node: GraphNode; branch: string; before: GraphNode | undefined; after: GraphNode | undefined }
  | { what: "settings"; fields: { name: string; before: unknown; after: unknown }[] };

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function fieldsBetween(before: Record<string, unknown> = {}, after: Record<string, unknown> = {}) {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => !same(before[name], after[name]))
    .map((name) => ({ name, before: before[name], after: after[name] }));
}

export function differences(from: Graph, to: Graph, kinds: Kinds): Difference[] {
  const found: Difference[] = [];
  const whole = fieldsBetween(from.settings, to.settings);
  if (whole.length > 0 && from.nodes.length > 0) found.push({ what: "settings", fields: whole });
  for (const { node } of inOrder(to, kinds)) {
    const old = nodeOf(from, node.id);
    if (!old || old.kind !== node.kind) {
      found.push({ what: "added", node });
      continue;
    }
    const fields = fieldsBetween(old.config, node.config);
    if (fields.length > 0) found.push({ what: "changed", node, fields });
    found.push(...ledElsewhere(from, to, kinds, node));
  }
  for (const { node } of inOrder(from, kinds)) {
    if (nodeOf(to, node.id)?.kind !== node.kind) found.push({ what: "removed", node });
  }
  return found;
}

function ledElsewhere(from: Graph, to: Graph, kinds: Kinds, node: GraphNode): Difference[] {
  const branches = new Set([...branchesOf(nodeOf(from, node.id), kinds), ...branchesOf(node, kinds)]);
  return [...branches].flatMap((branch): Difference[] => {
    const before = nodeOf(from, edgeAt(from, kinds, { from: node.id, branch })?.to);
    const after = nodeOf(to, edgeAt(to, kinds, { from: node.id, branch })?.to);
    return before?.id === after?.id ? [] : [{ what: "led", node, branch, before, after }];
  });
}
