import type { Bilingual, PersonItem, StageName } from "../shared/api-types";

export const STAGES: StageName[] = ["new", "first_order", "repeat", "silent", "churned"];

export type StageDay = { date: string; stages: Record<StageName, number> };
export type Flow = { source: StageName | ""; target: StageName; persons: number };
export type Flows = {
  start: string;
  end: string;
  flows: Flow[];
  persons: number;
  stayed: number;
  moved: number;
  came: number;
  first: string | null;
};
export type FlowPersons = { items: PersonItem[]; total: number };
export type Figure = { name: string; label: Bilingual; formula: Bilingual; unit: "share" | "fen" | "count"; value: number | null; of: number };
export type Step = { name: string; label: Bilingual; meaning: Bilingual; persons: number; here: number };
export type Quarter = { name: string; label: Bilingual; playbook: Bilingual; persons: number; revenue_fen: number };
export type Windows = { new_days: number; silent_days: number; churned_days: number };
export type Preset = Windows & {
  name: string;
  label: Bilingual;
  why: Bilingual;
  kpi: string;
};
export type Relations = {
  preset: Preset;
  head: string;
  figures: Figure[];
  funnel: Step[];
  quadrant: {
    frequent: number;
    dear_fen: number;
    quarters: Quarter[];
    here: string | null;
    orders_a_year: number;
    price_fen: number;
    buyers: number;
  };
};
export type WindowsPreview = {
  now: Record<StageName, number>;
  then: Record<StageName, number>;
  moves: { stage: StageName; other: StageName; persons: number }[];
  moved: number;
  persons: number;
};
export type StageChange = { stage: StageName; since: string; until: string | null };
