import { Button, Form, Input, Segmented, Select } from "antd";
import type { ImportEntity, ImportUpload } from "../shared/api-types";
import { lookup } from "../shared/i18n/i18n";
import { useIdentifierName } from "../shared/Marks";
import { fieldsOf, freeField, IDENTIFIER_TYPES, missingFields } from "./importFields";
import { useText } from "./text";

export type ImportPlan = {
  entity: ImportEntity;
  mapping: Record<string, string>;
  options: { identifier_type: string; currency_unit: "yuan" | "fen"; date_format?: string };
};
type Props = {
  upload: ImportUpload;
  plan: ImportPlan;
  onPlan: (plan: ImportPlan) => void;
  onDryRun: () => void;
  busy: boolean;
};

const ENTITIES: ImportEntity[] = ["orders", "persons", "events", "spend"];

export function ImportMapping({ upload, plan, onPlan, onDryRun, busy }: Props) {
  const t = useText();
  const missing = missingFields(plan.entity, plan.mapping);
  const fieldName = (field: string) => lookup(t, "field", field);
  const choose = (column: string, field: string) => {
    const mapping = Object.fromEntries(
      Object.entries(plan.mapping).filter(([name, mapped]) => mapped !== column && name !== field),
    );
    onPlan({ ...plan, mapping: field ? { ...mapping, [field]: column } : mapping });
  };
  const fieldOf = (column: string) => Object.entries(plan.mapping).find(([, mapped]) => mapped === column)?.[0] ?? "";
  const choicesFor = (column: string) => {
    const free = freeField(plan.entity, column);
    return free ? [...fieldsOf(plan.entity), free] : fieldsOf(plan.entity);
  };
  return (
    <>
      <div className="row wrap">
        <span className="dim">{t("wizard.entity")}</span>
        <Segmented
          value={plan.entity}
          onChange={(entity) => onPlan({ ...plan, entity })}
          options={ENTITIES.map((entity) => ({ value: entity, label: t(`entity.${entity}`) }))}
        />
      </div>
      <div className="scroll-x" style={{ maxHeight: 340, overflowY: "auto" }}>
        <table className="plain-table">
          <thead>
            <tr>
              <th>{t("wizard.column")}</th>
              <th>{t("wizard.samples")}</th>
              <th style={{ width: 200 }}>{t("wizard.field")}</th>
            </tr>
          </thead>
          <tbody>
            {upload.columns.map((column) => (
              <tr key={column.name}>
                <td className="strong">{column.name}</td>
                <td className="dim small">{column.samples.join(" · ")}</td>
                <td>
                  <Select
                    value={fieldOf(column.name)}
                    onChange={(field) => choose(column.name, field)}
                    style={{ width: 190 }}
                    aria-label={column.name}
                    options={[
                      { value: "", label: <span className="faint">{t("wizard.skip")}</span> },
                      ...choicesFor(column.name).map((field) => ({ value: field, label: fieldName(field) })),
                    ]}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Options plan={plan} onPlan={onPlan} />
      <div className="row wrap">
        <Button type="primary" disabled={missing.length > 0} loading={busy} onClick={onDryRun}>
          {t("wizard.dryRun")}
        </Button>
        <span className={missing.length > 0 ? "warn small" : "faint small"}>
          {missing.length > 0
            ? t("wizard.missing", { fields: missing.map(fieldName).join(" · ") })
            : t("wizard.dryRun.hint")}
        </span>
      </div>
    </>
  );
}

function Options({ plan, onPlan }: Pick<Props, "plan" | "onPlan">) {
  const t = useText();
  const identifierName = useIdentifierName();
  const set = (options: Partial<ImportPlan["options"]>) =>
    onPlan({ ...plan, options: { ...plan.options, ...options } });
  return (
    <Form layout="vertical" component="div">
      <div className="row wrap start" style={{ gap: 16 }}>
        <Form.Item label={t("wizard.identifierType")} style={{ marginBottom: 0 }}>
          <Select
            value={plan.options.identifier_type}
            onChange={(identifier_type) => set({ identifier_type })}
            style={{ width: 170 }}
            options={[
              { value: "auto", label: t("wizard.auto") },
              ...IDENTIFIER_TYPES.map((type) => ({ value: type, label: identifierName(type) })),
            ]}
          />
        </Form.Item>
        <Form.Item label={t("wizard.unit")} style={{ marginBottom: 0 }}>
          <Segmented<"yuan" | "fen">
            value={plan.options.currency_unit}
            onChange={(currency_unit) => set({ currency_unit })}
            options={[
              { value: "yuan", label: t("wizard.yuan") },
              { value: "fen", label: t("wizard.fen") },
            ]}
          />
        </Form.Item>
        <Form.Item label={t("wizard.date")} style={{ marginBottom: 0 }} extra={t("wizard.date.hint")}>
          <Input
            value={plan.options.date_format ?? ""}
            onChange={({ target }) => {
              const { date_format: _, ...rest } = plan.options;
              onPlan({ ...plan, options: target.value ? { ...rest, date_format: target.value } : rest });
            }}
            style={{ width: 200 }}
          />
        </Form.Item>
      </div>
    </Form>
  );
}
