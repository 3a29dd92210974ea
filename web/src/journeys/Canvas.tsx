/** The journey as a picture: steps with how many came, wait and went on. */
import {
  Background,
  Controls,
  Handle,
  MarkerType,
  Position,
  ReactFlow,
  type Edge,
  type Node,
  type NodeProps,
} from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { useMemo } from "react";
import type { Journey, NodeKind } from "../shared/api-types";
import { useEventName } from "../shared/catalog";
import { formatCount } from "../shared/formats";
import { useBilingual, useLanguage } from "../shared/i18n/i18n";
import { useChannelName } from "../shared/Marks";
import { useDark } from "../shared/preferences";
import "./journeys.css";
import { NODE_WIDTH, place } from "./layout";
import { briefOf } from "./brief";
import { useText } from "./text";

type StepData = {
  label: string;
  brief: string;
  counts: { in: number; waiting: number; out: number } | undefined;
  faulty: boolean;
};
type StepNode = Node<StepData, "step">;

type Props = {
  journey: Journey;
  kinds: NodeKind[];
  selected: string | null;
  faulty: string[];
  onSelect: (id: string | null) => void;
};

const TYPES = { step: Step };

export default function Canvas({ journey, kinds, selected, faulty, onSelect }: Props) {
  const say = useBilingual();
  const dark = useDark();
  const { language } = useLanguage();
  const eventName = useEventName();
  const channelName = useChannelName();
  const { graph, nodes_counts: counts } = journey;
  const nodes = useMemo<StepNode[]>(() => {
    const places = place(graph);
    return graph.nodes.map((node) => {
      const kind = kinds.find((item) => item.kind === node.kind);
      return {
        id: node.id,
        type: "step",
        position: places[node.id] ?? { x: 0, y: 0 },
        width: NODE_WIDTH,
        selected: node.id === selected,
        data: {
          label: say(kind?.label) || node.kind,
          brief: briefOf(node, language, { event: eventName, channel: channelName }),
          counts: counts[node.id],
          faulty: faulty.includes(node.id),
        },
      };
    });
  }, [graph, counts, kinds, selected, faulty, say, language, eventName, channelName]);
  const edges = useMemo<Edge[]>(
    () =>
      graph.edges.map(({ from, to, branch }, index) => {
        const source = graph.nodes.find(({ id }) => id === from);
        const kind = kinds.find((item) => item.kind === source?.kind);
        const label = branch ? say(kind?.branch_labels[branch]) || branch : "";
        return {
          id: `${from}-${to}-${index}`,
          source: from,
          target: to,
          label,
          type: "smoothstep",
          markerEnd: { type: MarkerType.ArrowClosed },
        };
      }),
    [graph, kinds, say],
  );
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      nodeTypes={TYPES}
      colorMode={dark ? "dark" : "light"}
      fitView
      fitViewOptions={{ padding: 0.12, maxZoom: 1 }}
      nodesDraggable={false}
      nodesConnectable={false}
      edgesFocusable={false}
      preventScrolling={false}
      zoomOnScroll={false}
      minZoom={0.3}
      maxZoom={1.5}
      onNodeClick={(_, node) => onSelect(node.id)}
      onPaneClick={() => onSelect(null)}
      onSelectionChange={({ nodes: picked }) => picked[0] && picked[0].id !== selected && onSelect(picked[0].id)}
    >
      <Background gap={20} />
      <Controls showInteractive={false} />
    </ReactFlow>
  );
}

function Step({ data, selected }: NodeProps<StepNode>) {
  const t = useText();
  const { counts } = data;
  return (
    <div className={`step${selected ? " chosen" : ""}${data.faulty ? " faulty" : ""}`}>
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <div className="strong ellipsis">{data.label}</div>
      <div className="dim small ellipsis" title={data.brief}>
        {data.brief || " "}
      </div>
      <dl className="step-counts num">
        {(["in", "waiting", "out"] as const).map((key) => (
          <div key={key}>
            <dt>{t(`node.${key}`)}</dt>
            <dd className={key === "waiting" && counts?.waiting ? "accent" : ""}>{formatCount(counts?.[key] ?? 0)}</dd>
          </div>
        ))}
      </dl>
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </div>
  );
}
