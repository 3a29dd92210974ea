/** Inputs for what a setting names: an event, an audience, a rule, a span of time … */
import { Button, Drawer, Input, InputNumber, Select } from "antd";
import { useContext, useState } from "react";
import { PreviewPanel, usePreview } from "../audiences/Preview";
import { FaultsContext, NotesContext, RuleGroup } from "../audiences/RuleGroup";
import { asRoot, isComplete } from "../audiences/rules";
import type { Audience, Journey, OperatorRow, Page, Rule } from "../shared/api-types";
import { useCatalog } from "../shared/catalog";
import { useCommon } from "../shared/i18n/common";
import { useBilingual, useLanguage } from "../shared/i18n/i18n";
import { LinkButton } from "../shared/LinkButton";
import { useChannelName } from "../shared/Marks";
import { useGet } from "../shared/query";
import type { Template as MessageTemplate } from "../shared/campaign-types";
import type { WidgetProps, Widgets } from "../shared/SchemaForm";
import type { Tag } from "../tags/types";
import { BoardContext } from "./board";
import { useText } from "./text";

type Option = { value: string; label: string };
type Text = string | string[];
type PickProps = WidgetProps<Text> & { options: Option[]; placeholder: string; open?: boolean };

/** One or several of what there is; what isn't known yet can be typed, where `open`. */
function Pick({ value, onChange, id, multiple = false, options, placeholder, open = false }: PickProps) {
  const [typed, setTyped] = useState("");
  const chosen = [value ?? []].flat().filter(Boolean);
  const known = new Set(options.map((option) => option.value));
  const unknown = [...chosen, ...(open && typed.trim() ? [typed.trim()] : [])].filter((name) => !known.has(name));
  const all = [...options, ...[...new Set(unknown)].map((name) => ({ value: name, label: name }))];
  return (
    <Select<Text>
      {...(id ? { id } : {})}
      {...(multiple ? { mode: "multiple" as const } : {})}
      value={multiple ? chosen : (chosen[0] ?? null)!}
      allowClear
      placeholder={placeholder}
      options={all}
      showSearch={{ optionFilterProp: "label", onSearch: setTyped }}
      onChange={(next) => {
        setTyped("");
        onChange?.(next ?? (multiple ? [] : ""));
      }}
      popupMatchSelectWidth={false}
    />
  );
}

function EventField(props: WidgetProps<Text>) {
  const t = useText();
  const say = useBilingual();
  const { events } = useCatalog();
  const options = events.map(({ name, label }) => ({ value: name, label: say(label) || name }));
  return <Pick {...props} options={options} placeholder={t("pick.event")} open />;
}

function TraitField(props: WidgetProps<Text>) {
  const t = useText();
  const say = useBilingual();
  const { traits } = useCatalog();
  const options = traits.map(({ name, label }) => ({ value: name, label: say(label) || name }));
  return <Pick {...props} options={options} placeholder={t("pick.trait")} open />;
}

export function AudienceField(props: WidgetProps<Text>) {
  const t = useText();
  const { data } = useGet<Page<Audience>>("/audiences?limit=200", { staleMs: 30_000 });
  const options = (data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }));
  if (data && options.length === 0) {
    return (
      <div className="note row between">
        <span>{t("pick.audience.none")}</span>
        <LinkButton to="/audiences/new">{t("pick.audience.new")}</LinkButton>
      </div>
    );
  }
  return <Pick {...props} options={options} placeholder={t("pick.audience")} />;
}

function TemplateField(props: WidgetProps<Text>) {
  const t = useText();
  const channel = useChannelName();
  const { data } = useGet<Page<MessageTemplate>>("/templates?limit=200", { staleMs: 30_000 });
  const options = (data?.items ?? []).map((one) => ({ value: one.id, label: `${one.name} · ${channel(one.channel)}` }));
  return <Pick {...props} options={options} placeholder={t("pick.template")} open />;
}

/** Tags that are given; what is computed can't be changed by a journey. */
function TagField(props: WidgetProps<Text>) {
  const t = useText();
  const { data } = useGet<Page<Tag>>("/tags", { staleMs: 30_000 });
  const options = (data?.items ?? [])
    .filter(({ kind }) => kind === "manual" || kind === "imported")
    .map(({ id, name }) => ({ value: id, label: name }));
  if (data && options.length === 0) {
    return (
      <div className="note row between">
        <span>{t("pick.tag.none")}</span>
        <LinkButton to="/tags/new">{t("pick.tag.new")}</LinkButton>
      </div>
    );
  }
  return <Pick {...props} options={options} placeholder={t("pick.tag")} />;
}

function JourneyField(props: WidgetProps<Text>) {
  const t = useText();
  const { data } = useGet<Page<Journey>>("/journeys?limit=200", { staleMs: 30_000 });
  const options = (data?.items ?? [])
    .filter(({ state }) => state !== "retired")
    .map(({ id, name }) => ({ value: id, label: name }));
  return <Pick {...props} options={options} placeholder={t("pick.journey")} />;
}

