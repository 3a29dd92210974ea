/** The rule tree as the builder edits it. Pure functions; pointers are RFC 6901 into the rule. */
import type {
  Aggregate,
  AllGroup,
  AnyGroup,
  EventLeaf,
  Leaf,
  OwnUsual,
  PropertyType,
  Rule,
  RuleOp,
  RuleWindow,
  WhereClause,
} from "../shared/api-types";

export type LeafKind =
  | "trait" | "tag" | "event" | "sequence" | "lifecycle" | "reachable" | "consent" | "audience" | "entered" | "random";
export const LEAF_KINDS: LeafKind[] = [
  "event", "sequence", "tag", "trait", "lifecycle", "reachable", "consent", "audience", "entered", "random",
];

export function isGroup(rule: Rule): rule is AllGroup | AnyGroup {
  return "all" in rule || "any" in rule;
}

export function childrenOf(group: AllGroup | AnyGroup): Rule[] {
  return "all" in group ? group.all : group.any;
}

export function groupOf(mode: "all" | "any", children: Rule[]): Rule {
  return mode === "all" ? { all: children } : { any: children };
}

/** Strips any `not`s: what is inside, whether it counts negated, and the pointer to the inside. */
export function unwrap(rule: Rule, pointer: string): { inner: Exclude<Rule, { not: Rule }>; negated: boolean; pointer: string } {
  let inner = rule;
  let negated = false;
  let at = pointer;
  while ("not" in inner) {
    inner = inner.not;
    negated = !negated;
    at += "/not";
  }
  return { inner, negated, pointer: at };
}

export function wrap(rule: Rule, negated: boolean): Rule {
  return negated ? { not: rule } : rule;
}

/** The builder's root is always a group. */
export function asRoot(rule: Rule): Rule {
  return isGroup(unwrap(rule, "").inner) ? rule : { all: [rule] };
}

export function kindOf(leaf: Leaf): LeafKind {
  if ("event" in leaf) return "event";
  if ("sequence" in leaf) return "sequence";
  if ("consent" in leaf) return "consent";
  if ("random" in leaf) return "random";
  if ("trait" in leaf) return "trait";
  if ("tag" in leaf) return "tag";
  if ("lifecycle" in leaf) return "lifecycle";
  if ("reachable" in leaf) return "reachable";
  return "audience" in leaf ? "audience" : "entered";
}

export function emptyLeaf(kind: LeafKind): Leaf {
  switch (kind) {
    case "event":
      return { event: "", aggregate: "count", property: null, where: [], window: { last_days: 30 }, op: "gte", value: 1 };
    case "sequence":
      return {
        sequence: [{ event: "" }, { event: "", absent: true }],
        within: { n: 1, unit: "days" },
        window: { last_days: 30 },
      };
    case "consent":
      return { consent: { channel: "", purpose: "marketing", state: "granted" } };
    case "random":
      return { random: { percent: 10 } };
    case "trait":
      return { trait: "", op: "eq" };
    case "tag":
      return { tag: "", op: "in" };
    case "lifecycle":
      return { lifecycle: [] };
    case "reachable":
      return { reachable: "" };
    case "audience":
      return { audience: "" };
    case "entered":
      return { entered: { op: "in_last_days", value: 30 } };
  }
}

const OPS: Record<PropertyType, RuleOp[]> = {
  string: ["eq", "ne", "in", "not_in", "contains", "starts_with", "exists", "not_exists"],
  number: ["eq", "ne", "gt", "gte", "lt", "lte", "between", "exists", "not_exists"],
  boolean: ["eq", "exists", "not_exists"],
  time: ["in_last_days", "in_next_days", "recurs_in_next_days", "before", "after", "between", "exists", "not_exists"],
};

export function opsFor(type: PropertyType): RuleOp[] {
  return OPS[type];
}

export function takesValue(op: RuleOp): boolean {
  return op !== "exists" && op !== "not_exists";
}

function filled(op: RuleOp, value: unknown): boolean {
  if (!takesValue(op)) return true;
  if (Array.isArray(value)) return value.length > 0 && value.every((part) => part !== null && part !== undefined && part !== "");
  return value !== undefined && value !== null && value !== "";
}

function wheresFilled(where: WhereClause[] | undefined): boolean {
  return (where ?? []).every((clause) => clause.property && filled(clause.op, clause.value));
}

