/** Where a number of persons leads: the people themselves, as a rule that can be saved as an audience. */
import type { Catalog, Rule } from "../shared/api-types";
import { REACHING } from "../shared/catalog";

export function ruleDoor(rule: Rule): string {
  return `/audiences/new?rule=${encodeURIComponent(JSON.stringify(rule))}`;
}

export function reachableDoor(): string {
  return ruleDoor({ any: REACHING.map((reachable) => ({ reachable })) });
}

/** What people do themselves; what we did to them and their goodbyes don't make anybody active. */
const NOT_ACTIVE = new Set(["message", "audience", "journey", "consent"]);
const GOODBYES = new Set(["oa_unfollowed", "wecom_friend_removed", "group_left", "app_uninstalled"]);

/** `dates`: the calendar days of the figure, both ends included. */
export function activeDoor(events: Catalog["events"], dates: string[]): string {
  const recent = dates.length <= 30;
  const window = { from: dates[0] ?? "", to: dates.at(-1) ?? "" };
  const own = events.filter(({ name, group, count_30d }) => (count_30d > 0 || !recent) && !NOT_ACTIVE.has(group) && !GOODBYES.has(name));
  return ruleDoor({
    any: own.map(({ name }) => ({
      event: name,
      aggregate: "count",
      property: null,
      where: [],
      window,
      op: "gte",
      value: 1,
    })),
  });
}
