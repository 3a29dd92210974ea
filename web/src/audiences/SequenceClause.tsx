/** First this, then that, within so long; or this and not that within so long after it. */
import { CloseOutlined } from "@ant-design/icons";
import { Button, Select } from "antd";
import type { Leaf, SequenceLeaf, SequenceStep } from "../shared/api-types";
import { useCatalog } from "../shared/catalog";
import { EventSelect, WhereLine } from "./EventClause";
import { useText } from "./text";
import { Length, UNITS, WindowInput } from "./WindowInput";

type Props = { leaf: SequenceLeaf; onChange: (leaf: Leaf) => void };
const MOST = 5;

export function SequenceClause({ leaf, onChange }: Props) {
  const t = useText();
  const steps = leaf.sequence;
  const set = (sequence: SequenceStep[]) => onChange({ ...leaf, sequence });
  const absent = Boolean(steps.at(-1)?.absent);
  return (
    <div className="event-clause">
      {steps.map((step, index) => (
        <Step
          key={index}
          step={step}
          index={index}
          two={steps.length === 2}
          onChange={(next) => set(steps.with(index, next))}
          onRemove={steps.length > 2 ? () => set(steps.toSpliced(index, 1)) : null}
        />
      ))}
      <div className="row wrap">
        <span>{t(absent ? "sequence.after" : "sequence.within")}</span>
        <Length
          n={leaf.within.n}
          unit={leaf.within.unit}
          units={UNITS.filter((unit) => unit !== "months")}
          onChange={(n, unit) => onChange({ ...leaf, within: { n, unit } })}
        />
        <span>{t("sequence.first")}</span>
        <WindowInput
          value={leaf.window ?? null}
          modes={["last", "before", "ago", "between", "ever"]}
          onChange={(window) => onChange({ ...leaf, window })}
        />
        {!absent && steps.length < MOST && (
          <Button size="small" type="text" onClick={() => set([...steps, { event: "" }])}>
            {t("sequence.add")}
          </Button>
        )}
      </div>
    </div>
  );
}

type StepProps = {
  step: SequenceStep;
  index: number;
  two: boolean;
  onChange: (step: SequenceStep) => void;
  onRemove: (() => void) | null;
};

function Step({ step, index, two, onChange, onRemove }: StepProps) {
  const t = useText();
  const { events } = useCatalog();
  const event = events.find(({ name }) => name === step.event);
  const where = step.where ?? [];
  return (
    <>
      <div className="row wrap">
        {index === 1 && two ? (
          <Select
            value={step.absent ? "absent" : "then"}
            onChange={(mode) => onChange({ event: step.event, where, ...(mode === "absent" ? { absent: true } : {}) })}
            options={(["then", "absent"] as const).map((value) => ({ value, label: t(`sequence.${value}`) }))}
            popupMatchSelectWidth={false}
            aria-label={t("sequence.mode")}
          />
        ) : (
          <span className="clause-word">{t(index === 0 ? "sequence.did" : "sequence.then")}</span>
        )}
        <EventSelect value={step.event} onChange={(name) => onChange({ ...step, event: name })} />
        <Button size="small" type="text" onClick={() => onChange({ ...step, where: [...where, { property: "", op: "eq" }] })}>
          {t("event.where.add")}
        </Button>
        {onRemove && <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t("sequence.remove")} onClick={onRemove} />}
      </div>
      {where.map((clause, place) => (
        <WhereLine
          key={place}
          clause={clause}
          event={event}
          onChange={(next) => onChange({ ...step, where: where.with(place, next) })}
          onRemove={() => onChange({ ...step, where: where.toSpliced(place, 1) })}
        />
      ))}
    </>
  );
}
