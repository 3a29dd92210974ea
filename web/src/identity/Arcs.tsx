/** The graph drawn: identifiers one under the other, grouped by kind; links as arcs beside them. */
import { useMemo } from "react";
import { Link } from "react-router";
import { useIdentifierName, useIdentifierValue } from "../shared/Marks";
import { ownNodes, pairOf, useNodeText, type Edge, type Graph, type Node } from "./identity";
import { useText } from "./text";

const ROW = 30;
const HEAD = 28;
const WIDEST = 220;
const MOST = 80;

type Place = { y: number; node: Node | null; head: string };

/** Own identifiers by kind in the order they come, then those of others that a link reaches. */
function lay(graph: Graph, kindName: (type: string) => string, others: string): Place[] {
  const own = ownNodes(graph).slice(0, MOST);
  const groups = new Map<string, Node[]>();
  for (const node of own) {
    const kind = kindName(node.type);
    groups.set(kind, [...(groups.get(kind) ?? []), node]);
  }
  const rest = graph.nodes.filter(({ person }) => person !== graph.person).slice(0, MOST);
  if (rest.length > 0) groups.set(others, rest);
  const places: Place[] = [];
  let y = 0;
  for (const [head, nodes] of groups) {
    places.push({ y: y + HEAD / 2, node: null, head });
    y += HEAD;
    for (const node of nodes) {
      places.push({ y: y + ROW / 2, node, head });
      y += ROW;
    }
  }
  return places;
}

type Props = { graph: Graph; picked: string | null; onPick: (pair: string | null) => void; onHover: (pair: string | null) => void };

export function Arcs({ graph, picked, onPick, onHover }: Props) {
  const t = useText();
  const kindName = useIdentifierName();
  const nodeText = useNodeText();
  const others = t("graph.others");
  const places = useMemo(() => lay(graph, kindName, others), [graph, kindName, others]);
  const at = new Map(places.flatMap(({ node, y }) => (node ? [[node.id, y] as const] : [])));
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const drawn = graph.links.filter(({ one, two }) => at.has(one) && at.has(two));
  const reach = Math.max(60, ...drawn.map((edge) => reachOf(at, edge)));
  const height = places.reduce((sum, { node }) => sum + (node ? ROW : HEAD), 0);
  const touched = drawn.find((edge) => pairOf(edge) === picked);
  return (
    <div className="arcs">
      <ul>
        {places.map(({ node, head }) =>
          node ? (
            <Label key={node.id} node={node} own={node.person === graph.person} named={head === others} lit={touched?.one === node.id || touched?.two === node.id} />
          ) : (
            <li key={head} className="arc-head faint small">
              {head}
            </li>
          ),
        )}
      </ul>
      <svg width={reach + 18} height={height} role="group" aria-label={t("graph.label", { n: graph.nodes.length, links: drawn.length })}>
        {drawn.map((edge) => {
          const pair = pairOf(edge);
          const path = arc(at, edge);
          const label = `${nodeText(byId.get(edge.one))} – ${nodeText(byId.get(edge.two))}: ${t(`state.${edge.state}`)}`;
          return (
            <g
              key={pair}
              className={`arc ${edge.state}${edge.manual ? " manual" : ""}${pair === picked ? " picked" : ""}`}
              role="button"
              tabIndex={0}
              aria-label={label}
              aria-pressed={pair === picked}
              onMouseEnter={() => onHover(pair)}
              onMouseLeave={() => onHover(null)}
              onFocus={() => onHover(pair)}
              onBlur={() => onHover(null)}
              onClick={() => onPick(pair === picked ? null : pair)}
              onKeyDown={(event) => event.key === "Enter" && onPick(pair === picked ? null : pair)}
            >
              <path className="hit" d={path} />
              <path className="line" d={path} />
            </g>
          );
        })}
        {places.map(
          ({ node, y }) =>
            node && (
              <circle key={node.id} className={dotOf(node, graph.person)} cx={8} cy={y} r={4.5}>
                <title>{nodeText(node)}</title>
              </circle>
            ),
        )}
      </svg>
    </div>
  );
}

function dotOf(node: Node, person: string): string {
  if (node.shared || node.blocked) return "node void";
  return node.person === person ? "node" : "node other";
}

function reachOf(at: Map<number, number>, { one, two }: Edge): number {
  const span = Math.abs(at.get(one)! - at.get(two)!);
  return Math.min(WIDEST, 18 + span * 0.42);
}

/** A curve that leaves both ends level; its bulge grows with the way between them. */
function arc(at: Map<number, number>, edge: Edge): string {
  const bulge = 8 + reachOf(at, edge) / 0.75;
  return `M 8 ${at.get(edge.one)} C ${bulge} ${at.get(edge.one)}, ${bulge} ${at.get(edge.two)}, 8 ${at.get(edge.two)}`;
}

/** `named`: its kind is not in the heading above it. */
function Label({ node, own, named, lit }: { node: Node; own: boolean; named: boolean; lit: boolean }) {
  const t = useText();
  const kindName = useIdentifierName();
  const shown = useIdentifierValue();
  return (
    <li className={lit ? "arc-node lit" : "arc-node"}>
      {(node.shared || node.blocked) && <span className="tag">{t(node.blocked ? "node.blocked" : "node.shared")}</span>}
      {!own && node.person && (
        <Link to={`/persons/${node.person}?tab=identity`} className="small nowrap">
          {t("node.whose")}
        </Link>
      )}
      <span className="ellipsis num" title={shown(node.value)}>
        {named ? `${kindName(node.type)} ${shown(node.value)}` : shown(node.value)}
      </span>
    </li>
  );
}
