/** Rules, audiences and insight as the console uses them. */
import type { Bilingual, PersonItem } from "./api-types";

export type RuleOp =
  | "eq" | "ne" | "in" | "not_in" | "contains" | "starts_with"
  | "gt" | "gte" | "lt" | "lte" | "between" | "exists" | "not_exists"
  | "before" | "after" | "in_last_days" | "in_next_days" | "recurs_in_next_days";
export type TimeUnit = "minutes" | "hours" | "days" | "weeks" | "months";
export type RuleWindow =
  | { last_days: number }
  | { last: number; unit: TimeUnit }
  | { before: number; unit: TimeUnit }
  | { ago: [number, number]; unit: TimeUnit }
  | { since: "first" | "last"; event: string }
  | { from: string; to: string }
  | null;
export type WhereClause = { property: string; op: RuleOp; value?: unknown };
export type Aggregate = "count" | "distinct" | "sum" | "min" | "max" | "avg" | "first" | "last";
export type OwnUsual = { own: number; window: RuleWindow };
export type TraitLeaf = { trait: string; op: RuleOp; value?: unknown };
export type TagLeaf = { tag: string; op: RuleOp; value?: unknown };
export type EventLeaf = {
  event: string;
  aggregate: Aggregate;
  property?: string | null;
  where?: WhereClause[];
  window?: RuleWindow;
  op: RuleOp;
  value?: unknown;
};
export type SequenceStep = { event: string; where?: WhereClause[]; absent?: boolean };
export type SequenceLeaf = { sequence: SequenceStep[]; within: { n: number; unit: TimeUnit }; window?: RuleWindow };
export type LifecycleLeaf = { lifecycle: string[] };
export type ReachableLeaf = { reachable: string };
export type ConsentState = "granted" | "withdrawn" | "unknown";
export type ConsentLeaf = { consent: { channel: string; purpose?: string; state: ConsentState } };
export type RandomLeaf = { random: { percent: number; salt?: string } };
export type AudienceLeaf = { audience: string };
export type EnteredLeaf = { entered: { op: RuleOp; value?: unknown } };
export type Leaf =
  | TraitLeaf | TagLeaf | EventLeaf | SequenceLeaf | LifecycleLeaf | ReachableLeaf
  | ConsentLeaf | RandomLeaf | AudienceLeaf | EnteredLeaf;
export type AllGroup = { all: Rule[] };
export type AnyGroup = { any: Rule[] };
export type NotRule = { not: Rule };
export type Rule = AllGroup | AnyGroup | NotRule | Leaf;

export type AudienceKind = "live" | "scheduled" | "snapshot" | "list";
export type Schedule = { every: "hour" | "day" | "week" | "month"; at?: string; weekday?: number; day?: number };
export type RankedBy = { trait: string } | Pick<EventLeaf, "event" | "aggregate" | "property" | "window">;
export type Top = { n: number; by: RankedBy };
export type NamedId = { id: string; name: string };
export type Audience = {
  id: string;
  name: string;
  description: string;
  rule: Rule;
  kind: AudienceKind;
  schedule: Schedule | null;
  top: Top | null;
  live: boolean;
  size: number | null;
  version: number;
  fresh_at: string | null;
  next_at: string | null;
  computed_ms: number | null;
  rows_read: number;
  cost_share: number;
  entered_24h: number;
  left_24h: number;
  created_at: string;
  reading: Bilingual;
  used_by: NamedId[];
  uses: NamedId[];
};
export type AudiencePreview = {
  count: number;
  everyone: number;
  took_ms: number;
  sample: PersonItem[];
  reading: Bilingual;
};
export type RuleCheck = { errors: { field: string; message: string }[]; notes: { field: string; message: string }[] };
export type ListReport = {
  rows: number;
  persons: number;
  repeated: number;
  faulty: number;
  errors: { row: number; value: string; why: "unreadable" | "unknown_person" | "several_persons" }[];
};
export type ListAnswer = { report: ListReport; audience: Audience | null };
export type InsightLine = {
  value: string;
  count: number;
  share: number;
  base_count: number;
  base_share: number;
  tgi: number | null;
};
export type AudienceInsight = {
  size: number;
  base_size: number;
  against: string | null;
  distributions: { dimension: string; name: string; lines: InsightLine[] }[];
  sample: PersonItem[];
};
export type AudienceOverlap = {
  names: Record<string, string>;
  sizes: Record<string, number>;
  regions: { audiences: string[]; only: number; within: number }[];
};
export type ContrastLine = {
  dimension: string;
  name: string;
  value: string;
  stayed: number;
  stayed_share: number;
  lost: number;
  lost_share: number;
  p: number;
  p_adjusted: number;
  significant: boolean;
};
export type AudienceContrast = { since: string; stayed: number; lost: number; enough: boolean; lines: ContrastLine[] };
export type UseNode = { id: string; name: string; kind: string };
export type AudienceGraph = { nodes: UseNode[]; edges: { user: string; used: string }[] };
export type AudienceChange = { person: string; name: string | null; change: "entered" | "left"; at: string };
