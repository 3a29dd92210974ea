import { expect, it } from "vitest";
import type { EventLeaf, Rule } from "../src/shared/api-types";
import { asRoot, emptyLeaf, faultsAt, isComplete, LEAF_KINDS, measureOf, unwrap, withMeasure } from "../src/audiences/rules";

const did: EventLeaf = { event: "cart_added", aggregate: "count", window: { last_days: 7 }, op: "gte", value: 1 };

it("reads did and did-not as counts, and back", () => {
  expect(measureOf(did)).toBe("did");
  const not = withMeasure(did, "did_not");
  expect(not).toMatchObject({ aggregate: "count", op: "eq", value: 0 });
  expect(measureOf(not)).toBe("did_not");
  expect(withMeasure(did, "sum")).toMatchObject({ aggregate: "sum", property: "amount" });
});

it("unwraps nots and keeps the pointer to the inside", () => {
  const rule: Rule = { not: { not: { not: did } } };
  expect(unwrap(rule, "/all/0")).toEqual({ inner: did, negated: true, pointer: "/all/0/not/not/not" });
});

it("makes the root a group and leaves groups alone", () => {
  expect(asRoot(did)).toEqual({ all: [did] });
  expect(asRoot({ any: [did] })).toEqual({ any: [did] });
  expect(asRoot({ not: { any: [did] } })).toEqual({ not: { any: [did] } });
});

it("asks the server only about complete rules", () => {
  expect(isComplete({ all: [] })).toBe(false);
  expect(isComplete({ all: [did] })).toBe(true);
  expect(isComplete({ all: [did, { any: [{ trait: "city", op: "eq" }] }] })).toBe(false);
  expect(isComplete({ all: [{ trait: "city", op: "exists" }] })).toBe(true);
  expect(isComplete({ all: [{ ...did, where: [{ property: "", op: "eq" }] }] })).toBe(false);
  const complete = LEAF_KINDS.filter((kind) => isComplete({ all: [emptyLeaf(kind)] }));
  expect(complete).toEqual(["entered", "random"]);
});

it("finds a fault's clause by its pointer", () => {
  const faults = [
    { field: "/rule/all/0/window/last_days", message: "a" },
    { field: "/all/1", message: "b" },
    { field: "/all/10/value", message: "c" },
  ];
  expect(faultsAt(faults, "/all/0", true).map(({ message }) => message)).toEqual(["a"]);
  expect(faultsAt(faults, "/all/1", true).map(({ message }) => message)).toEqual(["b"]);
  expect(faultsAt(faults, "/all/0", false)).toEqual([]);
});
