/** A form drawn from a JSON Schema: channel settings, journey nodes and whatever declares its config as data. */
import { Button, Form, Input, InputNumber, Select, Switch } from "antd";
import { createContext, useContext, useEffect, type ComponentType, type ReactNode } from "react";
import type { JsonSchema } from "./api-types";
import { useCommon } from "./i18n/common";
import { lookup, useBilingual } from "./i18n/i18n";
import { useFieldText } from "./i18n/fields";
import { Pairs } from "./Pairs";
import { fieldsOf, resolve, typeOf, type Field } from "./schema";

type Values = Record<string, unknown>;
type Props = {
  schema: JsonSchema;
  value: Values;
  onSubmit?: (value: Values) => void;
  onChange?: (value: Values) => void;
  busy?: boolean;
  disabled?: boolean;
  submitLabel?: string;
  footer?: ReactNode;
  /** Server-side messages by field name. */
  errors?: { field: string; message: string }[];
  /** Inputs for what a field names, by its `x-widget` or its own name. */
  widgets?: Widgets;
  /** Every change counts at once, so there is nothing to submit. */
  live?: boolean;
};

export type WidgetProps<T = unknown> = {
  value?: T;
  onChange?: (value: T | undefined) => void;
  id?: string;
  multiple?: boolean;
};
// What a value is differs by widget.
export type Widgets = Record<string, ComponentType<WidgetProps<any>>>;

const WidgetsContext = createContext<Widgets>({});

function useWidget(): (field: Field) => Widgets[string] | undefined {
  const widgets = useContext(WidgetsContext);
  return (field) => widgets[field.schema["x-widget"] ?? field.name];
}

export function SchemaForm(props: Props) {
  const t = useCommon();
  const [form] = Form.useForm<Values>();
  const fields = fieldsOf(props.schema);
  useEffect(() => {
    form.resetFields();
    form.setFieldsValue(toForm(fields, props.value));
    // Only a new schema or a new saved value refills the form; typing must not.
  }, [props.schema, props.value]);
  useEffect(() => {
    form.setFields(
      (props.errors ?? []).map(({ field, message }) => ({
        name: field.replace(/^\/?(config[./])?/, "").split(/[./]/),
        errors: [message],
      })),
    );
  }, [props.errors, form]);
  if (fields.length === 0) return <p className="faint">{t("form.none")}</p>;
  return (
    <WidgetsContext.Provider value={props.widgets ?? {}}>
      <Form
        form={form}
        layout="vertical"
        disabled={props.disabled ?? false}
        requiredMark={fields.some(({ required }) => required) ? "optional" : false}
        onFinish={(values) => props.onSubmit?.(fromForm(fields, values))}
        onValuesChange={(_, values) => props.onChange?.(fromForm(fields, values))}
        initialValues={toForm(fields, props.value)}
      >
        {fields.map((field) => (
          <SchemaField key={field.name} field={field} root={props.schema} path={[field.name]} saved={props.value} />
        ))}
        {!props.live && (
          <div className="row wrap">
            <Button type="primary" htmlType="submit" loading={props.busy ?? false}>
              {props.submitLabel ?? t("action.save")}
            </Button>
            {props.footer}
          </div>
        )}
      </Form>
    </WidgetsContext.Provider>
  );
}

type FieldProps = { field: Field; root: JsonSchema; path: (string | number)[]; saved: Values };

export function useFieldLabel(): (field: Field) => string {
  const say = useBilingual();
  return (field) => say(field.schema["x-label"]) || field.schema.title || field.name.replaceAll("_", " ");
}

function SchemaField({ field, root, path, saved }: FieldProps) {
  const t = useCommon();
  const say = useBilingual();
  const label = useFieldLabel()(field);
  const told = say(field.schema["x-hint"] ?? field.schema.description);
  // A hint that spells out the codes of a choice has nothing to add to their names in the list.
  const hint = field.choices.length > 0 && field.choices.every((choice) => told.includes(String(choice))) ? "" : told;
  const Own = useWidget()(field);
  if (Own) {
    return (
      <Form.Item name={path} label={bare(label)} extra={hint || undefined} rules={rulesFor(t, field, label, false)}>
        <Own multiple={typeOf(field.schema) === "array"} />
      </Form.Item>
    );
  }
  if (field.widget === "object") {
    const inner = (saved[field.name] ?? {}) as Values;
    return (
      <fieldset style={{ border: 0, padding: 0, margin: "0 0 8px" }}>
        <legend className="strong" style={{ marginBottom: 8 }}>
          {label}
        </legend>
        {fieldsOf(field.schema, root).map((child) => (
          <SchemaField key={child.name} field={child} root={root} path={[...path, child.name]} saved={inner} />
        ))}
      </fieldset>
    );
  }
  if (field.widget === "rows") return <SchemaRows field={field} root={root} path={path} saved={saved} />;
  const kept = field.widget === "secret" && Boolean(saved[field.name]);
  const rules = rulesFor(t, field, label, kept);
  return (
    <Form.Item
      name={path}
      label={label}
      extra={hint || undefined}
      rules={rules}
      {...(field.widget === "switch" ? { valuePropName: "checked" } : {})}
    >
      <Control field={field} kept={kept} />
    </Form.Item>
  );
}

/** What a label says in brackets (its unit) an input of its own says itself. */
function bare(label: string): string {
  return label.replace(/\s*[（(][^（()）]*[)）]$/, "");
}

