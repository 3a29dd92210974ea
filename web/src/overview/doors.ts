/** Where a number of persons leads: the people themselves, as a rule that can be saved as an audience. */
import type { Rule } from "../shared/api-types";

export function ruleDoor(rule: Rule): string {
  return `/audiences/new?rule=${encodeURIComponent(JSON.stringify(rule))}`;
}

export function reachableDoor(channels: string[]): string {
  return ruleDoor({ any: channels.map((reachable) => ({ reachable })) });
}

const ACTIVITY = ["app_opened", "mp_visited", "page_viewed", "product_viewed", "cart_added", "order_paid"];

export function activeDoor(days: number): string {
  return ruleDoor({
    any: ACTIVITY.map((event) => ({
      event,
      aggregate: "count",
      property: null,
      where: [],
      window: { last_days: days },
      op: "gte",
      value: 1,
    })),
  });
}
