/** How membership is kept: live, on a schedule, or as a snapshot; and whether only the first by a value are kept. */
import { InputNumber, Segmented, Select, TimePicker } from "antd";
import dayjs from "dayjs";
import type { Aggregate, Audience, AudienceKind, RankedBy, Schedule, Top } from "../shared/api-types";
import { useCatalog } from "../shared/catalog";
import { useBilingual } from "../shared/i18n/i18n";
import { EventSelect } from "./EventClause";
import "./rules.css";
import { useText } from "./text";
import { WindowInput } from "./WindowInput";

export type Keeping = { kind: AudienceKind; schedule: Schedule | null; top: Top | null };
type Props = { value: Keeping; onChange: (value: Keeping) => void };

export function keepingOf(audience: Audience | null): Keeping {
  if (!audience) return { kind: "live", schedule: null, top: null };
  return { kind: audience.kind, schedule: audience.schedule, top: audience.top };
}

/** Nothing left to fill in. */
export function isKept({ top }: Keeping): boolean {
  if (!top) return true;
  return "trait" in top.by ? Boolean(top.by.trait) : Boolean(top.by.event);
}

const KINDS = ["live", "scheduled", "snapshot"] as const;

export function KindForm({ value, onChange }: Props) {
  const t = useText();
  const set = (kind: AudienceKind) =>
    onChange({
      kind,
      schedule: kind === "scheduled" ? (value.schedule ?? { every: "day", at: "03:00" }) : null,
      top: kind === "live" ? null : value.top,
    });
  return (
    <div className="kind-form">
      <span className="label">{t("kind.title")}</span>
      <Segmented<AudienceKind>
        value={value.kind}
        onChange={set}
        options={KINDS.map((kind) => ({ value: kind, label: t(`live.${kind}`) }))}
      />
      <p className="faint small">{t(`live.${value.kind}.hint`)}</p>
      {value.kind === "scheduled" && <ScheduleInput value={value.schedule} onChange={(schedule) => onChange({ ...value, schedule })} />}
      {value.kind !== "live" && <TopInput value={value.top} onChange={(top) => onChange({ ...value, top })} />}
    </div>
  );
}

export function ScheduleInput({ value, onChange }: { value: Schedule | null; onChange: (value: Schedule | null) => void }) {
  const t = useText();
  const every = value?.every ?? "asked";
  return (
    <div className="row wrap">
      <Select<Schedule["every"] | "asked">
        value={every}
        onChange={(next) => onChange(next === "asked" ? null : { every: next, at: value?.at ?? "03:00" })}
        options={(["hour", "day", "week", "month", "asked"] as const).map((each) => ({ value: each, label: t(`schedule.${each}`) }))}
        popupMatchSelectWidth={false}
        aria-label={t("schedule.every")}
      />
      {value?.every === "week" && (
        <Select
          value={value.weekday ?? 1}
          onChange={(weekday) => onChange({ ...value, weekday })}
          options={[1, 2, 3, 4, 5, 6, 7].map((day) => ({ value: day, label: t(`weekday.${day as 1}`) }))}
          popupMatchSelectWidth={false}
          aria-label={t("schedule.weekday")}
        />
      )}
      {value?.every === "month" && (
        <InputNumber
          min={1}
          max={28}
          precision={0}
          value={value.day ?? 1}
          onChange={(day) => onChange({ ...value, day: day ?? 1 })}
          aria-label={t("schedule.dayOfMonth")}
          suffix={t("schedule.dayOfMonth")}
          style={{ width: 96 }}
        />
      )}
      {value && value.every !== "hour" && (
        <TimePicker
          format="HH:mm"
          allowClear={false}
          value={dayjs(`2000-01-01T${value.at ?? "03:00"}`)}
          onChange={(at) => onChange({ ...value, at: at?.format("HH:mm") ?? "03:00" })}
          aria-label={t("schedule.at")}
        />
      )}
    </div>
  );
}

const RANKS: Aggregate[] = ["count", "sum", "avg", "max", "min"];

function TopInput({ value, onChange }: { value: Top | null; onChange: (value: Top | null) => void }) {
  const t = useText();
  const first: Top = { n: 1000, by: { event: "order_paid", aggregate: "sum", property: "amount", window: { last_days: 365 } } };
  return (
    <div className="row wrap">
      <button type="button" className="chip small-chip" aria-pressed={Boolean(value)} onClick={() => onChange(value ? null : first)}>
        {t("top.toggle")}
      </button>
      {value && (
        <>
          <InputNumber
            min={1}
            max={1_000_000}
            precision={0}
            value={value.n}
            onChange={(n) => onChange({ ...value, n: n ?? 1 })}
            aria-label={t("top.n")}
            suffix={t("preview.people")}
            style={{ width: 130 }}
          />
          <span>{t("top.by")}</span>
          <RankInput by={value.by} onChange={(by) => onChange({ ...value, by })} />
        </>
      )}
    </div>
  );
}

function RankInput({ by, onChange }: { by: RankedBy; onChange: (by: RankedBy) => void }) {
  const t = useText();
  const say = useBilingual();
  const { traits } = useCatalog();
  const numbers = traits.filter(({ type }) => type === "number");
  return (
    <>
      <Select
        value={"trait" in by ? "trait" : "event"}
        onChange={(kind) =>
          onChange(kind === "trait" ? { trait: numbers[0]?.name ?? "" } : { event: "order_paid", aggregate: "sum", property: "amount" })
        }
        options={(["event", "trait"] as const).map((kind) => ({ value: kind, label: t(`kind.${kind}`) }))}
        popupMatchSelectWidth={false}
        aria-label={t("top.kind")}
      />
      {"trait" in by ? (
        <Select
          value={by.trait || null}
          onChange={(trait: string) => onChange({ trait })}
          options={numbers.map(({ name, label }) => ({ value: name, label: say(label) || name }))}
          placeholder={t("trait.pick")}
          style={{ minWidth: 140 }}
          popupMatchSelectWidth={false}
        />
      ) : (
        <>
          <EventSelect value={by.event} onChange={(event) => onChange({ ...by, event })} />
          <Select
            value={by.aggregate}
            onChange={(aggregate) => onChange({ ...by, aggregate, property: aggregate === "count" ? null : "amount" })}
            options={RANKS.map((each) => ({ value: each, label: t(`rank.${each as "sum"}`) }))}
            popupMatchSelectWidth={false}
            aria-label={t("top.measure")}
          />
          <WindowInput value={by.window ?? null} modes={["last", "between", "ever"]} onChange={(window) => onChange({ ...by, window })} />
        </>
      )}
    </>
  );
}
