import type { Source } from "../shared/api-types";

export type Health = "ok" | "silent" | "waiting" | "errors" | "disabled";

export function healthOf(source: Source): Health {
  if (source.disabled) return "disabled";
  if (source.errors_24h > 0) return "errors";
  if (!source.last_at) return "waiting";
  return source.count_24h > 0 || source.kind === "import" ? "ok" : "silent";
}

export const DOT: Record<Health, string> = { ok: "good", silent: "warn", waiting: "", errors: "bad", disabled: "" };
