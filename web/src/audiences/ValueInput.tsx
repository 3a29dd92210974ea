import { Input, InputNumber, Select } from "antd";
import type { PropertyType, RuleOp } from "../shared/api-types";
import { DayInput, DayRange } from "./DayInput";
import { takesValue } from "./rules";
import { useText } from "./text";

type OpProps = { ops: RuleOp[]; value: RuleOp; onChange: (op: RuleOp) => void };

export function OpSelect({ ops, value, onChange }: OpProps) {
  const t = useText();
  const shown = ops.includes(value) ? ops : [value, ...ops];
  return (
    <Select
      value={value}
      onChange={onChange}
      popupMatchSelectWidth={false}
      style={{ minWidth: 92 }}
      options={shown.map((op) => ({ value: op, label: t(`op.${op}`) }))}
    />
  );
}

/** `money`: the value is integer fen; the operator reads and types yuan. */
type Props = { type: PropertyType; op: RuleOp; value: unknown; onChange: (value: unknown) => void; money?: boolean };

const asNumber = (value: unknown): number | null => (typeof value === "number" ? value : null);

export function ValueInput({ money = false, ...props }: Props) {
  if (!takesValue(props.op)) return null;
  if (!money) return <PlainInput {...props} />;
  return (
    <span className="row">
      <PlainInput {...props} value={scaled(props.value, 0.01)} onChange={(yuan) => props.onChange(scaled(yuan, 100))} />
    </span>
  );
}

function scaled(value: unknown, by: number): unknown {
  if (Array.isArray(value)) return value.map((part) => scaled(part, by));
  if (typeof value !== "number") return value;
  return by < 1 ? value / Math.round(1 / by) : Math.round(value * by);
}

function PlainInput({ type, op, value, onChange }: Omit<Props, "money">) {
  const t = useText();
  if (op.endsWith("_days")) {
    return (
      <span className="row">
        <InputNumber min={op === "recurs_in_next_days" ? 0 : 1} precision={0} value={asNumber(value)} onChange={onChange} aria-label={t("value")} style={{ width: 84 }} />
        {t("value.days")}
      </span>
    );
  }
  if (op === "in" || op === "not_in") {
    return (
      <Select
        mode="tags"
        value={Array.isArray(value) ? (value as string[]) : []}
        onChange={(next: string[]) => onChange(type === "number" ? next.map(Number) : next)}
        tokenSeparators={[",", "，"]}
        open={false}
        suffixIcon={null}
        placeholder={t("value.list")}
        style={{ minWidth: 220 }}
      />
    );
  }
  if (op === "between") return <RangeInput type={type} value={value} onChange={onChange} />;
  return <OneValue type={type} value={value} onChange={onChange} />;
}

function OneValue({ type, value, onChange }: Omit<Props, "op" | "money">) {
  const t = useText();
  switch (type) {
    case "number":
      return <InputNumber value={asNumber(value)} onChange={onChange} aria-label={t("value")} style={{ width: 130 }} />;
    case "boolean":
      return (
        <Select
          value={typeof value === "boolean" ? value : null}
          onChange={onChange}
          placeholder={t("value")}
          style={{ width: 90 }}
          options={[
            { value: true, label: t("value.yes") },
            { value: false, label: t("value.no") },
          ]}
        />
      );
    case "time":
      return <DayInput value={value} onChange={onChange} />;
    default:
      return (
        <Input
          value={typeof value === "string" ? value : (value?.toString() ?? "")}
          onChange={(event) => onChange(event.target.value)}
          placeholder={t("value")}
          aria-label={t("value")}
          style={{ width: 170 }}
        />
      );
  }
}

function RangeInput({ type, value, onChange }: Omit<Props, "op" | "money">) {
  const t = useText();
  const pair = Array.isArray(value) ? (value as unknown[]) : [];
  if (type === "time") return <DayRange value={[pair[0], pair[1]]} onChange={onChange} />;
  const set = (index: 0 | 1, part: number | null) => onChange(index === 0 ? [part, pair[1] ?? null] : [pair[0] ?? null, part]);
  return (
    <span className="row">
      <InputNumber value={asNumber(pair[0])} onChange={(part) => set(0, part)} aria-label={t("value")} style={{ width: 104 }} />
      {t("value.and")}
      <InputNumber value={asNumber(pair[1])} onChange={(part) => set(1, part)} aria-label={t("value")} style={{ width: 104 }} />
    </span>
  );
}
