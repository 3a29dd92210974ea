/** A sentence about what somebody did: [did] [event] [how much] [within when] [where …]. */
import { CloseOutlined } from "@ant-design/icons";
import { Button, DatePicker, InputNumber, Select } from "antd";
import dayjs from "dayjs";
import type { Catalog, EventLeaf, Leaf, PropertyType, RuleWindow, WhereClause } from "../shared/api-types";
import { useCatalog } from "../shared/catalog";
import { useBilingual } from "../shared/i18n/i18n";
import { withOp } from "./LeafEditor";
import { MEASURES, measureOf, opsFor, withMeasure, type Measure } from "./rules";
import { useText } from "./text";
import { OpSelect, ValueInput } from "./ValueInput";

type Props = { leaf: EventLeaf; onChange: (leaf: Leaf) => void };

export function EventClause({ leaf, onChange }: Props) {
  const t = useText();
  const say = useBilingual();
  const { events } = useCatalog();
  const measure = measureOf(leaf);
  const event = events.find(({ name }) => name === leaf.event);
  const options = events.map(({ name, label }) => ({ value: name, label: say(label) || name }));
  if (leaf.event && !event) options.push({ value: leaf.event, label: leaf.event });
  const where = leaf.where ?? [];
  return (
    <div className="event-clause">
      <div className="row wrap">
        <Select<Measure>
          value={measure}
          onChange={(next) => onChange(withMeasure(leaf, next))}
          options={MEASURES.map((value) => ({ value, label: t(`measure.${value}`) }))}
          style={{ minWidth: 96 }}
          popupMatchSelectWidth={false}
        />
        <Select
          showSearch={{ optionFilterProp: "label" }}
          value={leaf.event || null}
          placeholder={t("event.pick")}
          options={options}
          onChange={(name: string) => onChange({ ...leaf, event: name })}
          style={{ minWidth: 160 }}
          popupMatchSelectWidth={false}
        />
        <HowMuch leaf={leaf} measure={measure} event={event} onChange={onChange} />
        <WindowInput value={leaf.window ?? null} onChange={(window) => onChange({ ...leaf, window })} />
        <Button
          size="small"
          type="text"
          onClick={() => onChange({ ...leaf, where: [...where, { property: "", op: "eq" }] })}
        >
          {t("event.where.add")}
        </Button>
      </div>
      {where.map((clause, index) => (
        <WhereLine
          key={index}
          clause={clause}
          event={event}
          onChange={(next) => onChange({ ...leaf, where: where.with(index, next) })}
          onRemove={() => onChange({ ...leaf, where: where.toSpliced(index, 1) })}
        />
      ))}
    </div>
  );
}

type CatalogEvent = Catalog["events"][number] | undefined;
type HowMuchProps = Props & { measure: Measure; event: CatalogEvent };

function HowMuch({ leaf, measure, event, onChange }: HowMuchProps) {
  const t = useText();
  if (measure === "did" || measure === "did_not") return null;
  const timed = measure === "first" || measure === "last";
  const type: PropertyType = timed && !leaf.property ? "time" : "number";
  const numbers = event?.properties.filter((property) => property.type === "number" && property.name !== "amount") ?? [];
  const properties = [
    { value: "amount", label: t("event.amount") },
    ...numbers.map(({ name }) => ({ value: `props.${name}`, label: name })),
  ];
  return (
    <>
      {!timed && measure !== "count" && (
        <Select
          value={leaf.property ?? "amount"}
          onChange={(property) => onChange({ ...leaf, property })}
          options={properties}
          style={{ minWidth: 110 }}
          popupMatchSelectWidth={false}
          aria-label={t("event.property")}
        />
      )}
      <OpSelect
        ops={opsFor(type).filter((op) => !op.endsWith("exists"))}
        value={leaf.op}
        onChange={(op) => onChange({ ...leaf, value: undefined, ...withOp(op, leaf.op, leaf.value) })}
      />
      <ValueInput
        type={type}
        op={leaf.op}
        value={leaf.value}
        money={!timed && measure !== "count" && (leaf.property ?? "amount") === "amount"}
        onChange={(value) => onChange({ ...leaf, value })}
      />
    </>
  );
}

type WindowMode = "last" | "between" | "ever";

function modeOf(window: RuleWindow): WindowMode {
  if (!window) return "ever";
  return "last_days" in window ? "last" : "between";
}

function WindowInput({ value, onChange }: { value: RuleWindow; onChange: (window: RuleWindow) => void }) {
  const t = useText();
  const mode = modeOf(value);
  const start: Record<WindowMode, RuleWindow> = {
    last: { last_days: 30 },
    between: { from: dayjs().subtract(30, "day").startOf("day").toISOString(), to: dayjs().endOf("day").toISOString() },
    ever: null,
  };
  return (
    <span className="row wrap">
      <Select<WindowMode>
        value={mode}
        onChange={(next) => onChange(start[next])}
        aria-label={t("window.mode")}
        popupMatchSelectWidth={false}
        style={{ minWidth: 84 }}
        options={(["last", "between", "ever"] as const).map((key) => ({ value: key, label: t(`window.${key}`) }))}
      />
      {value && "last_days" in value && (
        <>
          <InputNumber
            min={1}
            max={3650}
            precision={0}
            value={value.last_days}
            onChange={(days) => onChange({ last_days: days ?? 1 })}
            aria-label={t("window.days")}
            style={{ width: 80 }}
          />
          {t("window.days")}
        </>
      )}
      {value && "from" in value && (
        <DatePicker.RangePicker
          allowClear={false}
          value={[dayjs(value.from), dayjs(value.to)]}
          onChange={(days) =>
            days?.[0] &&
            days[1] &&
            onChange({ from: days[0].startOf("day").toISOString(), to: days[1].endOf("day").toISOString() })
          }
        />
      )}
    </span>
  );
}

type WhereProps = {
  clause: WhereClause;
  event: CatalogEvent;
  onChange: (clause: WhereClause) => void;
  onRemove: () => void;
};

function WhereLine({ clause, event, onChange, onRemove }: WhereProps) {
  const t = useText();
  const say = useBilingual();
  const properties = event?.properties ?? [];
  const type: PropertyType = properties.find(({ name }) => name === clause.property)?.type ?? "string";
  return (
    <div className="row wrap where-line">
      <span className="faint">{t("event.where")}</span>
      <Select
        mode="tags"
        maxCount={1}
        value={clause.property ? [clause.property] : []}
        onChange={(names: string[]) => onChange({ property: names.at(-1) ?? "", op: clause.op })}
        placeholder={t("event.property")}
        style={{ minWidth: 150 }}
        popupMatchSelectWidth={false}
        options={properties.map(({ name, label }) => ({
          value: name,
          label: name === "amount" ? t("event.amount") : say(label) || name,
        }))}
      />
      <OpSelect
        ops={opsFor(type)}
        value={clause.op}
        onChange={(op) => onChange({ property: clause.property, ...withOp(op, clause.op, clause.value) })}
      />
      <ValueInput
        type={type}
        op={clause.op}
        value={clause.value}
        money={clause.property === "amount"}
        onChange={(value) => onChange({ ...clause, value })}
      />
      <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t("group.remove")} onClick={onRemove} />
    </div>
  );
}
