/** The HTTP contract of packages. */
import type { Bilingual, Schedule } from "../shared/api-types";

export const FORMATS = ["csv", "xlsx", "parquet", "jsonl"] as const;
export type Format = (typeof FORMATS)[number];
export type Ad = { platform: string; identifier: string; hash: string; digits: "national" | "e164" };
export type Content = { columns: string[]; format: Format; clear: boolean; ad: Ad | null; delta: boolean; keep_days: number };
export const KINDS = ["s3", "oss", "sftp", "webhook"] as const;
export type Kind = (typeof KINDS)[number];
export type Destination = { kind: Kind } & Record<string, string | number | boolean>;
export type PackageFile = { name: string; part: "all" | "entered" | "left"; rows: number; bytes: number; sha256: string };
export type RunState = "waiting" | "making" | "sending" | "done" | "failed";
export type Run = {
  id: string;
  why: "asked" | "schedule";
  state: RunState;
  created_at: string;
  due_at: string | null;
  ended_at: string | null;
  attempts: number;
  done: number;
  total: number;
  persons: number;
  refused: number;
  files: PackageFile[];
  clear: boolean;
  delta: boolean;
  answer: string;
  expires_at: string | null;
};
export type Package = {
  id: string;
  name: string;
  audience: string;
  audience_name: string;
  audience_size: number;
  content: Content;
  schedule: Schedule | null;
  destination: Destination | null;
  has_secret: boolean;
  next_at: string | null;
  owner: string;
  created_at: string;
  version: number;
  last: Run | null;
  secret: string | null;
};
export type Choices = {
  columns: { name: string; label: Bilingual; group: "person" | "identifier" | "trait" | "tag"; personal: boolean }[];
  platforms: { name: string; label: Bilingual; takes: Record<string, Record<string, string>> }[];
};

export const isOpen = (run: Run | null) => run !== null && ["waiting", "making", "sending"].includes(run.state);
