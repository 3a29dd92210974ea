/** Shapes of templates, campaigns and reviews, as the API answers them. */
import type { Bilingual } from "./api-types";

export type Tongue = "zh" | "en";
export type Said = {
  subject: string;
  text: string;
  html: string;
  coupon: string;
  template_id: string;
  fields: Record<string, string>;
  link: string;
};
export type TemplateDraft = {
  name: string;
  channel: string;
  incentive: string;
  appeal: string;
  says: Partial<Record<Tongue, Partial<Said>>>;
};
export type Template = TemplateDraft & {
  id: string;
  version: number;
  archived: boolean;
  updated_at: string;
  updated_by: string;
};
export type TemplateVersion = { version: number; at: string; by: string; incentive: string; appeal: string; says: Partial<Record<Tongue, Said>> };
export type Fault = { field: string; code: string; text: Bilingual };
export type Preview = {
  language: Tongue;
  subject: string;
  text: string;
  html: string;
  fields: Record<string, string>;
  link: string;
  length: number;
  limit: number;
  faults: Fault[];
};
export type TryResult = { state: string; code: string; text: Bilingual };

export type CampaignState = "draft" | "scheduled" | "sending" | "stopped" | "done";
export type Plan = {
  audience: string;
  variants: { template: string; percent: number }[];
  holdout: number;
  per_minute: number;
  priority: number;
  starts_at: string;
  retry_hours: number;
  goal_event: string;
  goal_days: number;
};
export type Reason = { code: string; text: Bilingual; count: number };
export type Clash = { id: string; name: string; state: string; persons: number };
export type Estimate = {
  made_at: string;
  at: string;
  audience: number;
  holdout: number;
  reach: number;
  units: number;
  minutes: number;
  refusals: Reason[];
  fit: { code: string; level: "good" | "warn" | "bad"; text: Bilingual }[];
  clashes: Clash[];
  sampled: number;
};
export type Campaign = {
  id: string;
  name: string;
  state: CampaignState;
  version: number;
  plan: Plan;
  channel: string;
  audience_name: string;
  starts_at: string | null;
  started_at: string | null;
  ended_at: string | null;
  progress: { audience: number; held: number; waiting: number; asked: number; refused: number; messages: Record<string, number> };
  estimate: Estimate | null;
  created_at: string;
  created_by: string;
};
export type Member = { person: string; name: string | null; arm: string; state: string; text: Bilingual; at: string | null };
export type WhyStep = { at: string | null; code: string; text: Bilingual };
export type Why = { person: string; campaign: string; verdict: WhyStep; steps: WhyStep[] };
export type CalendarItem = { id: string; name: string; state: CampaignState; day: string; channel: string; audience: string; clashes: Clash[] };
export type Worth = {
  treated: number;
  held_out: number;
  treated_mean: number;
  held_out_mean: number;
  difference: number;
  low: number;
  high: number;
  sure: boolean;
  history: number;
};

export type Holdout = { percent: number; salt: string; since: string | null; version: number };

export type HoldoutReport = {
  days: number;
  since: string | null;
  revenue: Worth | null;
  orders: Worth | null;
  ratio: Review["ratio"];
};

export type Lift = {
  treated: number;
  held_out: number;
  treated_converted: number;
  held_out_converted: number;
  lift: number | null;
  low: number;
  high: number | null;
  sure: boolean;
  extra: number | null;
  extra_low: number;
  extra_high: number;
};
export type Review = {
  id: string;
  name: string;
  kind: "campaign" | "journey";
  since: string | null;
  participants: number;
  holdout: number;
  reached: number;
  delivered: number;
  opened: number;
  clicked: number;
  replied: number;
  clicks: number;
  scans: number;
  refusals: Reason[];
  outcomes: Record<string, number>;
  orders: number;
  units: number;
  gmv: number;
  attribution_days: number;
  goal_event: string;
  goal_days: number;
  lift: Lift | null;
  worth: Worth | null;
  ratio: { planned: number; seen: number; p: number; off: boolean } | null;
  negative: Reason[];
  hours: number[];
  variants: { template: string; name: string; incentive: string; appeal: string; sent: number; opened: number; clicked: number }[];
  links: { address: string; messages: number; clicked: number; clicks: number; scans: number }[];
  next_action: string;
  decided_by: string;
  decided_at: string | null;
};
export type Annoyance = {
  score: number;
  weekly: number;
  usual: number;
  ignored: number;
  half_life_days: number;
  tighten: number;
  stop: number;
  signals: { signal: string; label: Bilingual; times: number; last_at: string | null; points: number }[];
};
