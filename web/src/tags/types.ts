/** Tags as the console uses them. */
import type { Bilingual, JsonSchema, NamedId, PersonItem, Schedule } from "../shared/api-types";

export type Labels = Record<string, Bilingual>;
export type Run = { as_of: string; took_ms: number; persons: number; changed: number; fault: string };
export type Tag = {
  id: string;
  name: string;
  description: string;
  kind: string;
  config: Record<string, unknown>;
  live: boolean;
  schedule: Schedule | null;
  empty: "clear" | "keep";
  version: number;
  created_at: string;
  fresh_at: string | null;
  next_at: string | null;
  waiting: boolean;
  persons: number;
  coverage: number;
  unit: string;
  labels: Labels;
  given: boolean;
  last_run: Run | null;
  used_by: NamedId[];
  uses: NamedId[];
};
export type Kind = { name: string; label: Bilingual; hint: Bilingual; form: JsonSchema; given: boolean; role: string };
export type ValueCount = { value: string; label: Bilingual | null; persons: number; share: number };
export type Valued = { person: PersonItem; values: string[] };
export type Preview = {
  persons: number;
  everyone: number;
  values: ValueCount[];
  levels: number[] | null;
  unit: string;
  sample: Valued[];
  took_ms: number;
  as_of: string;
};
export type Values = { persons: number; values: ValueCount[]; levels: number[] | null };
export type DayCount = { day: string; value: string; persons: number };
export type PersonTag = { tag: string; name: string; kind: string; values: string[]; labels: Labels; unit: string; since: string };
export type Evidence = {
  tag: string;
  values: string[];
  since: string | null;
  facts: { name: string; value: string }[];
  counted: number;
  events: { time: string; event: string; amount_fen: number; value: string }[];
  rule: Bilingual | null;
  words: { value: string; at: string; by: string; identifier: string }[];
  history: { values: string[]; since: string }[];
};
export type ImportReport = {
  rows: number;
  persons: number;
  repeated: number;
  faulty: number;
  faults: { row: number; value: string; why: string }[];
  saved: boolean;
};
