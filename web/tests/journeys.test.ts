import { describe, expect, it } from "vitest";
import {
  addNode,
  branchesOf,
  canConnect,
  connect,
  disconnect,
  edgeAt,
  fragmentOf,
  freshNode,
  inOrder,
  kindsOf,
  missingFields,
  openSpots,
  paste,
  readFragment,
  reconfigure,
  removeNodes,
  spotFor,
} from "../src/journeys/graph";
import { begin, record, redo, undo } from "../src/journeys/history";
import { pathThrough, place } from "../src/journeys/layout";
import type { Graph, NodeKind } from "../src/shared/api-types";

function kind(name: string, branches: string[], more: Partial<NodeKind> = {}): NodeKind {
  const labels = Object.fromEntries(branches.map((branch) => [branch, { zh: branch, en: branch }]));
  const label = { zh: name, en: name };
  return { kind: name, label, config_schema: {}, branches, branch_labels: labels, trigger: false, group: "action", ...more };
}

const NODE_WIDTH = 236;
const kinds = kindsOf([
  kind("start", ["then"], { trigger: true }),
  kind("wait", ["then", "happened"]),
  kind("send", ["then", "refused"]),
  kind("values", ["else"], {
    dynamic_branches: "rows",
    config_schema: {
      properties: {
        rows: { type: "array", items: { properties: { name: { type: "string" }, percent: { type: "number" } }, required: ["name", "percent"] } },
        field: { type: "string" },
      },
      required: ["rows", "field"],
    },
  }),
  kind("end", []),
]);
const node = (id: string, config = {}) => ({ id, kind: id.split("_")[0]!, config });
const straight: Graph = {
  nodes: [node("start_1"), node("wait_1"), node("send_1"), node("end_1")],
  edges: [
    { from: "start_1", to: "wait_1" },
    { from: "wait_1", to: "send_1", branch: "then" },
    { from: "send_1", to: "end_1", branch: null },
  ],
};
const ids = (graph: Graph) => graph.nodes.map(({ id }) => id);
const lines = (graph: Graph) => graph.edges.map(({ from, to, branch }) => `${from} ${branch ?? "-"} ${to}`).sort();

describe("steps", () => {
  it("go behind a branch, and what followed follows them", () => {
    const grown = addNode(straight, kinds, freshNode(straight, kinds.get("wait")!), { from: "wait_1", branch: "then" });
    expect(ids(grown)).toEqual([...ids(straight), "wait_2"]);
    expect(lines(grown)).toEqual(["send_1 - end_1", "start_1 - wait_1", "wait_1 then wait_2", "wait_2 then send_1"]);
    expect(lines(straight)).toHaveLength(3);
  });

  it("that end a path cut it where they are put", () => {
    const cut = addNode(straight, kinds, node("end_2"), { from: "wait_1", branch: "then" });
    expect(lines(cut)).toEqual(["send_1 - end_1", "start_1 - wait_1", "wait_1 then end_2"]);
  });

  it("that begin a journey stand alone", () => {
    const two = addNode(straight, kinds, node("start_2"), { from: "wait_1", branch: "happened" });
    expect(two.edges).toBe(straight.edges);
  });

  it("come behind the selected one, its loose end first, or behind the only loose end", () => {
    expect(spotFor(straight, kinds, "wait_1")).toEqual({ from: "wait_1", branch: "happened" });
    expect(spotFor(straight, kinds, "start_1")).toEqual({ from: "start_1", branch: "then" });
    expect(spotFor(straight, kinds, "end_1")).toBeUndefined();
    expect(spotFor(straight, kinds, null)).toBeUndefined();
    const short = { nodes: [node("start_1")], edges: [] };
    expect(spotFor(short, kinds, null)).toEqual({ from: "start_1", branch: "then" });
  });

  it("begin with a first branch where they need branches, and say what they still need", () => {
    const fresh = freshNode(straight, kinds.get("values")!, "A");
    expect(fresh.config).toEqual({ rows: [{ name: "A", percent: 50 }] });
    expect(branchesOf(fresh, kinds)).toEqual(["A", "else"]);
    expect(missingFields(fresh, kinds.get("values")!).map(({ name }) => name)).toEqual(["field"]);
  });

  it("leave without breaking the path", () => {
    expect(lines(removeNodes(straight, kinds, ["wait_1"]))).toEqual(["send_1 - end_1", "start_1 - send_1"]);
    expect(lines(removeNodes(straight, kinds, ["wait_1", "send_1"]))).toEqual(["start_1 - end_1"]);
    expect(lines(removeNodes(straight, kinds, ["end_1"]))).toEqual(["start_1 - wait_1", "wait_1 then send_1"]);
    expect(removeNodes(straight, kinds, ["nobody"])).toBe(straight);
  });
});

