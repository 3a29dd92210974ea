/** The HTTP contract as the console uses it. Times are ISO 8601 with zone, money is integer fen, ids are opaque. */

import type { JsonSchema } from "./json-schema";
export type { JsonSchema };

import type { JourneyState } from "./journey-types";
export * from "./journey-types";

export type Role = "admin" | "operator" | "viewer";
export type Language = "zh-CN" | "en";
export type Bilingual = { zh: string; en: string };
export type Page<T> = { items: T[]; next: string | null; total_estimate?: number | null };

export type Operator = { id: string; name: string; email: string; role: Role; language: Language };
export type OperatorRow = Operator & { disabled: boolean; created_at: string; version: number };
export type Session = {
  needs_setup: boolean;
  operator: Operator | null;
  csrf: string;
  product_version: string;
};
export type ApiKey = {
  id: string;
  name: string;
  scopes: string[];
  hint: string;
  created_at: string;
  used_at: string | null;
  secret?: string;
};
export type AuditEntry = { id: number; at: string; actor: string; action: string; object: string; detail: Record<string, unknown> };

export type PersonCounts = { known: number; reachable: number; active_30d: number; new: number; entered: number };
export type DailyPoint = {
  date: string;
  active: number;
  new: number;
  entered: number;
  orders: number;
  revenue_fen: number;
};
export type StageName = "new" | "first_order" | "repeat" | "silent" | "churned";
export type PipelineStage = {
  stage: "collect" | "resolve" | "write" | "apply" | "announce";
  count_24h: number;
  lag_ms: number;
  errors_24h: number;
};
export type PipelineSource = {
  source_id: string;
  name: string;
  kind: string;
  count_24h: number;
  last_at: string | null;
  errors_24h: number;
};
export type Pipeline = {
  stages: PipelineStage[];
  sources: PipelineSource[];
  backlog: { batches: number; events: number; bytes: number };
  settled_at: string | null;
};
export type Overview = {
  persons: PersonCounts;
  previous: Omit<PersonCounts, "reachable"> & { reachable: number | null };
  revenue: {
    total_fen: number;
    from_new_fen: number;
    from_existing_fen: number;
    previous_total_fen: number;
    currency: string;
  };
  daily: DailyPoint[];
  channels: { channel: string; owned: number; reachable: number }[];
  lifecycle: { stage: StageName; persons: number }[];
  needs_me: {
    quarantine: number;
    failed_messages: number;
    journeys_parked: number;
    sources_silent: number;
    suggestions: number;
    identity_conflicts: number;
    data_quality: number;
  };
  pipeline: Pipeline;
  formulas: Record<string, Bilingual>;
};

export type SourceKind = "segment" | "sensors" | "growingio" | "webhook" | "import" | "connector";
export type Source = {
  id: string;
  name: string;
  kind: SourceKind;
  category?: string | null;
  write_key: string;
  created_at: string;
  disabled: boolean;
  count_24h: number;
  last_at: string | null;
  errors_24h: number;
  version: number;
};
export type Snippet = { sdk: string; title: string; language: string; code: string; install: string };
export type MaskedIdentifier = { type: string; value: string };
export type DebuggerEvent = {
  id: string;
  received_at: string;
  time: string;
  event: string;
  person: string | null;
  identifiers: (MaskedIdentifier | string)[];
  source_id: string;
  source_name: string;
  props: unknown;
  context: unknown;
};
export type QuarantineItem = {
  id: string;
  at: string;
  source_id: string;
  source_name: string;
  reason: string;
  detail: string;
  record: string;
  state: "waiting" | "replayed" | "dropped";
  door: string;
};
export type ImportEntity = "orders" | "persons" | "events" | "spend";
export type ImportUpload = {
  id: string;
  kind: ImportEntity | null;
  columns: { name: string; samples: string[]; guess: string | null }[];
  rows_preview: unknown[];
};
export type ImportJob = {
  id: string;
  file_name: string;
  entity: ImportEntity | null;
  state: "uploaded" | "running" | "done" | "failed" | "dry_run_done";
  rows_total: number | null;
  rows_done: number;
  rows_ok: number;
  rows_bad: number;
  ids_ignored: number;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  mapping: Record<string, string> | null;
  first_errors: { row: number; column: string; reason: string; value: string; taken?: boolean }[];
  error?: string | null;
};

