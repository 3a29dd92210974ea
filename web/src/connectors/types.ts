import type { Bilingual, JsonSchema } from "../shared/api-types";

export type Grade = "proven" | "documented" | "remembered";

export type Available = {
  connector: string;
  label: Bilingual;
  about: Bilingual;
  grade: Grade;
  config_schema: JsonSchema;
  pulls: string[];
  code_schema: JsonSchema | null;
  tests: boolean;
};

export type PullState = {
  pull: string;
  label: Bilingual;
  state: "never" | "running" | "sweeping" | "done" | "failed";
  done: number;
  total: number;
  share: number | null;
  calls: number;
  began_at: string | null;
  finished_at: string | null;
  next_at: string | null;
  error: string;
};

export type Install = {
  id: string;
  connector: string;
  label: Bilingual;
  name: string;
  grade: Grade;
  status: "ok" | "waiting" | "failing" | "paused";
  paused: boolean;
  source_id: string;
  config: Record<string, unknown>;
  doors: { door: string; url: string | null }[];
  pulls: PullState[];
  links: Record<string, number>;
  count_24h: number;
  last_event_at: string | null;
  last_ok_at: string | null;
  last_error_at: string | null;
  last_error: string;
  aside: number;
  tasks_waiting: number;
  tasks_failed: number;
  acts: { name: string; label: Bilingual; form_schema: JsonSchema }[];
  created_at: string;
  version: number;
};

export type Heard = { at: string; door: string; verdict: string; detail: string; items: number; ms: number };
export type FailedTask = { id: string; task: string; error: string; attempts: number; at: string };
export type Activity = { calls: Heard[]; failed: FailedTask[] };

export type CodeKind = "staff" | "store" | "parcel" | "campaign";
export const CODE_KINDS: CodeKind[] = ["staff", "store", "parcel", "campaign"];

export type ChannelCode = {
  id: string;
  install_id: string;
  install_name: string;
  name: string;
  kind: CodeKind;
  url: string;
  state: string;
  config: Record<string, unknown>;
  targets: Record<string, { picture: string; url: string; ref: string }>;
  disabled: boolean;
  created_at: string;
  opened: number;
  joined: number;
  joined_today: number;
  lost: number;
  orders: number;
  matched: number;
  gifts: number;
  match_rate: number | null;
  missing: string[];
  version: number;
};

export type CodeStats = {
  days: { day: string; opened: number; joined: number; lost: number }[];
  staff: { staff: string; opened: number; joined: number }[];
};
