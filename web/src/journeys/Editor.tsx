/** The draft: drawn, checked and saved as it changes. */
import { CopyOutlined, DeleteOutlined, RedoOutlined, UndoOutlined } from "@ant-design/icons";
import { Button, Dropdown, Modal } from "antd";
import { useMemo, type Dispatch, type ReactNode, type SetStateAction } from "react";
import type { Bilingual, Graph, GraphNode, JourneyProblem, NodeKind } from "../shared/api-types";
import { EmptyState } from "../shared/EmptyState";
import { fill, useBilingual } from "../shared/i18n/i18n";
import type { Board, Edit } from "./board";
import { differences } from "./compare";
import { Changes } from "./Changes";
import {
  addNode,
  connect,
  disconnect,
  fragmentOf,
  freshNode,
  missingFields,
  nodeOf,
  paste,
  reconfigure,
  removeNodes,
  spotFor,
  type Kinds,
  type Spot,
} from "./graph";
import { NOTHING_CHOSEN, Stage, type Chosen } from "./Stage";
import en from "./en.json";
import { useText } from "./text";
import zh from "./zh-CN.json";
import type { DraftState } from "./useDraft";

type Props = { draft: DraftState; kinds: Kinds; editable: boolean; chosen: Chosen; onChoose: Dispatch<SetStateAction<Chosen>> };

export function Editor({ draft, kinds, editable, chosen, onChoose }: Props) {
  const { graph } = draft.drawing;
  const t = useText();
  const problems = useMemo(() => byNode(draft.problems, graph, kinds), [draft.problems, graph, kinds]);
  const select = (ids: string[]) => onChoose({ ...NOTHING_CHOSEN, selected: ids });
  const put = (fragment: Graph, after: string | null) => {
    const pasted = paste(graph, kinds, fragment, after);
    draft.change(pasted.graph);
    select(pasted.ids);
  };
  const edit: Edit | null = editable
    ? {
        add: (kind: NodeKind, spot?: Spot | null) => {
          const node = freshNode(graph, kind, t("branch.first"));
          const place = spot === undefined ? spotFor(graph, kinds, chosen.selected.at(-1) ?? null) : (spot ?? undefined);
          draft.change(addNode(graph, kinds, node, place));
          select([node.id]);
        },
        connect: (spot, to) => draft.change(connect(graph, kinds, spot, to)),
        disconnect: (spot) => {
          draft.change(disconnect(graph, kinds, spot));
          onChoose({ ...chosen, line: null });
        },
        remove: (ids) => {
          draft.change(removeNodes(graph, kinds, ids));
          select([]);
        },
        duplicate: (ids) => put(fragmentOf(graph, ids), null),
      }
    : null;
  const board: Board = { graph, kinds, problems, flows: null, edit };
  return (
    <>
      <Stage
        board={board}
        chosen={chosen}
        onChoose={onChoose}
        stamp={draft.stamp}
        onConfig={(id, config) => draft.change(reconfigure(graph, kinds, id, config), `form ${id} ${draft.stamp}`)}
        toolbar={<Tools draft={draft} edit={edit} selected={chosen.selected} onShow={(id) => select([id])} />}
        empty={<FirstStep edit={edit} kinds={kinds} />}
        keys={{ undo: draft.undo, redo: draft.redo, ...(edit ? { paste: (cut) => put(cut, chosen.selected.at(-1) ?? null) } : {}) }}
      />
      <Clash draft={draft} kinds={kinds} />
    </>
  );
}

function byNode(problems: JourneyProblem[] | null, graph: Graph, kinds: Kinds): Map<string, Bilingual[]> {
  const found = new Map<string, Bilingual[]>();
  for (const { node: id, code, text } of problems ?? []) {
    const node = nodeOf(graph, id);
    if (!node) continue;
    const before = found.get(node.id) ?? [];
    // What is missing on the step itself comes before what is missing around it.
    const own = code === "bad_config" ? (missingText(node, kinds) ?? text) : null;
    found.set(node.id, own ? [own, ...before] : [...before, text]);
  }
  return found;
}

