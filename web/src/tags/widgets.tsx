/** The fields of a tag's form that are more than a text: events, properties, windows, conditions, steps, rules, SQL. */
import { CloseOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Form, Input, Select } from "antd";
import { createContext, useContext, type ComponentType } from "react";
import { EventSelect, WhereLine } from "../audiences/EventClause";
import { FaultsContext, RuleGroup } from "../audiences/RuleGroup";
import { asRoot, type Fault } from "../audiences/rules";
import { Length, UNITS, WindowInput } from "../audiences/WindowInput";
import type { Rule, RuleWindow, SequenceStep, TimeUnit, WhereClause } from "../shared/api-types";
import { useCatalog } from "../shared/catalog";
import { useBilingual } from "../shared/i18n/i18n";
import type { WidgetProps } from "../shared/SchemaForm";
import { useText } from "./text";

export const TagFaults = createContext<Fault[]>([]);

function useEvent() {
  const form = Form.useFormInstance();
  const name = Form.useWatch<string | undefined>("event", form);
  return useCatalog().events.find((event) => event.name === name);
}

function EventField({ value, onChange }: WidgetProps) {
  return <EventSelect value={(value as string) ?? ""} onChange={(name) => onChange?.(name)} />;
}

function PropertyField({ value, onChange, id }: WidgetProps) {
  const t = useText();
  const say = useBilingual();
  const event = useEvent();
  const options = (event?.properties ?? []).map(({ name, label }) => ({
    value: name,
    label: name === "amount" ? t("property.amount") : say(label) || name,
  }));
  if (event && !options.some((one) => one.value === "amount")) options.unshift({ value: "amount", label: t("property.amount") });
  const chosen = typeof value === "string" ? value : "";
  if (chosen && !options.some((one) => one.value === chosen)) options.push({ value: chosen, label: chosen });
  return (
    <Select
      {...(id ? { id } : {})}
      allowClear
      showSearch={{ optionFilterProp: "label" }}
      value={chosen || null}
      onChange={(name: string | null | undefined) => onChange?.(name ?? "")}
      options={options}
      placeholder={t("property.pick")}
      aria-label={t("property.pick")}
      style={{ minWidth: 200, maxWidth: 320 }}
      popupMatchSelectWidth={false}
    />
  );
}

function WindowField({ value, onChange }: WidgetProps) {
  return <WindowInput value={(value as RuleWindow) ?? null} onChange={(window) => onChange?.(window)} />;
}

function WhereField({ value, onChange }: WidgetProps) {
  const t = useText();
  const event = useEvent();
  const lines = (value as WhereClause[] | undefined) ?? [];
  return (
    <div className="col">
      {lines.map((clause, place) => (
        <WhereLine
          key={place}
          clause={clause}
          event={event}
          onChange={(next) => onChange?.(lines.with(place, next))}
          onRemove={() => onChange?.(lines.toSpliced(place, 1))}
        />
      ))}
      <Button size="small" icon={<PlusOutlined />} className="self-start" onClick={() => onChange?.([...lines, { property: "", op: "eq" }])}>
        {t("where.add")}
      </Button>
    </div>
  );
}

const TWO: SequenceStep[] = [{ event: "" }, { event: "" }];

function StepsField({ value, onChange }: WidgetProps) {
  const t = useText();
  const { events } = useCatalog();
  const steps = (value as SequenceStep[] | undefined) ?? TWO;
  const set = (place: number, step: SequenceStep) => onChange?.(steps.with(place, step));
  return (
    <div className="col">
      {steps.map((step, place) => (
        <div key={place} className="tag-step">
          <div className="row wrap">
            <span className="faint num">{place + 1}</span>
            <EventSelect value={step.event} onChange={(event) => set(place, { ...step, event })} />
            <Button size="small" type="text" onClick={() => set(place, { ...step, where: [...(step.where ?? []), { property: "", op: "eq" }] })}>
              {t("where.add")}
            </Button>
            {steps.length > 2 && (
              <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t("remove")} onClick={() => onChange?.(steps.toSpliced(place, 1))} />
            )}
          </div>
          {(step.where ?? []).map((clause, index) => (
            <WhereLine
              key={index}
              clause={clause}
              event={events.find(({ name }) => name === step.event)}
              onChange={(next) => set(place, { ...step, where: (step.where ?? []).with(index, next) })}
              onRemove={() => set(place, { ...step, where: (step.where ?? []).toSpliced(index, 1) })}
            />
          ))}
        </div>
      ))}
      {steps.length < 5 && (
        <Button size="small" icon={<PlusOutlined />} className="self-start" onClick={() => onChange?.([...steps, { event: "" }])}>
          {t("step.add")}
        </Button>
      )}
    </div>
  );
}

