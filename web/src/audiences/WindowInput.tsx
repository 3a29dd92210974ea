/** When events count: the last so long, so long ago, between, since another event, between dates, or ever. */
import { InputNumber, Select } from "antd";
import type { RuleWindow, TimeUnit } from "../shared/api-types";
import { momentsOf, today, useTimezone } from "../shared/timezone";
import { DayRange } from "./DayInput";
import { EventSelect } from "./EventClause";
import { useText } from "./text";

export type WindowMode = "last" | "before" | "ago" | "since" | "between" | "ever";
const MODES: WindowMode[] = ["last", "before", "ago", "since", "between", "ever"];
export const UNITS: TimeUnit[] = ["minutes", "hours", "days", "weeks", "months"];

function modeOf(window: RuleWindow): WindowMode {
  if (!window) return "ever";
  if ("last_days" in window || "last" in window) return "last";
  if ("before" in window) return "before";
  if ("ago" in window) return "ago";
  return "since" in window ? "since" : "between";
}

function starting(mode: WindowMode, zone: string): RuleWindow {
  switch (mode) {
    case "last":
      return { last_days: 30 };
    case "before":
      return { before: 30, unit: "days" };
    case "ago":
      return { ago: [7, 30], unit: "days" };
    case "since":
      return { since: "last", event: "" };
    case "between":
      return { from: momentsOf(today(zone, 30), zone)[0], to: momentsOf(today(zone), zone)[1] };
    case "ever":
      return null;
  }
}

/** Days are written the short way, as they always were. */
function last(n: number, unit: TimeUnit): RuleWindow {
  return unit === "days" ? { last_days: n } : { last: n, unit };
}

type Props = { value: RuleWindow; onChange: (window: RuleWindow) => void; modes?: WindowMode[] };

export function WindowInput({ value, onChange, modes = MODES }: Props) {
  const t = useText();
  const zone = useTimezone();
  return (
    <span className="row wrap">
      <Select<WindowMode>
        value={modeOf(value)}
        onChange={(next) => onChange(starting(next, zone))}
        aria-label={t("window.mode")}
        popupMatchSelectWidth={false}
        style={{ minWidth: 84 }}
        options={modes.map((key) => ({ value: key, label: t(`window.${key}`) }))}
      />
      <Details value={value} onChange={onChange} />
    </span>
  );
}

function Details({ value, onChange }: Omit<Props, "modes">) {
  const t = useText();
  if (!value) return null;
  if ("last_days" in value || "last" in value) {
    const [n, unit]: [number, TimeUnit] = "last" in value ? [value.last, value.unit] : [value.last_days, "days"];
    return <Length n={n} unit={unit} onChange={(next, nextUnit) => onChange(last(next, nextUnit))} />;
  }
  if ("before" in value) {
    return (
      <>
        <Length n={value.before} unit={value.unit} onChange={(before, unit) => onChange({ before, unit })} />
        {t("window.before.word")}
      </>
    );
  }
  if ("ago" in value) {
    return (
      <>
        <Count value={value.ago[0]} onChange={(near) => onChange({ ...value, ago: [near, value.ago[1]] })} />
        {t("value.and")}
        <Length n={value.ago[1]} unit={value.unit} onChange={(far, unit) => onChange({ ago: [value.ago[0], far], unit })} />
        {t("window.ago.word")}
      </>
    );
  }
  if ("since" in value) {
    return (
      <>
        <Select
          value={value.since}
          onChange={(since) => onChange({ ...value, since })}
          options={(["first", "last"] as const).map((which) => ({ value: which, label: t(`window.since.${which}`) }))}
          popupMatchSelectWidth={false}
          aria-label={t("window.since")}
        />
        <EventSelect value={value.event} onChange={(event) => onChange({ ...value, event })} />
      </>
    );
  }
  return <DayRange clear={false} value={[value.from, value.to]} onChange={(days) => days && onChange({ from: days[0], to: days[1] })} />;
}

type LengthProps = { n: number; unit: TimeUnit; units?: TimeUnit[]; onChange: (n: number, unit: TimeUnit) => void };

export function Length({ n, unit, units = UNITS, onChange }: LengthProps) {
  const t = useText();
  return (
    <>
      <Count value={n} onChange={(next) => onChange(next, unit)} />
      <Select
        value={unit}
        onChange={(next: TimeUnit) => onChange(n, next)}
        options={units.map((each) => ({ value: each, label: t(`unit.${each}`) }))}
        popupMatchSelectWidth={false}
        aria-label={t("window.unit")}
      />
    </>
  );
}

function Count({ value, onChange }: { value: number; onChange: (value: number) => void }) {
  const t = useText();
  return (
    <InputNumber
      min={1}
      precision={0}
      value={value}
      onChange={(next) => onChange(next ?? 1)}
      aria-label={t("window.number")}
      style={{ width: 72 }}
    />
  );
}
