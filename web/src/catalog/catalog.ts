import type { Bilingual } from "../shared/api-types";

export type Kind = "event" | "trait";
export type Flag = "drift" | "unlike_note" | "rose" | "fell";
export type Documented = "" | "string" | "number" | "boolean" | "time" | "any";
export type PropertyNote = { zh: string; en: string; meaning: string; type: Documented };
export type Note = {
  zh: string;
  en: string;
  meaning: string;
  type: Documented;
  examples: string;
  owner: string;
  hidden: boolean;
  properties: Record<string, PropertyNote>;
};
export type EntryRow = {
  kind: Kind;
  name: string;
  label: Bilingual;
  group: string;
  documented: boolean;
  owner: string;
  hidden: boolean;
  merged_into: string;
  flags: Flag[];
  count_30d: number;
  daily: number[];
  coverage: number | null;
  first_at: string | null;
  last_at: string | null;
};
export type SourceType = { type: string; source_id: string; source_name: string; seen: number };
export type PropertyView = {
  name: string;
  label: Bilingual;
  type: string;
  types: SourceType[];
  examples: string[];
  drift: boolean;
  unlike_note: boolean;
};
export type EntryView = {
  row: EntryRow;
  note: Note;
  anomaly: { way: "rose" | "fell"; count: number; usual: number; before: number[] } | null;
  properties: PropertyView[];
  sources: string[];
  usages: { kind: "audience" | "journey"; id: string; name: string }[];
  merged: string[];
  merging: boolean;
  version: number;
};
export type BasePortrait = {
  persons: number;
  completeness: number;
  whole: number;
  fields: {
    field: string;
    label: Bilingual;
    persons: number;
    completeness: number;
    sources: { name: string; persons: number; last_at: string }[];
    last_at: string | null;
  }[];
  at: string;
};
export const TYPES: Documented[] = ["", "string", "number", "boolean", "time", "any"];

/** Where an entry has its page. */
export function doorOf({ kind, name }: { kind: Kind; name: string }): string {
  return `/catalog/${kind}/${encodeURIComponent(name)}`;
}
