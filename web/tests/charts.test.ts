import { expect, it } from "vitest";
import { labelEvery, ticksFor } from "../src/shared/charts/scale";

it("rounds the axis above the largest value in at most five steps", () => {
  expect(ticksFor(71)).toEqual([0, 20, 40, 60, 80]);
  expect(ticksFor(1)).toEqual([0, 1]);
  expect(ticksFor(0)).toEqual([0, 1]);
  for (const largest of [3, 9, 42, 999, 12_345, 8_817_171]) {
    const ticks = ticksFor(largest);
    expect(ticks.at(-1)).toBeGreaterThanOrEqual(largest);
    expect(ticks.length).toBeLessThanOrEqual(6);
  }
});

it("writes as many dates as fit", () => {
  expect(labelEvery(30, 600)).toBe(3);
  expect(labelEvery(7, 600)).toBe(1);
});