export type PersonItem = {
  id: string;
  name: string | null;
  identifiers: MaskedIdentifier[];
  stage: StageName;
  orders: number;
  revenue_fen: number;
  created_at: string;
  entered_at: string | null;
  entered_via: string | null;
  channels: string[];
  staff?: boolean;
};
export type PersonDetail = {
  id: string;
  staff: PersonStaff;
  sensitive: SensitiveEntry[];
  name: string | null;
  stage: {
    stage: StageName;
    since?: string | null;
    reason: { orders: number; last_order_at: string | null; windows?: Record<string, number> };
  };
  created_at: string;
  entered: { at: string; via: string; source: string } | null;
  orders: number;
  revenue_fen: number;
  first_order_at: string | null;
  last_order_at: string | null;
  traits: { name: string; value: unknown; source: string; source_name: string; at: string }[];
  identifiers: (MaskedIdentifier & { first_seen_at: string; last_seen_at: string | null; source_name: string })[];
  merged_from: string[];
  reachable: { channel: string; reachable: boolean; why: string; text: Bilingual; address: string | null; since: string | null }[];
  consent: { channel: string; purpose: string; state: string; at: string; evidence: unknown }[];
  audiences: { id: string; name: string; entered_at: string }[];
  portrait: {
    fields: { field: string; label: Bilingual; value: unknown; source: string | null; at: string | null }[];
    completeness: number;
  };
};
export type Revealed = {
  identifiers?: MaskedIdentifier[];
  name?: string | null;
  traits?: Record<string, unknown>;
  sensitive?: Record<string, unknown>;
};
export type PersonStaff = { staff: boolean; why: "hand" | "list" | "rule" | null };
export type SensitiveEntry = { name: string; kind: "health" | "minors"; source_name: string; at: string; consented: boolean };
export type TimelineItem = {
  key: string;
  time: string;
  received_at: string;
  event: string;
  label: Bilingual;
  source_name: string;
  amount_fen: number;
  props: unknown;
  context: unknown;
};
export type PersonOrder = {
  order_id: string;
  shop: string;
  paid_at: string | null;
  amount_fen: number;
  refunded_fen: number;
  currency: string;
  units: number;
  source_name: string;
  status: string;
  raw: unknown;
};
export type TraceStep = {
  at: string | null;
  node: string | null;
  kind: string;
  code: string;
  params: Record<string, unknown>;
  text: Bilingual;
};
export type Trace = {
  person: string;
  journey: { id: string; name: string; state: JourneyState };
  verdict: { code: string; text: Bilingual };
  steps: TraceStep[];
};

export type PropertyType = "string" | "number" | "boolean" | "time";
export type Catalog = {
  events: {
    name: string;
    label: Bilingual;
    group: string;
    count_30d: number;
    properties: { name: string; type: PropertyType; label?: Bilingual }[];
  }[];
  traits: { name: string; type: PropertyType; label: Bilingual; coverage: number }[];
  channels: (string | { name: string; label: Bilingual })[];
  stages: { name: string; label: Bilingual }[];
};

export * from "./audience-types";

export type MessageState = "queued" | "sending" | "waiting" | "sent" | "recorded" | "failed" | "refused" | "in_doubt";
export type Message = {
  id: string;
  at: string;
  person: string;
  name: string | null;
  channel: string;
  journey: string;
  journey_id: string;
  campaign: string;
  state: MessageState;
  reason: string | null;
  reason_text: Bilingual | null;
  attempts: number;
  subject: string;
  address: string;
  receipt: string;
};

export type ChannelSettings = {
  channel: string;
  label: Bilingual;
  enabled: boolean;
  sandbox: boolean;
  waiting: number;
  last_ok_at: string | null;
  last_error_at: string | null;
  last_error: Bilingual | null;
  takes_callbacks: boolean;
  config: Record<string, unknown>;
  config_schema: JsonSchema;
  version: number;
};
export type TestResult = { state: string; code: string; text: Bilingual };
export type Policy = { channel: string; rule: string; value: Record<string, unknown>; evidence: string; updated_at: string };
export type Settings = {
  lifecycle: { new_days: number; silent_days: number; churned_days: number; preset: string };
  timezone: string;
  language: Language;
  brand_name: string;
  quiet_hours: { start: string; end: string } | null;
  version: number;
};
