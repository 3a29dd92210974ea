/** What the server says about suggestions. */
import type { PersonItem } from "../shared/api-types";

export type Evidence = { field: string; level: string; weight: number; a: string | null; b: string | null };
export type Suggestion = {
  id: string;
  score: number;
  weight: number;
  group_size: number;
  created_at: string;
  a: PersonItem;
  b: PersonItem;
  evidence: Evidence[];
};
export type RevealedPair = { a: Record<string, string>; b: Record<string, string> };
export type SuggestionRun = {
  id: string;
  state: "waiting" | "running" | "done" | "failed" | "cancelled";
  stage: string;
  progress: number;
  fields: string[];
  threshold: number;
  learned: boolean;
  persons: number;
  found: number;
  failure: string | null;
  created_at: string;
  finished_at: string | null;
};
export type SuggestionDesk = {
  ready: boolean;
  run: SuggestionRun | null;
  waiting: number;
  bands: { score: number; count: number }[];
  accepting: number;
};