function OperatorField(props: WidgetProps<Text>) {
  const t = useText();
  const { data } = useGet<Page<OperatorRow>>("/operators", { staleMs: 60_000 });
  const options = (data?.items ?? [])
    .filter(({ disabled }) => !disabled)
    .map(({ name, email }) => ({ value: email, label: `${name} · ${email}` }));
  return <Pick {...props} options={options} placeholder={t("pick.operator")} open />;
}

function TimeField({ value, onChange, id }: WidgetProps<string>) {
  return <Input type="time" id={id ?? ""} value={value ?? ""} onChange={(event) => onChange?.(event.target.value)} style={{ maxWidth: 160 }} />;
}

function DateField({ value, onChange, id }: WidgetProps<string>) {
  return <Input type="date" id={id ?? ""} value={value ?? ""} onChange={(event) => onChange?.(event.target.value)} style={{ maxWidth: 180 }} />;
}

/** 2026-06-01 was a Monday. */
function WeekdaysField({ value, onChange, id }: WidgetProps<number[]>) {
  const { language } = useLanguage();
  const t = useText();
  const name = new Intl.DateTimeFormat(language, { weekday: "long", timeZone: "UTC" });
  const options = [1, 2, 3, 4, 5, 6, 7].map((day) => ({ value: day, label: name.format(Date.UTC(2026, 5, day)) }));
  return (
    <Select<number[]>
      {...(id ? { id } : {})}
      mode="multiple"
      value={value ?? []}
      options={options}
      placeholder={t("pick.anyDay")}
      onChange={(days) => onChange?.([...days].sort((a, b) => a - b))}
    />
  );
}

const UNITS = { minutes: 1, hours: 60, days: 1440 } as const;
type Unit = keyof typeof UNITS;

function unitOf(minutes: number): Unit {
  if (minutes > 0 && minutes % UNITS.days === 0) return "days";
  return minutes > 0 && minutes % UNITS.hours === 0 ? "hours" : "minutes";
}

/** Minutes, told in the unit that fits. */
function SpanField({ value, onChange, id }: WidgetProps<number>) {
  const t = useText();
  const [unit, setUnit] = useState<Unit>(() => unitOf(value ?? 0));
  const amount = value === undefined || value === null ? null : value / UNITS[unit];
  return (
    <div className="row">
      <InputNumber
        id={id ?? ""}
        min={0}
        max={527_040 / UNITS[unit]}
        value={amount}
        onChange={(next) => onChange?.(next === null ? undefined : Math.round(next * UNITS[unit]))}
        style={{ width: 110 }}
      />
      <Select<Unit>
        aria-label={t("span.unit")}
        value={unit}
        options={(Object.keys(UNITS) as Unit[]).map((name) => ({ value: name, label: t(`span.${name}`) }))}
        onChange={(next) => {
          setUnit(next);
          if (amount !== null) onChange?.(Math.round(amount * UNITS[next]));
        }}
        style={{ width: 100 }}
      />
    </div>
  );
}

const NOTHING: Rule = { all: [] };

function ruleIn(value: unknown): Rule {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0 ? asRoot(value as Rule) : NOTHING;
}

/** The audience rule builder, beside the canvas where it has room. */
function RuleField({ value, onChange }: WidgetProps<Rule>) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const rule = ruleIn(value);
  return (
    <div className="col">
      {isComplete(rule) ? <Reading rule={rule} /> : <p className="faint small">{t("rule.none")}</p>}
      <div>
        <Button size="small" onClick={() => setOpen(true)}>
          {t("rule.edit")}
        </Button>
      </div>
      <Drawer open={open} onClose={() => setOpen(false)} title={t("rule.title")} size={860} destroyOnHidden>
        <RuleEditor rule={rule} onChange={(next) => onChange?.(next)} />
      </Drawer>
    </div>
  );
}

function Reading({ rule }: { rule: Rule }) {
  const say = useBilingual();
  const { query } = usePreview(rule);
  return <p className="small rule-reading">{say(query.data?.reading) || "…"}</p>;
}

function RuleEditor({ rule, onChange }: { rule: Rule; onChange: (rule: Rule) => void }) {
  const common = useCommon();
  const readOnly = useContext(BoardContext)?.edit === null;
  const [draft, setDraft] = useState(rule);
  const preview = usePreview(draft);
  const change = (next: Rule) => {
    setDraft(next);
    onChange(next);
  };
  return (
    <fieldset className="bare stack" disabled={readOnly} aria-label={common("action.edit")}>
      <FaultsContext.Provider value={preview.faults}>
        <NotesContext.Provider value={preview.notes}>
          <RuleGroup rule={draft} pointer="" onChange={change} />
        </NotesContext.Provider>
      </FaultsContext.Provider>
      <PreviewPanel preview={preview} />
    </fieldset>
  );
}

export const WIDGETS: Widgets = {
  event: EventField,
  trait: TraitField,
  audience: AudienceField,
  journey: JourneyField,
  template: TemplateField,
  tag: TagField,
  operator: OperatorField,
  time: TimeField,
  date: DateField,
  weekdays: WeekdaysField,
  minutes: SpanField,
  rule: RuleField,
};
