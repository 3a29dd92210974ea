/** Journeys as the API shows them. */
import type { Rule } from "./audience-types";
import type { Bilingual, JsonSchema, TraceStep } from "./api-types";

export type JourneyState = "draft" | "live" | "paused" | "retired";
export type GraphNode = { id: string; kind: string; config: Record<string, unknown> };
export type GraphEdge = { from: string; to: string; branch?: string | null };
export type Graph = { nodes: GraphNode[]; edges: GraphEdge[]; settings?: Record<string, unknown> };
export type JourneyCounts = {
  entered: number;
  waiting: number;
  sent: number;
  refused: number;
  holdout: number;
  exited: number;
  failed: number;
  done: number;
  parked: number;
  in_doubt: number;
  converted: number;
};
export type Journey = {
  id: string;
  name: string;
  state: JourneyState;
  version: number;
  published_version: number | null;
  published_at: string | null;
  graph: Graph;
  counts: JourneyCounts;
  nodes_counts: Record<string, NodeFlow>;
  created_at: string;
};
/** People at a step: how many came, wait, went on and by which branch; messages held back, by reason. */
export type NodeFlow = {
  in: number;
  waiting: number;
  out: number;
  branches: Record<string, number>;
  refused: Record<string, number>;
};
export type JourneyVersion = { number: number; published_at: string; published_by: string; graph: Graph; inside: number };
export type JourneyTemplate = {
  name: string;
  label: Bilingual;
  hint: Bilingual;
  graph: Graph;
  audience: { label: Bilingual; rule: Rule } | null;
};
export type BacktestResult = {
  entered: number;
  done: number;
  exited: number;
  holdout: number;
  converted: number;
  sends: number;
  edges: { node: string; branch: string; runs: number }[];
  gate: { node: string; channel: string; said: string; times: number }[];
  hours: { at: string; entered: number; sends: number }[];
};
export type Backtest = {
  id: string;
  state: "waiting" | "running" | "done" | "failed";
  progress: number;
  since: string;
  until: string;
  created_at: string;
  result: BacktestResult | null;
  detail: string | null;
};
export type TaskState = "open" | "done" | "refused" | "expired";
export type StaffTask = {
  id: string;
  journey_id: string;
  journey_name: string;
  run_id: string;
  person: string;
  name: string | null;
  owner: string;
  title: string;
  note: string;
  results: string[];
  state: TaskState;
  result: string | null;
  comment: string | null;
  created_at: string;
  due_at: string;
  ended_at: string | null;
  ended_by: string | null;
};
export type NodeKind = {
  kind: string;
  label: Bilingual;
  config_schema: JsonSchema;
  branches: string[];
  branch_labels: Record<string, Bilingual>;
  trigger: boolean;
  group?: string;
  /** The setting whose rows are branches too. */
  dynamic_branches?: string | null;
};
export type JourneyProblem = { node: string | null; code: string; text: Bilingual };
export type RunState = "waiting" | "done" | "exited" | "holdout" | "parked";
export type Run = {
  run_id: string;
  person: string;
  name: string | null;
  node: string | null;
  state: RunState;
  entered_at: string;
  due_at: string | null;
  ended_at: string | null;
  outcome: string | null;
};
export type RunDetail = Run & { steps: TraceStep[] };
