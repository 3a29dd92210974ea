/** What the canvas, the list of steps and the panel beside them share. */
import { createContext, useContext } from "react";
import type { Audience, Bilingual, Graph, GraphNode, Journey, NodeFlow, NodeKind, Page } from "../shared/api-types";
import type { Template } from "../shared/campaign-types";
import { useEventName, useTraitName } from "../shared/catalog";
import { useBilingual, useLanguage } from "../shared/i18n/i18n";
import { useChannelName } from "../shared/Marks";
import { useGet } from "../shared/query";
import { briefOf } from "./brief";
import { areAlike, branchesOf, edgeAt, type Kinds, type Spot } from "./graph";
import { portOf, type Size } from "./layout";
import { useText } from "./text";

export type Edit = {
  /** Behind a branch; null: on its own; left out: where it fits best. */
  add: (kind: NodeKind, spot?: Spot | null) => void;
  connect: (spot: Spot, to: string) => void;
  disconnect: (spot: Spot) => void;
  remove: (ids: string[]) => void;
  duplicate: (ids: string[]) => void;
};
export type Board = {
  graph: Graph;
  kinds: Kinds;
  problems: Map<string, Bilingual[]>;
  /** Counts of people, where the graph is the one they walk through. */
  flows: Record<string, NodeFlow> | null;
  edit: Edit | null;
};

export const BoardContext = createContext<Board | null>(null);

export function useBoard(): Board {
  return useContext(BoardContext)!;
}

export const GROUPS = ["trigger", "wait", "branch", "action", "end"] as const;
export type Group = (typeof GROUPS)[number];

export function groupOf(kind: NodeKind | undefined): Group {
  const told = GROUPS.find((group) => group === kind?.group);
  if (told) return told;
  return kind?.trigger ? "trigger" : kind?.branches.length === 0 && !kind.dynamic_branches ? "end" : "action";
}

/** Kinds in the order of the palette, a group after the other. */
export function grouped(kinds: Kinds): { group: Group; kinds: NodeKind[] }[] {
  const all = [...kinds.values()];
  return GROUPS.map((group) => ({ group, kinds: all.filter((kind) => groupOf(kind) === group) })).filter(
    (part) => part.kinds.length > 0,
  );
}

export type Branch = { name: string; label: string; port: number; open: boolean; count: number | null };

export function useBranches(): (node: GraphNode) => Branch[] {
  const { graph, kinds, flows } = useBoard();
  const label = useBranchLabel();
  return (node) => {
    const names = branchesOf(node, kinds);
    const alike = areAlike(node, kinds);
    return names.map((name) => ({
      name,
      label: label(node, name),
      port: portOf(names, name, alike),
      open: !edgeAt(graph, kinds, { from: node.id, branch: name }),
      count: flows ? wentBy(flows[node.id], name, names) : null,
    }));
  };
}

/** How many went on by a branch; all who left, where there is only one. */
export function wentBy(flow: NodeFlow | undefined, branch: string, branches: string[]): number {
  return (branches.length === 1 ? flow?.out : flow?.branches[branch]) ?? 0;
}

export function useBranchLabel(): (node: GraphNode | undefined, branch: string) => string {
  const say = useBilingual();
  const { kinds } = useBoard();
  return (node, branch) => say(kinds.get(node?.kind ?? "")?.branch_labels[branch]) || branch;
}

export function useStepName(): (node: GraphNode | undefined) => string {
  const say = useBilingual();
  const { kinds } = useBoard();
  return (node) => say(kinds.get(node?.kind ?? "")?.label) || node?.kind || "—";
}

export function useBrief(): (node: GraphNode) => string {
  const { language } = useLanguage();
  const event = useEventName();
  const channel = useChannelName();
  const trait = useTraitName();
  const audience = useNames<Audience>("/audiences?limit=200");
  const journey = useNames<Journey>("/journeys?limit=200");
  const template = useNames<Template>("/templates?limit=200");
  return (node) => briefOf(node, language, { event, channel, trait, audience, journey, template });
}

/** Names by id; a step that needs none asks for none. */
function useNames<T extends { id: string; name: string }>(path: string): (id: string) => string {
  const { graph } = useBoard();
  const noun = path.slice(1, path.indexOf("?") - 1);
  const needed = graph.nodes.some(({ config }) => config[noun]);
  const { data } = useGet<Page<T>>(path, { enabled: needed, staleMs: 30_000 });
  return (id) => data?.items.find((item) => item.id === id)?.name ?? "";
}

export function useGroupName(): (group: Group) => string {
  const t = useText();
  return (group) => t(`group.${group}`);
}

const WIDTH = 256;
const PORT = 92;

/** As tall as what `Step` shows in it; the two agree line by line. */
export function sizeOf(node: GraphNode, { kinds, problems, flows }: Board): Size {
  const branches = branchesOf(node, kinds).length;
  const wide = areAlike(node, kinds) || branches > 3 ? branches * PORT : 0;
  const rows = (flows ? 26 : 0) + (problems.has(node.id) ? 24 : 0) + (branches > 1 ? 24 : 0);
  return { width: Math.max(WIDTH, wide), height: 66 + rows };
}
