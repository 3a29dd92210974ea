import { Input, InputNumber, Select } from "antd";
import type {
  Audience, ConsentLeaf, ConsentState, Leaf, Page, PropertyType, RandomLeaf, RuleOp, TraitLeaf,
} from "../shared/api-types";
import { useCatalog, useStageName } from "../shared/catalog";
import { useBilingual } from "../shared/i18n/i18n";
import { useChannelName } from "../shared/Marks";
import { OneOf } from "../shared/OneOf";
import { useGet } from "../shared/query";
import { EventClause } from "./EventClause";
import { opsFor } from "./rules";
import { TagClause } from "../tags/TagClause";
import { SequenceClause } from "./SequenceClause";
import { useText } from "./text";
import { OpSelect, ValueInput } from "./ValueInput";

type Props<L extends Leaf> = { leaf: L; onChange: (leaf: Leaf) => void };

export function LeafEditor({ leaf, onChange }: Props<Leaf>) {
  const t = useText();
  if ("event" in leaf) return <EventClause leaf={leaf} onChange={onChange} />;
  if ("sequence" in leaf) return <SequenceClause leaf={leaf} onChange={onChange} />;
  if ("consent" in leaf) return <ConsentClause leaf={leaf} onChange={onChange} />;
  if ("random" in leaf) return <RandomClause leaf={leaf} onChange={onChange} />;
  if ("tag" in leaf) return <TagClause leaf={leaf} onChange={onChange} />;
  if ("trait" in leaf) return <TraitClause leaf={leaf} onChange={onChange} />;
  if ("lifecycle" in leaf) {
    return (
      <>
        <span className="clause-word">{t("kind.lifecycle")}</span>
        <StageSelect value={leaf.lifecycle} onChange={(lifecycle) => onChange({ lifecycle })} />
      </>
    );
  }
  if ("reachable" in leaf) {
    return (
      <>
        <span className="clause-word">{t("kind.reachable")}</span>
        <ChannelSelect value={leaf.reachable} onChange={(reachable) => onChange({ reachable })} />
      </>
    );
  }
  if ("audience" in leaf) {
    return (
      <>
        <span className="clause-word">{t("kind.audience")}</span>
        <AudienceSelect value={leaf.audience} onChange={(audience) => onChange({ audience })} />
      </>
    );
  }
  const { op, value } = leaf.entered;
  return (
    <>
      <span className="clause-word">{t("kind.entered")}</span>
      <OpSelect ops={opsFor("time").filter((each) => each !== "in_next_days")} value={op} onChange={(next) => onChange({ entered: withOp(next, op, value) })} />
      <ValueInput type="time" op={op} value={value} onChange={(next) => onChange({ entered: { op, value: next } })} />
    </>
  );
}

const RANGE: RuleOp[] = ["between"];
const LISTS: RuleOp[] = ["in", "not_in"];

/** Keeps the value when the new operator takes the same shape, otherwise starts afresh. */
export function withOp(op: RuleOp, before: RuleOp, value: unknown): { op: RuleOp; value?: unknown } {
  const shape = (which: RuleOp) =>
    RANGE.includes(which) ? "range" : LISTS.includes(which) ? "list" : which.endsWith("_days") ? "days" : which.endsWith("exists") ? "none" : "one";
  if (shape(op) === shape(before)) return value === undefined ? { op } : { op, value };
  return { op };
}

function TraitClause({ leaf, onChange }: Props<TraitLeaf>) {
  const t = useText();
  const say = useBilingual();
  const { traits } = useCatalog();
  const type: PropertyType = traits.find(({ name }) => name === leaf.trait)?.type ?? "string";
  const options = traits.map((trait) => ({ value: trait.name, label: say(trait.label) || trait.name }));
  if (leaf.trait && !traits.some(({ name }) => name === leaf.trait)) options.push({ value: leaf.trait, label: leaf.trait });
  return (
    <>
      <span className="clause-word">{t("kind.trait")}</span>
      <Select
        showSearch={{ optionFilterProp: "label" }}
        value={leaf.trait || null}
        placeholder={t("trait.pick")}
        options={options}
        onChange={(trait: string) => {
          const next = traits.find(({ name }) => name === trait)?.type ?? "string";
          onChange(next === type ? { ...leaf, trait } : { trait, op: opsFor(next)[0]! });
        }}
        style={{ minWidth: 150 }}
        popupMatchSelectWidth={false}
      />
      <OpSelect
        ops={opsFor(type)}
        value={leaf.op}
        onChange={(op) => onChange({ trait: leaf.trait, ...withOp(op, leaf.op, leaf.value) })}
      />
      <ValueInput type={type} op={leaf.op} value={leaf.value} onChange={(value) => onChange({ ...leaf, value })} />
    </>
  );
}

