/** Audiences put together with the operations of sets, as a rule of their own. */
import type { Rule } from "../shared/api-types";

export const OPERATIONS = ["union", "intersection", "difference", "symmetric"] as const;
export type Operation = (typeof OPERATIONS)[number];

/** `difference`: in the first and none of the others; `symmetric`: in exactly one of them. */
export function combined(operation: Operation, ids: string[]): Rule {
  const members: Rule[] = ids.map((audience) => ({ audience }));
  if (operation === "union") return { any: members };
  if (operation === "intersection") return { all: members };
  const only = (place: number): Rule => ({ all: members.map((one, at) => (at === place ? one : { not: one })) });
  return operation === "difference" ? only(0) : { any: members.map((_, place) => only(place)) };
}
