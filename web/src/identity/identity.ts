/** A person's identity as the API tells it, and what the pages here say about it. */
import { useCallback } from "react";
import type { Page, Source } from "../shared/api-types";
import { lookup } from "../shared/i18n/i18n";
import { useIdentifierName } from "../shared/Marks";
import { useGet } from "../shared/query";
import { useText } from "./text";

export type Node = {
  id: number;
  type: string;
  value: string;
  person: string | null;
  shared: boolean;
  blocked: boolean;
  first_seen_at: string;
  last_seen_at: string;
};
export type EdgeState = "stands" | "yields" | "removed" | "void";
export type Edge = {
  one: number;
  two: number;
  state: EdgeState;
  manual: boolean;
  at: string;
  source_id: string;
  event: string;
};
export type Graph = { person: string; nodes: Node[]; links: Edge[]; more: boolean; settling: boolean };
export type Step = {
  at: string;
  step: "linked" | "tied" | "untied" | "yielded" | "stands" | "removed" | "restored" | "set apart";
  one: number;
  two: number;
  reason: string;
  actor: string;
  decision: number;
  undone: boolean;
  verb: string;
};
export type History = { steps: Step[]; nodes: Node[] };
export type Decided = { id: number; verb: string; persons: string[] };
export type Conflict = {
  id: number;
  state: "open" | "accepted" | "dismissed" | "closed";
  reason: string;
  kind: string;
  at: string;
  source_id: string;
  one: Node;
  two: Node;
};
export type Kind = {
  name: string;
  zh: string;
  en: string;
  limit: number;
  merges: boolean;
  scoped: boolean;
  shared_after: number;
  normaliser: "exact" | "lower" | "mobile" | "email" | "digits";
  blocked: string[];
};
export type Definitions = { kinds: Kind[]; version: number };
export type Effect = { merged: number; split: number; persons_before: number; persons_after: number };

/** What an identity decision may change on screen. */
export const NOUNS = ["persons", "identity", "overview", "audit"];

export const ownNodes = (graph: Graph) => graph.nodes.filter(({ person }) => person === graph.person);
export const pairOf = ({ one, two }: { one: number; two: number }) => `${one}-${two}`;

/** Its kind and its masked value. */
export function useNodeText(): (node: Node | undefined) => string {
  const t = useText();
  const kind = useIdentifierName();
  return (node) => (node ? `${kind(node.type)} ${node.value}` : t("node.unknown"));
}

export function useSourceName(): (id: string) => string {
  const t = useText();
  const { data } = useGet<Page<Source>>("/sources?limit=200", { staleMs: 60_000 });
  const items = data?.items;
  return useCallback(
    (id) => (id ? (items?.find((source) => source.id === id)?.name ?? id) : t("source.operator")),
    [items, t],
  );
}

/** Why a link yields. `reason` is limit, apart or attach, `kind` what it is about. */
export function useWhy(): (reason: string, kind: string) => string {
  const t = useText();
  const kindName = useIdentifierName();
  return (reason, kind) => (reason === "limit" ? t("reason.limit", { kind: kindName(kind) }) : lookup(t, "reason", reason));
}
