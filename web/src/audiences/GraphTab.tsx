/** What an audience stands on and what stands on it, drawn in layers from left to right. */
import { Link } from "react-router";
import type { AudienceGraph, UseNode } from "../shared/api-types";
import { useEventName, useTraitName } from "../shared/catalog";
import { ErrorState } from "../shared/ErrorState";
import { lookup } from "../shared/i18n/i18n";
import { useChannelName } from "../shared/Marks";
import { Bones } from "../shared/Page";
import { useGet } from "../shared/query";
import { useText } from "./text";

const WIDTH = 176;
const HEIGHT = 46;
const GAP = { x: 64, y: 12 };
const PATHS: Record<string, string> = { audience: "/audiences/", tag: "/tags/", journey: "/journeys/", package: "/packages/", campaign: "/campaigns/" };

/** Each node's layer: what uses something stands to the right of it. There are no circles. */
export function layersOf({ nodes, edges }: AudienceGraph): Map<string, number> {
  const used = new Map<string, string[]>();
  for (const { user, used: name } of edges) used.set(user, [...(used.get(user) ?? []), name]);
  const found = new Map<string, number>();
  const depth = (id: string): number => {
    const known = found.get(id);
    if (known !== undefined) return known;
    found.set(id, 0);
    const own = Math.max(-1, ...(used.get(id) ?? []).map(depth)) + 1;
    found.set(id, own);
    return own;
  };
  for (const { id } of nodes) depth(id);
  return found;
}

type Place = { x: number; y: number };

function placesOf(graph: AudienceGraph): { places: Map<string, Place>; width: number; height: number } {
  const layers = layersOf(graph);
  const columns = new Map<number, string[]>();
  for (const { id } of graph.nodes) columns.set(layers.get(id)!, [...(columns.get(layers.get(id)!) ?? []), id]);
  const most = Math.max(...[...columns.values()].map((column) => column.length));
  const height = most * (HEIGHT + GAP.y) + GAP.y;
  const places = new Map<string, Place>();
  for (const [layer, column] of columns) {
    const top = (height - column.length * (HEIGHT + GAP.y) + GAP.y) / 2;
    column.forEach((id, row) => places.set(id, { x: layer * (WIDTH + GAP.x) + 1, y: top + row * (HEIGHT + GAP.y) }));
  }
  return { places, width: columns.size * (WIDTH + GAP.x) - GAP.x + 2, height };
}

export function GraphTab({ id }: { id: string }) {
  const t = useText();
  const { data, error, refetch } = useGet<AudienceGraph>(`/audiences/${id}/dependencies`);
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <Bones lines={6} height={260} />;
  const { places, width, height } = placesOf(data);
  return (
    <div className="stack" style={{ paddingBottom: 12 }}>
      <p className="faint small">{t("graph.hint")}</p>
      <div className="scroll-x">
        <div role="img" aria-label={t("detail.graph")} style={{ position: "relative", width, height }}>
          <svg width={width} height={height} style={{ position: "absolute", inset: 0 }} aria-hidden>
            {data.edges.map(({ user, used }) => (
              <Line key={user + used} from={places.get(used)!} to={places.get(user)!} />
            ))}
          </svg>
          {data.nodes.map((node) => (
            <Box key={node.id} node={node} place={places.get(node.id)!} here={node.id === id} />
          ))}
        </div>
      </div>
    </div>
  );
}

function Line({ from, to }: { from: Place; to: Place }) {
  const [x1, y1, x2, y2] = [from.x + WIDTH, from.y + HEIGHT / 2, to.x, to.y + HEIGHT / 2];
  const middle = (x1 + x2) / 2;
  return <path d={`M${x1},${y1} C${middle},${y1} ${middle},${y2} ${x2},${y2}`} fill="none" stroke="var(--line-strong)" strokeWidth={1.5} />;
}

function Box({ node, place, here }: { node: UseNode; place: Place; here: boolean }) {
  const t = useText();
  const name = useNodeName()(node);
  const style = { position: "absolute", insetInlineStart: place.x, top: place.y, width: WIDTH, height: HEIGHT } as const;
  const inside = (
    <>
      <span className="faint small">{lookup(t, "graph.kind", node.kind)}</span>
      <span className={here ? "ellipsis strong" : "ellipsis"} title={name}>
        {name}
      </span>
    </>
  );
  const path = PATHS[node.kind];
  if (!path || here) {
    return (
      <div className={here ? "graph-node here" : "graph-node"} style={style}>
        {inside}
      </div>
    );
  }
  return (
    <Link to={path + node.id} className="graph-node" style={style}>
      {inside}
    </Link>
  );
}

function useNodeName(): (node: UseNode) => string {
  const t = useText();
  const event = useEventName();
  const trait = useTraitName();
  const channel = useChannelName();
  return ({ kind, name }) => {
    if (kind === "event") return event(name);
    if (kind === "trait") return trait(name);
    if (kind === "reachable" || kind === "consent") return channel(name);
    return kind === "lifecycle" || kind === "entered" ? t(`kind.${kind}`) : name;
  };
}