/** A list of objects: each a small form of its own, in an order that can be changed. */
function SchemaRows({ field, root, path }: FieldProps) {
  const t = useCommon();
  const say = useBilingual();
  const label = useFieldLabel()(field);
  const children = field.schema.items ? fieldsOf(resolve(field.schema.items, root), root) : [];
  const most = field.schema.maxItems ?? 20;
  return (
    <Form.Item label={label} required={field.required} extra={say(field.schema["x-hint"]) || undefined}>
      <Form.List name={path}>
        {(rows, { add, remove, move }) => (
          <div className="stack">
            {rows.map((row, place) => (
              <fieldset key={row.key} className="form-row" aria-label={`${label} ${place + 1}`}>
                <div className="row" style={{ justifyContent: "flex-end" }}>
                  {place > 0 && (
                    <Button size="small" onClick={() => move(place, place - 1)}>
                      {t("form.up")}
                    </Button>
                  )}
                  <Button size="small" onClick={() => remove(row.name)}>
                    {t("form.remove")}
                  </Button>
                </div>
                {children.map((child) => (
                  <SchemaField key={child.name} field={child} root={root} path={[row.name, child.name]} saved={{}} />
                ))}
              </fieldset>
            ))}
            {rows.length < most && (
              <Button type="dashed" block onClick={() => add(defaultsOf(children))}>
                {t("form.add")}
              </Button>
            )}
          </div>
        )}
      </Form.List>
    </Form.Item>
  );
}

function defaultsOf(fields: Field[]): Values {
  return Object.fromEntries(
    fields.filter(({ schema }) => schema.default !== undefined).map(({ name, schema }) => [name, schema.default]),
  );
}

function rulesFor(t: ReturnType<typeof useCommon>, field: Field, label: string, kept: boolean) {
  const { schema, widget } = field;
  const rules: object[] = [];
  if (field.required && !kept && widget !== "switch") {
    rules.push({ required: true, message: t("form.required", { label }) });
  }
  if (schema.minLength && widget === "text") {
    rules.push({ min: schema.minLength, message: t("form.minLength", { n: schema.minLength }) });
  }
  if (schema.pattern) rules.push({ pattern: new RegExp(schema.pattern), message: t("form.invalid") });
  if (widget === "json") {
    rules.push({
      validator: (_: unknown, text: string) =>
        !text || isJson(text) ? Promise.resolve() : Promise.reject(new Error(t("form.json"))),
    });
  }
  return rules;
}

type ControlProps = { field: Field; kept: boolean; value?: unknown; onChange?: (value: never) => void; id?: string };

/** antd's Form.Item hands `value`, `onChange` and `id` to its child; they pass straight through. */
function Control({ field, kept, ...given }: ControlProps) {
  const t = useCommon();
  const say = useFieldText();
  const wired = given as object;
  switch (field.widget) {
    case "switch":
      return <Switch {...wired} />;
    case "integer":
    case "number":
      return (
        <InputNumber
          {...wired}
          style={{ width: "100%", maxWidth: 220 }}
          min={field.schema.minimum ?? Number.MIN_SAFE_INTEGER}
          max={field.schema.maximum ?? Number.MAX_SAFE_INTEGER}
          {...(field.widget === "integer" ? { precision: 0 } : {})}
        />
      );
    case "choice":
      return (
        <Select
          {...wired}
          allowClear={!field.required}
          options={field.schema["x-options"] ?? field.choices.map((choice) => ({ value: choice, label: lookup(say, "choice", String(choice)) }))}
        />
      );
    case "list":
      return <Words {...wired} numbers={["integer", "number"].includes(typeOf(field.schema.items ?? {}))} />;
    case "secret":
      return (
        <Input.Password {...wired} autoComplete="new-password" placeholder={kept ? t("form.secret.kept") : ""} />
      );
    case "long":
      return <Input.TextArea {...wired} autoSize={{ minRows: 3, maxRows: 14 }} />;
    case "pairs":
      return <Pairs {...wired} />;
    case "json":
      return <Input.TextArea {...wired} className="mono" autoSize={{ minRows: 2, maxRows: 12 }} spellCheck={false} />;
    default:
      return <Input {...wired} autoComplete="off" />;
  }
}

type WordsProps = { numbers: boolean; value?: (string | number)[]; onChange?: (value: (string | number)[]) => void };

/** Texts or numbers, typed one after the other. */
function Words({ numbers, value, onChange, ...wired }: WordsProps) {
  return (
    <Select
      {...wired}
      mode="tags"
      tokenSeparators={[",", "，", " "]}
      open={false}
      suffixIcon={null}
      value={(value ?? []).map(String)}
      onChange={(typed: string[]) => onChange?.(numbers ? typed.map(Number).filter(Number.isFinite) : typed)}
    />
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function toForm(fields: Field[], value: Values): Values {
  return Object.fromEntries(
    fields.map((field) => {
      const current = value[field.name] ?? field.schema.default ?? undefined;
      if (field.widget === "secret") return [field.name, undefined];
      if (field.widget === "json") return [field.name, current === undefined ? "" : JSON.stringify(current, null, 2)];
      return [field.name, current];
    }),
  );
}

function fromForm(fields: Field[], values: Values): Values {
  const out: Values = {};
  for (const field of fields) {
    const value = values[field.name];
    if (field.widget === "secret" && !value) continue;
    if (field.widget === "json") {
      if (typeof value === "string" && value && isJson(value)) out[field.name] = JSON.parse(value);
      continue;
    }
    if (value === undefined || (value === "" && !field.required)) {
      if (allowsNull(field.schema)) out[field.name] = null;
      continue;
    }
    out[field.name] = value;
  }
  return out;
}

function allowsNull(schema: JsonSchema): boolean {
  return Array.isArray(schema.type) && schema.type.includes("null");
}