type Within = { n: number; unit: TimeUnit };

function WithinField({ value, onChange }: WidgetProps) {
  const within = (value as Within | undefined) ?? { n: 7, unit: "days" };
  return (
    <span className="row">
      <Length
        n={within.n}
        unit={within.unit}
        units={UNITS.filter((unit) => unit !== "months")}
        onChange={(n, unit) => onChange?.({ n, unit })}
      />
    </span>
  );
}

type RuleValue = { value: string; rule: Rule };

function RulesField({ value, onChange }: WidgetProps) {
  const t = useText();
  const faults = useContext(TagFaults);
  const values = (value as RuleValue[] | undefined) ?? [];
  const set = (place: number, next: RuleValue) => onChange?.(values.with(place, next));
  return (
    <div className="col">
      {values.map((one, place) => (
        <fieldset key={place} className="form-row" aria-label={`${t("rule.value")} ${place + 1}`}>
          <div className="row wrap">
            <Input
              value={one.value}
              onChange={({ target }) => set(place, { ...one, value: target.value })}
              placeholder={t("rule.value")}
              aria-label={t("rule.value")}
              maxLength={100}
              style={{ width: 200 }}
            />
            {place > 0 && (
              <Button size="small" type="text" onClick={() => onChange?.(values.with(place, values[place - 1]!).with(place - 1, one))}>
                {t("up")}
              </Button>
            )}
            <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t("remove")} onClick={() => onChange?.(values.toSpliced(place, 1))} />
          </div>
          <FaultsContext.Provider value={under(faults, `values/${place}/rule`)}>
            <RuleGroup rule={asRoot(one.rule)} pointer="" onChange={(rule) => set(place, { ...one, rule })} />
          </FaultsContext.Provider>
        </fieldset>
      ))}
      {values.length < 20 && (
        <Button icon={<PlusOutlined />} type="dashed" block onClick={() => onChange?.([...values, { value: "", rule: { all: [] } }])}>
          {t("rule.add")}
        </Button>
      )}
    </div>
  );
}

function under(faults: Fault[], start: string): Fault[] {
  return faults.filter(({ field }) => field.startsWith(start)).map((fault) => ({ ...fault, field: fault.field.slice(start.length) }));
}

function SqlField({ value, onChange, id }: WidgetProps) {
  return (
    <Input.TextArea
      {...(id ? { id } : {})}
      className="mono"
      value={(value as string) ?? ""}
      onChange={({ target }) => onChange?.(target.value)}
      autoSize={{ minRows: 6, maxRows: 24 }}
      spellCheck={false}
      placeholder={"SELECT person, count() AS value\nFROM events\nWHERE event = 'order_paid'\nGROUP BY person"}
    />
  );
}

/** Amounts as they are typed, in yuan; what is kept is fen. */
function YuanField({ value, onChange, id }: WidgetProps) {
  const t = useText();
  const fen = (value as number[] | undefined) ?? [];
  return (
    <span className="row">
      <Select
        {...(id ? { id } : {})}
        mode="tags"
        open={false}
        suffixIcon={null}
        tokenSeparators={[",", "，", " "]}
        value={fen.map((one) => String(one / 100))}
        onChange={(typed: string[]) => onChange?.(typed.map((one) => Math.round(Number(one) * 100)).filter(Number.isFinite))}
        style={{ minWidth: 220 }}
      />
      {t("yuan")}
    </span>
  );
}

/** Selects in here are as wide as what they say; a form would stretch them. */
function natural(Widget: ComponentType<WidgetProps>) {
  return function Natural(props: WidgetProps) {
    return (
      <div className="tag-widget">
        <Widget {...props} />
      </div>
    );
  };
}

export const WIDGETS = {
  event: natural(EventField),
  property: natural(PropertyField),
  window: natural(WindowField),
  where: natural(WhereField),
  steps: natural(StepsField),
  within: natural(WithinField),
  rules: natural(RulesField),
  yuan: natural(YuanField),
  sql: SqlField,
};
