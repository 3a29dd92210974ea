import { Form, Input, Select, Switch } from "antd";
import { api } from "../shared/api";
import { useCommon } from "../shared/i18n/common";
import { ActButton, useMay } from "../shared/may";
import { Panel } from "../shared/Page";
import { useChange } from "../shared/query";
import { TYPES, type EntryView, type Note, type PropertyNote } from "./catalog";
import { useTypeName } from "./marks";
import { useText } from "./text";

type Values = Omit<Note, "properties"> & { words: Record<string, PropertyNote> };

/** Property names may hold dots and brackets, which a form would take for paths: rows are numbered instead. */
const keyOf = (index: number) => `p${index}`;

export function NoteForm({ view, path }: { view: EntryView; path: string }) {
  const t = useText();
  const common = useCommon();
  const may = useMay();
  const typeName = useTypeName();
  const names = view.row.kind === "event" ? view.properties.map(({ name }) => name) : [];
  const types = TYPES.map((value) => ({ value, label: typeName(value) }));
  const save = useChange(
    ({ words, ...values }: Values) => {
      const said = names.map((name, index) => [name, words?.[keyOf(index)]] as const).filter(([, one]) => one && (one.zh || one.en || one.type));
      return api.put<EntryView>(path, { ...values, properties: { ...view.note.properties, ...Object.fromEntries(said) } }, { ifMatch: view.version });
    },
    { nouns: ["catalog", "overview"], done: common("done.saved") },
  );
  const empty: PropertyNote = { zh: "", en: "", meaning: "", type: "" };
  const words = Object.fromEntries(names.map((name, index) => [keyOf(index), view.note.properties[name] ?? empty]));
  return (
    <Panel title={t("note.title")}>
      <p className="faint small" style={{ marginBottom: 10 }}>
        {t("note.said")}
      </p>
      <Form<Values> layout="vertical" disabled={!may("operator")} initialValues={{ ...view.note, words }} onFinish={(values) => save.mutate(values)}>
        <div className="row" style={{ gap: 10 }}>
          <Form.Item name="zh" label={t("note.zh")} className="grow">
            <Input maxLength={80} />
          </Form.Item>
          <Form.Item name="en" label={t("note.en")} className="grow">
            <Input maxLength={80} />
          </Form.Item>
        </div>
        <Form.Item name="meaning" label={t("note.meaning")}>
          <Input.TextArea maxLength={1000} autoSize={{ minRows: 2, maxRows: 6 }} />
        </Form.Item>
        {view.row.kind === "trait" && (
          <Form.Item name="type" label={t("note.type")}>
            <Select options={types} />
          </Form.Item>
        )}
        <Form.Item name="examples" label={t("note.examples")}>
          <Input maxLength={1000} />
        </Form.Item>
        <Form.Item name="owner" label={t("note.owner")}>
          <Input maxLength={80} />
        </Form.Item>
        {names.length > 0 && (
          <details style={{ marginBottom: 14 }}>
            <summary>{t("prop.mean")}</summary>
            {names.map((name, index) => (
              <div key={name} style={{ marginTop: 10 }}>
                <span className="mono small">{name}</span>
                <div className="prop-note">
                  <Form.Item name={["words", keyOf(index), "zh"]} noStyle>
                    <Input maxLength={80} placeholder={t("note.zh")} aria-label={`${name} ${t("note.zh")}`} />
                  </Form.Item>
                  <Form.Item name={["words", keyOf(index), "en"]} noStyle>
                    <Input maxLength={80} placeholder={t("note.en")} aria-label={`${name} ${t("note.en")}`} />
                  </Form.Item>
                  <Form.Item name={["words", keyOf(index), "type"]} noStyle>
                    <Select options={types} aria-label={`${name} ${t("note.type")}`} />
                  </Form.Item>
                  <Form.Item name={["words", keyOf(index), "meaning"]} hidden>
                    <Input />
                  </Form.Item>
                </div>
              </div>
            ))}
          </details>
        )}
        <Form.Item name="hidden" valuePropName="checked" label={t("note.hidden")}>
          <Switch />
        </Form.Item>
        <ActButton type="primary" htmlType="submit" loading={save.isPending}>
          {common("action.save")}
        </ActButton>
      </Form>
    </Panel>
  );
}