function windowFilled(window: RuleWindow | undefined): boolean {
  return !window || !("since" in window) || Boolean(window.event);
}

function eventComplete(leaf: EventLeaf): boolean {
  const needsProperty = ["sum", "min", "max", "avg", "distinct"].includes(leaf.aggregate);
  const measured = !needsProperty || Boolean(leaf.property);
  return Boolean(leaf.event) && wheresFilled(leaf.where) && windowFilled(leaf.window) && measured && filled(leaf.op, leaf.value);
}

function leafComplete(leaf: Leaf): boolean {
  if ("event" in leaf) return eventComplete(leaf);
  if ("sequence" in leaf) return leaf.sequence.every((step) => step.event && wheresFilled(step.where)) && leaf.within.n > 0;
  if ("consent" in leaf) return Boolean(leaf.consent.channel);
  if ("random" in leaf) return leaf.random.percent > 0;
  if ("tag" in leaf) return Boolean(leaf.tag) && filled(leaf.op, leaf.value);
  if ("trait" in leaf) return Boolean(leaf.trait) && filled(leaf.op, leaf.value);
  if ("lifecycle" in leaf) return leaf.lifecycle.length > 0;
  if ("reachable" in leaf) return Boolean(leaf.reachable);
  if ("audience" in leaf) return Boolean(leaf.audience);
  return filled(leaf.entered.op, leaf.entered.value);
}

/** True when there is something to ask the server: at least one clause, and none half-written. */
export function isComplete(rule: Rule): boolean {
  const { inner } = unwrap(rule, "");
  if (!isGroup(inner)) return leafComplete(inner);
  const children = childrenOf(inner);
  return children.length > 0 && children.every(isComplete);
}

export function isLeafComplete(rule: Rule): boolean {
  const { inner } = unwrap(rule, "");
  return isGroup(inner) || leafComplete(inner);
}

/** What the operator picks first in an event clause; did and did-not are counts underneath. */
export type Measure = "did" | "did_not" | Aggregate;
export const MEASURES: Measure[] = ["did", "did_not", "count", "distinct", "sum", "avg", "min", "max", "first", "last"];

export function measureOf(leaf: EventLeaf): Measure {
  if (leaf.aggregate === "count" && leaf.op === "gte" && leaf.value === 1) return "did";
  if (leaf.aggregate === "count" && leaf.op === "eq" && leaf.value === 0) return "did_not";
  return leaf.aggregate;
}

export function withMeasure(leaf: EventLeaf, measure: Measure): EventLeaf {
  if (measure === "did") return { ...leaf, aggregate: "count", property: null, op: "gte", value: 1 };
  if (measure === "did_not") return { ...leaf, aggregate: "count", property: null, op: "eq", value: 0 };
  if (measure === "count") return { ...leaf, aggregate: "count", property: null, op: "gte", value: 2 };
  if (measure === "first" || measure === "last") {
    return { ...leaf, aggregate: measure, property: null, op: "in_last_days", value: 30 };
  }
  if (measure === "distinct") return { ...leaf, aggregate: measure, property: "", op: "gte", value: 2 };
  return { ...leaf, aggregate: measure, property: leaf.property || "amount", op: "gte", value: undefined };
}

/** Whether the number is told as a multiple of what is usual for the person. */
export function isOwn(value: unknown): value is OwnUsual {
  return typeof value === "object" && value !== null && "own" in value;
}

export function canBeOwn(leaf: EventLeaf): boolean {
  return !["first", "last"].includes(leaf.aggregate) && ["gt", "gte", "lt", "lte"].includes(leaf.op);
}

export type Fault = { field: string; message: string };

export function pointerOf(field: string): string {
  const path = field.replace(/^#/, "").replace(/^\/?rule(?=[/.]|$)/, "");
  if (path === "" || path.startsWith("/")) return path;
  return `/${path.replaceAll(".", "/").replace(/\[(\d+)\]/g, "/$1").replaceAll("//", "/")}`;
}

/** The faults that belong to the clause at `pointer`: at it or below it, for a leaf; exactly at it, for a group. */
export function faultsAt(faults: Fault[], pointer: string, leaf: boolean): Fault[] {
  return faults.filter(({ field }) => {
    const at = pointerOf(field);
    return at === pointer || (leaf && at.startsWith(`${pointer}/`));
  });
}