describe("lines", () => {
  it("are never drawn into a trigger or round in a circle", () => {
    expect(canConnect(straight, kinds, { from: "send_1", branch: "refused" }, "end_1")).toBe(true);
    expect(canConnect(straight, kinds, { from: "send_1", branch: "refused" }, "wait_1")).toBe(false);
    expect(canConnect(straight, kinds, { from: "send_1", branch: "refused" }, "send_1")).toBe(false);
    expect(canConnect(straight, kinds, { from: "send_1", branch: "refused" }, "start_1")).toBe(false);
    expect(canConnect(straight, kinds, { from: "send_1", branch: "no such" }, "end_1")).toBe(false);
  });

  it("lead a branch to one place only", () => {
    const moved = connect(straight, kinds, { from: "wait_1", branch: "then" }, "end_1");
    expect(lines(moved)).toEqual(["send_1 - end_1", "start_1 - wait_1", "wait_1 then end_1"]);
    expect(edgeAt(straight, kinds, { from: "send_1", branch: "then" })?.to).toBe("end_1");
    expect(lines(disconnect(moved, kinds, { from: "wait_1", branch: "then" }))).toHaveLength(2);
    expect(openSpots(straight, kinds)).toEqual([
      { from: "wait_1", branch: "happened" },
      { from: "send_1", branch: "refused" },
    ]);
  });

  it("follow branches that the settings name", () => {
    const rows = (...names: string[]) => ({ rows: names.map((name) => ({ name })) });
    const graph: Graph = {
      nodes: [node("values_1", rows("gold", "silver")), node("end_1"), node("end_2")],
      edges: [
        { from: "values_1", to: "end_1", branch: "gold" },
        { from: "values_1", to: "end_2", branch: "silver" },
      ],
    };
    expect(branchesOf(graph.nodes[0], kinds)).toEqual(["gold", "silver", "else"]);
    expect(lines(reconfigure(graph, kinds, "values_1", rows("gold")))).toEqual(["values_1 gold end_1"]);
    expect(lines(reconfigure(graph, kinds, "values_1", rows("black", "silver")))).toEqual([
      "values_1 black end_1",
      "values_1 silver end_2",
    ]);
  });
});

describe("copies", () => {
  it("get ids of their own and keep the lines between them", () => {
    const fragment = fragmentOf(straight, ["wait_1", "send_1"]);
    expect(lines(fragment)).toEqual(["wait_1 then send_1"]);
    const pasted = paste(straight, kinds, fragment, "send_1");
    expect(pasted.ids).toEqual(["wait_2", "send_2"]);
    expect(lines(pasted.graph)).toEqual([...lines(straight), "send_1 refused wait_2", "wait_2 then send_2"].sort());
    const again = paste(pasted.graph, kinds, fragment, null);
    expect(again.ids).toEqual(["wait_3", "send_3"]);
  });

  it("share nothing with what they were copied from", () => {
    const graph: Graph = { nodes: [node("wait_1", { until: ["a"] })], edges: [] };
    const { graph: two } = paste(graph, kinds, fragmentOf(graph, ["wait_1"]), null);
    expect(two.nodes[1]!.config).toEqual({ until: ["a"] });
    expect(two.nodes[1]!.config).not.toBe(two.nodes[0]!.config);
  });

  it("come from the clipboard only when it holds steps, and only of kinds there are", () => {
    expect(readFragment(JSON.stringify(fragmentOf(straight, ["end_1"])))?.nodes).toEqual([node("end_1")]);
    for (const text of ["", "hello", "12", "null", '{"nodes":[]}', '{"nodes":[{"id":1}],"edges":[]}']) {
      expect(readFragment(text)).toBeNull();
    }
    expect(paste(straight, kinds, { nodes: [node("unheard_1")], edges: [] }, null).graph).toEqual(straight);
  });
});