/** Names the settings still to be filled in, by the labels of the form. */
function missingText(node: GraphNode, kinds: Kinds): Bilingual | null {
  const kind = kinds.get(node.kind);
  const missing = kind ? missingFields(node, kind) : [];
  if (missing.length === 0) return null;
  const labels = (language: keyof Bilingual) => missing.map(({ name, schema }) => schema["x-label"]?.[language] ?? name);
  return { zh: fill(zh["check.missing"], { fields: labels("zh").join("、") }), en: fill(en["check.missing"], { fields: labels("en").join(", ") }) };
}

type ToolsProps = { draft: DraftState; edit: Edit | null; selected: string[]; onShow: (node: string) => void };

function Tools({ draft, edit, selected, onShow }: ToolsProps) {
  const t = useText();
  if (!edit) return <span className="grow faint small">{t("draft.readOnly")}</span>;
  const tool = (label: string, icon: ReactNode, act: (() => void) | null) => (
    <Button size="small" type="text" icon={icon} aria-label={label} title={label} disabled={!act} onClick={() => act?.()} />
  );
  const some = selected.length > 0;
  return (
    <>
      <span className="row" style={{ gap: 2 }}>
        {tool(t("tool.undo"), <UndoOutlined />, draft.undo)}
        {tool(t("tool.redo"), <RedoOutlined />, draft.redo)}
        {tool(t("tool.duplicate"), <CopyOutlined />, some ? () => edit.duplicate(selected) : null)}
        {tool(t("tool.remove"), <DeleteOutlined />, some ? () => edit.remove(selected) : null)}
      </span>
      <SaveMark draft={draft} />
      <span className="grow" />
      <ToFix problems={draft.problems} onShow={onShow} />
    </>
  );
}

function SaveMark({ draft }: { draft: DraftState }) {
  const t = useText();
  const { saving, failure } = draft;
  return (
    <span className={`small save-mark ${saving}`} role="status">
      <span className={`dot ${saving === "saved" ? "good" : saving === "failed" ? "bad" : "warn"}`} />
      {t(`saving.${saving}`)}
      {saving === "failed" && !draft.theirs && (
        <button type="button" className="link-button" title={failure} onClick={draft.retry}>
          {t("saving.retry")}
        </button>
      )}
    </span>
  );
}

function ToFix({ problems, onShow }: { problems: JourneyProblem[] | null; onShow: (node: string) => void }) {
  const t = useText();
  const say = useBilingual();
  if (!problems) return null;
  if (problems.length === 0) return <span className="tag good">{t("check.fine")}</span>;
  const items = problems.map(({ node, text }, index) => ({
    key: String(index),
    label: say(text),
    disabled: !node,
    onClick: () => node && onShow(node),
  }));
  return (
    <Dropdown trigger={["click"]} menu={{ items }}>
      <button type="button" className="tag bad to-fix">
        {t("publish.problems", { n: problems.length })}
      </button>
    </Dropdown>
  );
}

/** What an empty canvas teaches: begin with who enters. */
function FirstStep({ edit, kinds }: { edit: Edit | null; kinds: Kinds }) {
  const t = useText();
  const say = useBilingual();
  const triggers = [...kinds.values()].filter(({ trigger }) => trigger);
  return (
    <EmptyState
      title={t("first.title")}
      example={t("first.example")}
      action={
        edit && (
          <div className="chips first-triggers">
            {triggers.map((kind) => (
              <button key={kind.kind} type="button" className="chip" onClick={() => edit.add(kind, null)}>
                {say(kind.label)}
              </button>
            ))}
          </div>
        )
      }
    >
      {t("first.hint")}
    </EmptyState>
  );
}

/** Somebody else changed the draft meanwhile. Whichever is taken, the other stays one undo away. */
function Clash({ draft, kinds }: { draft: DraftState; kinds: Kinds }) {
  const t = useText();
  const { theirs, drawing } = draft;
  if (!theirs) return null;
  return (
    <Modal
      open
      closable={false}
      width={640}
      title={t("clash.title")}
      footer={
        <>
          <Button onClick={() => draft.settle(false)}>{t("clash.theirs")}</Button>
          <Button type="primary" onClick={() => draft.settle(true)}>
            {t("clash.mine")}
          </Button>
        </>
      }
    >
      <p className="dim">{t("clash.hint")}</p>
      <Changes list={differences(theirs.graph, drawing.graph, kinds)} from={theirs.graph} to={drawing.graph} kinds={kinds} />
    </Modal>
  );
}
