import { formatPercent } from "../shared/formats";
import type { Evidence } from "./types";

const NEARLY_ALL = 0.999;

/** A likelihood is never shown as certain. */
export function formatScore(score: number): string {
  return score > NEARLY_ALL ? "> 99.9%" : formatPercent(score, 1);
}

/** For, against, or silent: how a field's comparison is marked. */
export function toneOf({ level, weight }: Evidence): "good" | "bad" | "" {
  if (level === "missing") return "";
  return weight > 0 ? "good" : "bad";
}