describe("undo", () => {
  it("goes back and forth, and a new change forgets what was undone", () => {
    let history = record(record(begin("a"), "b"), "c");
    history = undo(undo(undo(history)));
    expect([history.now, history.future]).toEqual(["a", ["b", "c"]]);
    history = redo(history);
    expect(history.now).toBe("b");
    history = record(history, "d");
    expect([redo(history).now, undo(history).now]).toEqual(["d", "b"]);
  });

  it("takes typing in one form as one change", () => {
    let history = record(record(record(begin("a"), "b", "form"), "c", "form"), "d", "other form");
    history = undo(history);
    expect(history.now).toBe("c");
    expect(undo(history).now).toBe("a");
    expect(record(history, "e", "form").past).toEqual(["a", "c"]);
  });

  it("keeps a hundred", () => {
    let history = begin(0);
    for (let number = 1; number <= 150; number += 1) history = record(history, number);
    for (let number = 0; number < 200; number += 1) history = undo(history);
    expect(history.now).toBe(50);
  });
});

describe("layout", () => {
  const size = () => ({ width: NODE_WIDTH, height: 90 });
  const overlaps = ({ at }: ReturnType<typeof place>) => {
    const boxes = Object.values(at);
    return boxes.some((a, one) =>
      boxes.some((b, two) => one < two && a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height),
    );
  };

  it("puts a straight path in one column", () => {
    const { at } = place(straight, kinds, size);
    expect(new Set(Object.values(at).map(({ x }) => x)).size).toBe(1);
    expect(straight.nodes.map(({ id }) => at[id]!.y)).toEqual([0, 154, 308, 462]);
  });

  it("keeps branches in their order and never lays one step on another", () => {
    let graph: Graph = { nodes: [node("start_1"), node("values_1", { rows: ["a", "b", "c"] })], edges: [{ from: "start_1", to: "values_1" }] };
    for (const branch of ["a", "b", "c", "else"]) {
      const wait = freshNode(graph, kinds.get("wait")!);
      graph = addNode(graph, kinds, wait, { from: "values_1", branch });
      for (const way of ["then", "happened"]) {
        graph = addNode(graph, kinds, freshNode(graph, kinds.get("end")!), { from: wait.id, branch: way });
      }
    }
    const layout = place(graph, kinds, size);
    expect(overlaps(layout)).toBe(false);
    const xs = ["wait_1", "wait_2", "wait_3", "wait_4"].map((id) => layout.at[id]!.x);
    expect(xs).toEqual([...xs].sort((a, b) => a - b));
    expect(layout.lines).toHaveLength(graph.edges.length);
  });

  it("leads long lines beside steps, not through them", () => {
    const graph = connect(straight, kinds, { from: "wait_1", branch: "happened" }, "end_1");
    const { at, lines: drawn } = place(graph, kinds, size);
    const past = drawn.find(({ branch }) => branch === "happened")!;
    const send = at.send_1!;
    const beside = past.points.filter(({ y }) => y >= send.y && y <= send.y + send.height);
    expect(beside).toHaveLength(2);
    for (const { x } of beside) expect(x < send.x || x > send.x + send.width).toBe(true);
    expect(pathThrough(past.points).path).toMatch(/^M [-\d.]+ [-\d.]+ L .* Q /);
  });

  it("holds a circle, loose steps and two hundred steps", () => {
    const circle: Graph = { ...straight, edges: [...straight.edges, { from: "send_1", to: "wait_1", branch: "refused" }] };
    expect(overlaps(place(circle, kinds, size))).toBe(false);
    const loose: Graph = { nodes: [node("end_9"), ...straight.nodes], edges: straight.edges };
    const { at } = place(loose, kinds, size);
    expect(at.end_9!.x).toBeGreaterThan(at.start_1!.x + NODE_WIDTH);
    let large: Graph = { nodes: [node("start_1")], edges: [] };
    for (let number = 0; large.nodes.length < 200; number += 1) {
      const [spot] = openSpots(large, kinds).slice(number % 3);
      large = addNode(large, kinds, freshNode(large, kinds.get("send")!), spot ?? openSpots(large, kinds)[0]!);
    }
    expect(overlaps(place(large, kinds, size))).toBe(false);
  });

  it("reads a tree from the top down, side ways indented", () => {
    const side = addNode(straight, kinds, node("end_2"), { from: "wait_1", branch: "happened" });
    expect(inOrder(side, kinds).map(({ node: { id }, depth }) => `${depth} ${id}`)).toEqual([
      "0 start_1",
      "0 wait_1",
      "1 end_2",
      "0 send_1",
      "0 end_1",
    ]);
  });
});
