/** A condition on the value of a tag. */
import { Select } from "antd";
import { OpSelect, ValueInput } from "../audiences/ValueInput";
import { opsFor } from "../audiences/rules";
import { useText as useRuleText } from "../audiences/text";
import type { Leaf, Page, PropertyType, RuleOp, TagLeaf } from "../shared/api-types";
import { OneOf } from "../shared/OneOf";
import { useGet } from "../shared/query";
import type { Tag, Values } from "./types";
import { useValueText } from "./Value";

type Props = { leaf: TagLeaf; onChange: (leaf: Leaf) => void };

function typeOf(tag: Tag | undefined): PropertyType {
  if (!tag) return "string";
  if (["time", "date"].includes(tag.unit)) return "time";
  return ["money", "days"].includes(tag.unit) || tag.kind === "number" ? "number" : "string";
}

export function TagClause({ leaf, onChange }: Props) {
  const t = useRuleText();
  const { data } = useGet<Page<Tag>>("/tags");
  const tags = data?.items ?? [];
  const tag = tags.find(({ id }) => id === leaf.tag);
  const type = typeOf(tag);
  const options = tags.map(({ id, name }) => ({ value: id, label: name }));
  if (leaf.tag && data && !tag) options.push({ value: leaf.tag, label: leaf.tag });
  const listed = type === "string" && ["in", "not_in", "eq", "ne"].includes(leaf.op);
  return (
    <>
      <span className="clause-word">{t("kind.tag")}</span>
      <Select
        showSearch={{ optionFilterProp: "label" }}
        value={leaf.tag || null}
        placeholder={t("tag.pick")}
        options={options}
        onChange={(id: string) => onChange({ tag: id, op: starting(typeOf(tags.find((one) => one.id === id))) })}
        style={{ minWidth: 150 }}
        popupMatchSelectWidth={false}
        aria-label={t("tag.pick")}
      />
      <OpSelect ops={opsFor(type)} value={leaf.op} onChange={(op) => onChange({ tag: leaf.tag, op })} />
      {listed && tag ? (
        <KnownValues tag={tag} leaf={leaf} onChange={onChange} />
      ) : (
        <ValueInput type={type} op={leaf.op} value={leaf.value} money={tag?.unit === "money"} onChange={(value) => onChange({ ...leaf, value })} />
      )}
    </>
  );
}

function starting(type: PropertyType): RuleOp {
  return ({ string: "in", number: "gte", time: "in_last_days", boolean: "eq" } as const)[type];
}

/** The values the tag gives now, by their names; others can be typed. */
function KnownValues({ tag, leaf, onChange }: Props & { tag: Tag }) {
  const t = useRuleText();
  const text = useValueText();
  const { data } = useGet<Values>(`/tags/${tag.id}/values`, { staleMs: 60_000 });
  const listed = {
    options: (data?.values ?? []).map(({ value }) => ({ value, label: text(value, tag.unit, tag.labels) })),
    placeholder: t("value"),
    "aria-label": t("value"),
  };
  if (leaf.op === "eq" || leaf.op === "ne")
    return <OneOf {...listed} value={leaf.value === undefined ? "" : String(leaf.value)} onChange={(value) => onChange({ ...leaf, value })} minWidth={200} />;
  return (
    <Select
      {...listed}
      mode="tags"
      value={Array.isArray(leaf.value) ? (leaf.value as string[]) : []}
      onChange={(value: string[]) => onChange({ ...leaf, value })}
      style={{ minWidth: 200 }}
      popupMatchSelectWidth={false}
    />
  );
}