function StageSelect({ value, onChange }: { value: string[]; onChange: (value: string[]) => void }) {
  const t = useText();
  const stageName = useStageName();
  return (
    <Select
      mode="multiple"
      optionFilterProp="label"
      value={value}
      onChange={onChange}
      placeholder={t("stage.pick")}
      style={{ minWidth: 200 }}
      options={["new", "first_order", "repeat", "silent", "churned"].map((stage) => ({
        value: stage,
        label: stageName(stage),
      }))}
    />
  );
}

function ChannelSelect({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const t = useText();
  const name = useChannelName();
  const { channels } = useCatalog();
  const codes = channels.map((channel) => (typeof channel === "string" ? channel : channel.name));
  return (
    <Select
      value={value || null}
      onChange={onChange}
      placeholder={t("channel.pick")}
      style={{ minWidth: 150 }}
      popupMatchSelectWidth={false}
      options={codes.map((code) => ({ value: code, label: name(code) }))}
    />
  );
}

function ConsentClause({ leaf, onChange }: Props<ConsentLeaf>) {
  const t = useText();
  const { consent } = leaf;
  const purpose = consent.purpose ?? "marketing";
  return (
    <>
      <span className="clause-word">{t("kind.consent")}</span>
      <ChannelSelect value={consent.channel} onChange={(channel) => onChange({ consent: { ...consent, channel } })} />
      <OneOf
        value={purpose}
        onChange={(word) => onChange({ consent: { ...consent, purpose: word || "marketing" } })}
        options={[{ value: "marketing", label: t("consent.marketing") }]}
        aria-label={t("consent.purpose")}
      />
      <Select<ConsentState>
        value={consent.state}
        onChange={(state) => onChange({ consent: { ...consent, state } })}
        options={(["granted", "withdrawn", "unknown"] as const).map((value) => ({ value, label: t(`consent.${value}`) }))}
        style={{ minWidth: 110 }}
        popupMatchSelectWidth={false}
        aria-label={t("consent.state")}
      />
    </>
  );
}

function RandomClause({ leaf, onChange }: Props<RandomLeaf>) {
  const t = useText();
  const { random } = leaf;
  return (
    <>
      <span className="clause-word">{t("kind.random")}</span>
      <InputNumber
        min={0.01}
        max={100}
        value={random.percent}
        onChange={(percent) => onChange({ random: { ...random, percent: percent ?? 0 } })}
        suffix="%"
        aria-label={t("random.percent")}
        style={{ width: 110 }}
      />
      <Input
        value={random.salt ?? ""}
        onChange={({ target }) => onChange({ random: { percent: random.percent, ...(target.value ? { salt: target.value } : {}) } })}
        placeholder={t("random.salt")}
        aria-label={t("random.salt")}
        maxLength={100}
        style={{ width: 190 }}
      />
      <span className="faint small clause-note">{t("random.hint")}</span>
    </>
  );
}

export function AudienceSelect({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const t = useText();
  const { data } = useGet<Page<Audience>>("/audiences?limit=200");
  return (
    <Select
      showSearch={{ optionFilterProp: "label" }}
      value={value || null}
      onChange={onChange}
      placeholder={t("audience.pick")}
      style={{ minWidth: 200 }}
      popupMatchSelectWidth={false}
      options={data?.items.map(({ id, name }) => ({ value: id, label: name })) ?? []}
    />
  );
}
