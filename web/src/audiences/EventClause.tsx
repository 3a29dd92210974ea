/** A sentence about what somebody did: [did] [event] [how much] [within when] [where …]. */
import { CloseOutlined } from "@ant-design/icons";
import { Button, InputNumber, Select } from "antd";
import type { Catalog, EventLeaf, Leaf, OwnUsual, PropertyType, RuleOp, WhereClause } from "../shared/api-types";
import { useCatalog } from "../shared/catalog";
import { useBilingual } from "../shared/i18n/i18n";
import { OneOf } from "../shared/OneOf";
import { withOp } from "./LeafEditor";
import { canBeOwn, isOwn, MEASURES, measureOf, opsFor, withMeasure, type Measure } from "./rules";
import { useText } from "./text";
import { OpSelect, ValueInput } from "./ValueInput";
import { WindowInput } from "./WindowInput";

type Props = { leaf: EventLeaf; onChange: (leaf: Leaf) => void };

export function EventClause({ leaf, onChange }: Props) {
  const t = useText();
  const { events } = useCatalog();
  const measure = measureOf(leaf);
  const event = events.find(({ name }) => name === leaf.event);
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
        <EventSelect value={leaf.event} onChange={(name) => onChange({ ...leaf, event: name })} />
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

type SelectProps = { value?: string; onChange?: (name: string) => void; id?: string };

export function EventSelect({ value = "", onChange, id }: SelectProps) {
  const t = useText();
  const say = useBilingual();
  const { events } = useCatalog();
  const options = events.map(({ name, label }) => ({ value: name, label: say(label) || name }));
  if (value && !events.some(({ name }) => name === value)) options.push({ value, label: value });
  return (
    <Select
      {...(id ? { id } : {})}
      showSearch={{ optionFilterProp: "label" }}
      value={value || null}
      placeholder={t("event.pick")}
      options={options}
      onChange={(name: string | null) => onChange?.(name ?? "")}
      style={{ minWidth: 160 }}
      popupMatchSelectWidth={false}
    />
  );
}

type CatalogEvent = Catalog["events"][number] | undefined;
type HowMuchProps = Props & { measure: Measure; event: CatalogEvent };

function HowMuch({ leaf, measure, event, onChange }: HowMuchProps) {
  const t = useText();
  if (measure === "did" || measure === "did_not") return null;
  const timed = measure === "first" || measure === "last";
  const type = timed ? typeOfEnd(event, leaf.property) : "number";
  const money = measure !== "count" && measure !== "distinct" && (leaf.property ?? (timed ? "" : "amount")) === "amount";
  const setOp = (op: RuleOp) => {
    const kept = isOwn(leaf.value) && canBeOwn({ ...leaf, op }) ? { op } : withOp(op, leaf.op, isOwn(leaf.value) ? undefined : leaf.value);
    onChange({ ...leaf, value: isOwn(leaf.value) && canBeOwn({ ...leaf, op }) ? leaf.value : undefined, ...kept });
  };
  return (
    <>
      {timed && <EndProperty leaf={leaf} event={event} onChange={onChange} />}
      {!timed && measure !== "count" && <MeasuredProperty leaf={leaf} measure={measure} event={event} onChange={onChange} />}
      <OpSelect
        ops={leaf.property && timed ? opsFor(type) : opsFor(type).filter((op) => !op.endsWith("exists") && op !== "in_next_days")}
        value={leaf.op}
        onChange={setOp}
      />
      {isOwn(leaf.value) ? (
        <OwnInput value={leaf.value} onChange={(value) => onChange({ ...leaf, value })} />
      ) : (
        <ValueInput type={type} op={leaf.op} value={leaf.value} money={money} onChange={(value) => onChange({ ...leaf, value })} />
      )}
      {canBeOwn(leaf) && (
        <button
          type="button"
          className="chip small-chip"
          aria-pressed={isOwn(leaf.value)}
          onClick={() => onChange({ ...leaf, value: isOwn(leaf.value) ? undefined : { own: 0.5, window: { ago: [30, 210], unit: "days" } } })}
        >
          {t("own.toggle")}
        </button>
      )}
    </>
  );
}

/** So many times what is usual for the person, over which stretch of time. */
function OwnInput({ value, onChange }: { value: OwnUsual; onChange: (value: OwnUsual) => void }) {
  const t = useText();
  return (
    <span className="row wrap">
      <InputNumber
        min={0.01}
        step={0.1}
        value={value.own}
        onChange={(own) => onChange({ ...value, own: own ?? 1 })}
        aria-label={t("own.times")}
        style={{ width: 84 }}
      />
      {t("own.of")}
      <WindowInput value={value.window} modes={["last", "ago"]} onChange={(window) => onChange({ ...value, window })} />
    </span>
  );
}

const plain = (property: string) => property.replace(/^props\./, "");

/** When it was, or what a property of that one event was. */
function typeOfEnd(event: CatalogEvent, property: string | null | undefined): PropertyType {
  if (!property) return "time";
  if (property === "amount") return "number";
  return event?.properties.find(({ name }) => name === plain(property))?.type ?? "string";
}

function EndProperty({ leaf, event, onChange }: Omit<HowMuchProps, "measure">) {
  const t = useText();
  const say = useBilingual();
  const options = [
    { value: "", label: t("event.time") },
    ...(event?.properties ?? []).map(({ name, label }) =>
      name === "amount" ? { value: name, label: t("event.amount") } : { value: `props.${name}`, label: say(label) || name },
    ),
  ];
  const held = options.find(({ value }) => plain(value) === plain(leaf.property ?? ""));
  return (
    <Select
      value={held?.value ?? leaf.property ?? ""}
      onChange={(property: string) => {
        const op = opsFor(typeOfEnd(event, property))[0]!;
        const { value: _, ...rest } = leaf;
        onChange({ ...rest, property: property || null, op, ...(property ? {} : { value: 30 }) });
      }}
      options={options}
      showSearch={{ optionFilterProp: "label" }}
      style={{ minWidth: 90 }}
      popupMatchSelectWidth={false}
      aria-label={t("event.property")}
    />
  );
}

function MeasuredProperty({ leaf, measure, event, onChange }: HowMuchProps) {
  const t = useText();
  const say = useBilingual();
  const fitting = (event?.properties ?? []).filter(
    (property) => property.name !== "amount" && (measure === "distinct" || property.type === "number"),
  );
  const amount = measure === "distinct" ? [] : [{ value: "amount", label: t("event.amount") }];
  return (
    <Select
      value={leaf.property || null}
      placeholder={t("event.property")}
      onChange={(property: string) => onChange({ ...leaf, property })}
      options={[...amount, ...fitting.map(({ name, label }) => ({ value: `props.${name}`, label: say(label) || name }))]}
      style={{ minWidth: 110 }}
      popupMatchSelectWidth={false}
      aria-label={t("event.property")}
    />
  );
}

type WhereProps = {
  clause: WhereClause;
  event: CatalogEvent;
  onChange: (clause: WhereClause) => void;
  onRemove: () => void;
};

export function WhereLine({ clause, event, onChange, onRemove }: WhereProps) {
  const t = useText();
  const say = useBilingual();
  const properties = event?.properties ?? [];
  const type: PropertyType = properties.find(({ name }) => name === clause.property)?.type ?? "string";
  return (
    <div className="row wrap where-line">
      <span className="faint">{t("event.where")}</span>
      <OneOf
        value={clause.property}
        onChange={(property) => onChange({ property, op: clause.op })}
        placeholder={t("event.property")}
        minWidth={150}
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
