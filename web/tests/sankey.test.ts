import { describe, expect, it } from "vitest";
import { layOut, spread } from "../src/lifecycle/sankey";

const ORDER = ["", "new", "repeat", "silent"];

describe("the flow's layout", () => {
  const links = [
    { source: "repeat", target: "repeat", persons: 60 },
    { source: "new", target: "repeat", persons: 39 },
    { source: "new", target: "silent", persons: 1 },
  ];

  it("fills the height on both sides, bars in order, thin ones visible", () => {
    const { left, right } = layOut(links, ORDER, 200, 10, 3);
    expect(left.map(({ name }) => name)).toEqual(["new", "repeat"]);
    expect(right.map(({ persons }) => persons)).toEqual([99, 1]);
    expect(right[1]!.height).toBe(3);
    for (const side of [left, right]) expect(side.at(-1)!.y + side.at(-1)!.height).toBeCloseTo(200);
  });

  it("keeps ribbons inside their bars", () => {
    const { left, right, ribbons } = layOut(links, ORDER, 200, 10, 3);
    for (const { source, target, from, to, thick } of ribbons) {
      const one = left.find(({ name }) => name === source)!;
      const other = right.find(({ name }) => name === target)!;
      expect(from - thick / 2).toBeGreaterThanOrEqual(one.y - 0.5);
      expect(to + thick / 2).toBeLessThanOrEqual(other.y + other.height + 0.5);
    }
  });

  it("has nothing to lay out for nobody", () => {
    expect(layOut([], ORDER, 200, 10)).toEqual({ left: [], right: [], ribbons: [] });
  });

  it("keeps labels apart and inside", () => {
    const { right } = layOut([...links, { source: "new", target: "new", persons: 1 }], ORDER, 200, 4, 2);
    const places = spread(right, 30, 200);
    places.slice(1).forEach((place, index) => expect(place - places[index]!).toBeGreaterThanOrEqual(30));
    expect(places.at(-1)).toBeLessThanOrEqual(185);
  });
});
