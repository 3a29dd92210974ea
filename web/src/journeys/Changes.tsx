import { useMemo } from "react";
import type { Graph, GraphNode, JsonSchema } from "../shared/api-types";
import { useBilingual } from "../shared/i18n/i18n";
import { useGet } from "../shared/query";
import { fieldsOf } from "../shared/schema";
import { BoardContext, useBranchLabel, useBrief, useStepName } from "./board";
import type { Difference } from "./compare";
import type { Kinds } from "./graph";
import { useText } from "./text";

type Props = { list: Difference[]; from: Graph; to: Graph; kinds: Kinds };

/** The differences in words: what came, what went, what was set or led otherwise. */
export function Changes({ list, from, to, kinds }: Props) {
  const t = useText();
  const { data: settings } = useGet<JsonSchema>("/journeys/settings-schema", { staleMs: 300_000 });
  const board = useMemo(
    () => ({ graph: { nodes: [...to.nodes, ...from.nodes], edges: [] }, kinds, problems: new Map(), flows: null, edit: null }),
    [from, to, kinds],
  );
  if (list.length === 0) return <p className="faint">{t("compare.same")}</p>;
  return (
    <BoardContext.Provider value={board}>
      <ul className="changes">
        {list.map((difference, index) => (
          <Line key={index} difference={difference} kinds={kinds} settings={settings} />
        ))}
      </ul>
    </BoardContext.Provider>
  );
}

const TONE = { added: "good", removed: "bad", changed: "warn", led: "warn", settings: "warn" };

type LineProps = { difference: Difference; kinds: Kinds; settings: JsonSchema | undefined };

function Line({ difference, kinds, settings }: LineProps) {
  const t = useText();
  const name = useStepName();
  const brief = useBrief();
  const branchLabel = useBranchLabel();
  const step = (node: GraphNode | undefined) => (node ? [name(node), brief(node)].filter(Boolean).join(" · ") : t("compare.nowhere"));
  const { what } = difference;
  return (
    <li>
      <span className={`tag ${TONE[what]}`}>{t(`compare.${what}`)}</span>
      <div className="grow">
        <p className="strong">{what === "settings" ? t("settings.title") : step(difference.node)}</p>
        {"fields" in difference && (
          <FieldLines
            difference={difference}
            schema={what === "settings" ? settings : kinds.get(difference.node.kind)?.config_schema}
          />
        )}
        {what === "led" && (
          <p className="small dim">
            {branchLabel(difference.node, difference.branch)}: {step(difference.before)} → {step(difference.after)}
          </p>
        )}
      </div>
    </li>
  );
}

type FieldsProps = { difference: Extract<Difference, { fields: unknown }>; schema: JsonSchema | undefined };

function FieldLines({ difference, schema }: FieldsProps) {
  const say = useBilingual();
  const known = schema ? fieldsOf(schema) : [];
  const label = (name: string) => say(known.find((field) => field.name === name)?.schema["x-label"]) || name.replaceAll("_", " ");
  return difference.fields.map(({ name, before, after }) => (
    <p key={name} className="small dim change-field">
      {label(name)}: <del>{shown(before)}</del> → <ins>{shown(after)}</ins>
    </p>
  ));
}

const LONGEST = 120;

function shown(value: unknown): string {
  if (value === undefined || value === null || value === "") return "—";
  const plain = Array.isArray(value) && value.every((part) => typeof part !== "object");
  const text = typeof value === "string" ? value : plain ? value.join(", ") || "—" : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
