/** A new journey: from scratch, or from a template shown as a little drawing of itself. */
import { Form, Input, Modal } from "antd";
import { useMemo, useState } from "react";
import { useNavigate } from "react-router";
import { api } from "../shared/api";
import type { Audience, Graph, Journey, JourneyTemplate, NodeKind, Page } from "../shared/api-types";
import { useCommon } from "../shared/i18n/common";
import { useBilingual, useLanguage } from "../shared/i18n/i18n";
import { Bones } from "../shared/Page";
import { useChange, useGet } from "../shared/query";
import { groupOf } from "./board";
import { kindsOf, type Kinds } from "./graph";
import "./journeys.css";
import { pathThrough, place } from "./layout";
import { useText } from "./text";

type Values = { name: string };
const BLANK = "";

export function CreateJourney({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useText();
  const common = useCommon();
  const say = useBilingual();
  const { language } = useLanguage();
  const navigate = useNavigate();
  const [form] = Form.useForm<Values>();
  const [chosen, setChosen] = useState(BLANK);
  const templates = useGet<JourneyTemplate[]>("/journeys/templates", { enabled: open, staleMs: 300_000 });
  const template = templates.data?.find(({ name }) => name === chosen);
  const create = useChange(
    async ({ name }: Values) => {
      const audience = template?.audience ? await audienceFor(say(template.audience.label), template.audience.rule) : "";
      return api.post<Journey>("/journeys", { name: name.trim(), template: template?.name ?? null, language, audience });
    },
    { nouns: ["journeys", "audiences"], done: common("done.created"), onDone: (journey) => navigate(`/journeys/${journey.id}`) },
  );
  const choose = (next: string, label: string) => {
    const typed: string = form.getFieldValue("name") ?? "";
    const labels = (templates.data ?? []).map((one) => say(one.label));
    if (!typed || labels.includes(typed)) form.setFieldValue("name", label);
    setChosen(next);
  };
  return (
    <Modal
      open={open}
      onCancel={onClose}
      width={960}
      title={t("new.title")}
      okText={t("new.submit")}
      okButtonProps={{ htmlType: "submit", form: "create-journey", loading: create.isPending }}
      destroyOnHidden
    >
      <Form<Values> form={form} id="create-journey" layout="vertical" requiredMark={false} onFinish={(values) => create.mutate(values)}>
        <Form.Item
          name="name"
          label={t("new.name")}
          rules={[{ required: true, whitespace: true, message: common("form.required", { label: t("new.name") }) }]}
        >
          <Input autoFocus maxLength={120} placeholder={t("new.name.example")} />
        </Form.Item>
      </Form>
      <p className="strong" id="gallery-label" style={{ marginBottom: 8 }}>
        {t("new.template")}
      </p>
      <Cards list={templates.data} chosen={chosen} onChoose={choose} />
      {template?.audience && <p className="note gallery-note">{t("new.audience", { name: say(template.audience.label) })}</p>}
    </Modal>
  );
}

/** The audience a template begins with: the one of that name, made where there is none. */
async function audienceFor(name: string, rule: Audience["rule"]): Promise<string> {
  const known = await api.get<Page<Audience>>("/audiences?limit=200");
  const found = known.items.find((audience) => audience.name === name);
  return (found ?? (await api.post<Audience>("/audiences", { name, description: "", rule }))).id;
}

type CardsProps = { list: JourneyTemplate[] | undefined; chosen: string; onChoose: (name: string, label: string) => void };

function Cards({ list, chosen, onChoose }: CardsProps) {
  const t = useText();
  const say = useBilingual();
  const { data } = useGet<NodeKind[]>("/journeys/kinds", { staleMs: 300_000 });
  const kinds = useMemo(() => kindsOf(data ?? []), [data]);
  if (!list || !data) return <Bones lines={6} height={300} />;
  const blank = { name: BLANK, label: t("new.blank"), hint: t("new.blank.hint"), graph: { nodes: [], edges: [] } };
  const cards = [blank, ...list.map((one) => ({ ...one, label: say(one.label), hint: say(one.hint) }))];
  return (
    <div className="gallery" role="radiogroup" aria-labelledby="gallery-label">
      {cards.map(({ name, label, hint, graph }) => (
        <button
          key={name}
          type="button"
          role="radio"
          aria-checked={chosen === name}
          className="gallery-card"
          onClick={() => onChoose(name, name ? label : "")}
        >
          <Sketch graph={graph} kinds={kinds} />
          <span className="strong">{label}</span>
          <span className="faint small">{hint}</span>
        </button>
      ))}
    </div>
  );
}

const BOX = { width: 150, height: 62 };

function Sketch({ graph, kinds }: { graph: Graph; kinds: Kinds }) {
  const { at, lines } = useMemo(() => place(graph, kinds, () => BOX), [graph, kinds]);
  const boxes = Object.entries(at);
  if (boxes.length === 0) {
    return (
      <svg viewBox="0 0 300 160" aria-hidden>
        <path className="sketch-line" d="M 150 50 V 110 M 120 80 H 180" />
      </svg>
    );
  }
  const right = Math.max(...boxes.map(([, { x, width }]) => x + width), ...lines.flatMap(({ points }) => points.map(({ x }) => x)));
  const bottom = Math.max(...boxes.map(([, { y, height }]) => y + height));
  // Long journeys lie down: what counts is their shape.
  const lies = bottom > right;
  const turn = lies ? "matrix(0 1 1 0 0 0)" : "";
  const [wide, tall] = lies ? [bottom, right] : [right, bottom];
  const margin = 40;
  return (
    <svg viewBox={`${-margin} ${-margin} ${wide + 2 * margin} ${tall + 2 * margin}`} aria-hidden>
      <g transform={turn}>
        {lines.map(({ from, branch, points }) => (
          <path key={`${from} ${branch}`} className="sketch-line" d={pathThrough(points).path} />
        ))}
        {boxes.map(([id, { x, y, width, height }]) => (
          <rect key={id} className={`sketch ${groupOf(kinds.get(graph.nodes.find((node) => node.id === id)!.kind))}`} x={x} y={y} width={width} height={height} rx={14} />
        ))}
      </g>
    </svg>
  );
}
