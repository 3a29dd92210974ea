/** Things that have an id: their pages, and what they are called. */
import { useQueries } from "@tanstack/react-query";
import { api } from "./api";
import type { Page } from "./api-types";

const ROOMS: Record<string, string> = {
  aud: "audiences",
  tag: "tags",
  jrn: "journeys",
  pkg: "packages",
  cmp: "campaigns",
  tpl: "templates",
  con: "connectors",
  chc: "codes",
  src: "sources",
};
const LISTS: Record<string, string> = { ...ROOMS, opr: "operators", key: "keys", whk: "webhooks", imp: "imports" };

export function homeOf(id: string): string {
  return `/${ROOMS[id.slice(0, 3)] ?? "journeys"}/${id}`;
}

const NAMELESS = ["per", "run", "tsk", "sgr", "sug", "bkt", "sta", "call", "inc", "msg"];

/** The kind of thing a text is the id of, empty for any other text. */
export function kindOf(text: string): string {
  const kind = /^([a-z]{3,4})_[a-z0-9]+$/.exec(text)?.[1] ?? "";
  return kind in LISTS || NAMELESS.includes(kind) ? kind : "";
}

export function hasHome(id: string): boolean {
  return kindOf(id) in ROOMS;
}

type Named = { id: string; name?: string; file_name?: string };

/** Names of things by id, asked for only where an id of their kind is among those; empty for what is gone. */
export function useThingNames(ids: string[]): (id: string) => string {
  const nouns = [...new Set(ids.map((id) => LISTS[kindOf(id)]).filter((noun) => noun !== undefined))].sort();
  const names = useQueries({
    queries: nouns.map((noun) => ({
      queryKey: [noun, `/${noun}?limit=200`],
      queryFn: ({ signal }: { signal: AbortSignal }) => api.get<Page<Named> | Named[]>(`/${noun}?limit=200`, { signal }),
      staleTime: 60_000,
    })),
    combine: (answers) =>
      new Map(
        answers
          .flatMap(({ data }) => (Array.isArray(data) ? data : (data?.items ?? [])))
          .map((one) => [one.id, one.name ?? one.file_name ?? ""]),
      ),
  });
  return (id) => names.get(id) ?? "";
}
