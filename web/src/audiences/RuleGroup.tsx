/** One group of conditions: all or any, maybe negated, holding clauses and further groups. */
import { CloseOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Dropdown, Segmented, Tooltip } from "antd";
import { createContext, useContext } from "react";
import type { Rule } from "../shared/api-types";
import { LeafEditor } from "./LeafEditor";
import "./rules.css";
import {
  childrenOf,
  emptyLeaf,
  faultsAt,
  groupOf,
  isGroup,
  isLeafComplete,
  LEAF_KINDS,
  unwrap,
  wrap,
  type Fault,
} from "./rules";
import { useText } from "./text";

export const FaultsContext = createContext<Fault[]>([]);
/** What looks odd and is allowed. */
export const NotesContext = createContext<Fault[]>([]);

/** As deep as the server reads; a group takes a level, and so does what is in it. */
const MAX_DEPTH = 12;

type Props = { rule: Rule; pointer: string; onChange: (rule: Rule) => void; onRemove?: () => void; depth?: number };

export function RuleGroup({ rule, pointer, onChange, onRemove, depth = 0 }: Props) {
  const t = useText();
  const { inner, negated, pointer: at } = unwrap(rule, pointer);
  if (!isGroup(inner)) return null;
  const mode: "all" | "any" = "all" in inner ? "all" : "any";
  const children = childrenOf(inner);
  const emit = (next: Rule[], nextMode = mode, nextNegated = negated) =>
    onChange(wrap(groupOf(nextMode, next), nextNegated));
  const replace = (index: number, child: Rule) => emit(children.with(index, child));
  const remove = (index: number) => emit(children.toSpliced(index, 1));
  return (
    <div className={depth === 0 ? "rule-group root" : "rule-group"}>
      <div className="row wrap">
        <Segmented<"all" | "any">
          size="small"
          value={mode}
          onChange={(next) => emit(children, next)}
          options={[
            { value: "all", label: t("group.all") },
            { value: "any", label: t("group.any") },
          ]}
        />
        <NotChip negated={negated} onToggle={() => emit(children, mode, !negated)} />
        {onRemove && <RemoveButton onClick={onRemove} />}
      </div>
      <Faults pointer={at} leaf={false} />
      {children.length === 0 && <p className="faint">{t("group.empty")}</p>}
      {children.map((child, index) => {
        const childPointer = `${at}/${mode}/${index}`;
        const nested = isGroup(unwrap(child, "").inner);
        return (
          <div key={index} className="rule-line">
            {index > 0 && <span className="joiner">{mode === "all" ? t("group.and") : t("group.or")}</span>}
            {nested ? (
              <RuleGroup
                rule={child}
                pointer={childPointer}
                onChange={(next) => replace(index, next)}
                onRemove={() => remove(index)}
                depth={depth + 1}
              />
            ) : (
              <Clause
                rule={child}
                pointer={childPointer}
                onChange={(next) => replace(index, next)}
                onRemove={() => remove(index)}
              />
            )}
          </div>
        );
      })}
      <div className="row wrap">
        <Dropdown
          trigger={["click"]}
          menu={{
            items: LEAF_KINDS.map((kind) => ({
              key: kind,
              label: t(`kind.${kind}`),
              onClick: () => emit([...children, emptyLeaf(kind)]),
            })),
          }}
        >
          <Button size="small" icon={<PlusOutlined />}>
            {t("group.add")}
          </Button>
        </Dropdown>
        {depth < MAX_DEPTH - 2 && (
          <Button
            size="small"
            type="text"
            onClick={() => emit([...children, groupOf(mode === "all" ? "any" : "all", [emptyLeaf("event")])])}
          >
            {t("group.addGroup")}
          </Button>
        )}
      </div>
    </div>
  );
}

function Clause({ rule, pointer, onChange, onRemove }: Required<Omit<Props, "depth">>) {
  const t = useText();
  const { inner, negated, pointer: at } = unwrap(rule, pointer);
  const faults = faultsAt(useContext(FaultsContext), at, true);
  const notes = faultsAt(useContext(NotesContext), at, true);
  if (isGroup(inner)) return null;
  return (
    <div className={faults.length > 0 ? "clause wrong" : "clause"}>
      <div className="clause-body">
        {negated && <NotChip negated onToggle={() => onChange(inner)} />}
        <LeafEditor leaf={inner} onChange={(leaf) => onChange(wrap(leaf, negated))} />
        {!isLeafComplete(inner) && <span className="faint small clause-note">{t("clause.incomplete")}</span>}
      </div>
      <span className="row" style={{ gap: 2 }}>
        {!negated && !("event" in inner) && !("random" in inner) && <NotChip negated={false} onToggle={() => onChange(wrap(inner, true))} />}
        <RemoveButton onClick={onRemove} />
      </span>
      {faults.map((fault) => (
        <p key={fault.field + fault.message} className="clause-fault up small" role="alert">
          {fault.message}
        </p>
      ))}
      {notes.map((note) => (
        <p key={note.field + note.message} className="clause-fault clause-warning small" role="status">
          {note.message}
        </p>
      ))}
    </div>
  );
}

function Faults({ pointer, leaf }: { pointer: string; leaf: boolean }) {
  const faults = faultsAt(useContext(FaultsContext), pointer, leaf);
  return faults.map((fault) => (
    <p key={fault.field + fault.message} className="up small" role="alert">
      {fault.message}
    </p>
  ));
}

function NotChip({ negated, onToggle }: { negated: boolean; onToggle: () => void }) {
  const t = useText();
  return (
    <Tooltip title={t("group.not.hint")} mouseEnterDelay={0.4}>
      <button type="button" className="chip small-chip" aria-pressed={negated} onClick={onToggle}>
        {t("group.not")}
      </button>
    </Tooltip>
  );
}

function RemoveButton({ onClick }: { onClick: () => void }) {
  const t = useText();
  return <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t("group.remove")} onClick={onClick} />;
}
