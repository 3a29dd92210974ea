/** Where a number of persons leads: the people themselves, as a rule that can be saved as an audience. */
import type { Catalog, Rule } from "../shared/api-types";

export function ruleDoor(rule: Rule): string {
  return `/audiences/new?rule=${encodeURIComponent(JSON.stringify(rule))}`;
}

export function reachableDoor(channels: string[]): string {
  return ruleDoor({ any: channels.map((reachable) => ({ reachable })) });
}

/** What people do themselves; what we did to them and their goodbyes don't make anybody active. */
const NOT_ACTIVE = new Set(["message", "audience", "journey", "consent"]);
const GOODBYES = new Set(["oa_unfollowed", "wecom_friend_removed", "group_left", "app_uninstalled"]);

export function activeDoor(events: Catalog["events"], days: number): string {
  const own = events.filter(({ name, group, count_30d }) => count_30d > 0 && !NOT_ACTIVE.has(group) && !GOODBYES.has(name));
  return ruleDoor({
    any: own.map(({ name }) => ({
      event: name,
      aggregate: "count",
      property: null,
      where: [],
      window: { last_days: days },
      op: "gte",
      value: 1,
    })),
  });
}
