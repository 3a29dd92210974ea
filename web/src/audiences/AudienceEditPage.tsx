import { App, Form, Input, Tabs } from "antd";
import { useEffect, useState } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { api, ApiError } from "../shared/api";
import type { Audience, Rule } from "../shared/api-types";
import { ErrorState } from "../shared/ErrorState";
import { useCommon } from "../shared/i18n/common";
import { LinkButton } from "../shared/LinkButton";
import { ActButton } from "../shared/may";
import { Bones, Page, Panel } from "../shared/Page";
import { useChange, useGet } from "../shared/query";
import { isKept, keepingOf, KindForm, type Keeping } from "./KindForm";
import { PreviewPanel, usePreview } from "./Preview";
import { FaultsContext, NotesContext, RuleGroup } from "./RuleGroup";
import { asRoot, isComplete, type Fault } from "./rules";
import { useText } from "./text";

export default function AudienceEditPage() {
  const t = useText();
  const { id } = useParams();
  const [params] = useSearchParams();
  const saved = useGet<Audience>(`/audiences/${id ?? ""}`, { enabled: Boolean(id), staleMs: 0 });
  if (!id) return <Editor audience={null} firstRule={ruleFrom(params.get("rule"))} />;
  if (saved.data) return <Editor key={saved.data.version} audience={saved.data} firstRule={saved.data.rule} />;
  return (
    <Page title={t("edit")} back={{ to: "/audiences", label: t("title") }}>
      {saved.error ? <ErrorState error={saved.error} retry={() => void saved.refetch()} /> : <Bones lines={8} height={420} />}
    </Page>
  );
}

function ruleFrom(text: string | null): Rule {
  try {
    const rule = JSON.parse(text ?? "") as unknown;
    if (typeof rule === "object" && rule !== null) return rule as Rule;
  } catch {
    // A mistyped link starts an empty rule.
  }
  return { all: [] };
}

type Values = { name: string; description: string };

function Editor({ audience, firstRule }: { audience: Audience | null; firstRule: Rule }) {
  const t = useText();
  const common = useCommon();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const [rule, setRule] = useState<Rule>(() => asRoot(firstRule));
  const [dirty, setDirty] = useState(false);
  const [kind, setKind] = useState<Keeping>(() => keepingOf(audience));
  const preview = usePreview(rule);
  const [refused, setRefused] = useState<Fault[]>([]);
  useWarnBeforeLeaving(dirty);
  const save = useChange(
    (values: Values) => {
      const body = { ...values, rule, ...kind };
      return audience
        ? api.put<Audience>(`/audiences/${audience.id}`, body, { ifMatch: audience.version })
        : api.post<Audience>("/audiences", body);
    },
    {
      nouns: ["audiences", "persons"],
      done: common("done.saved"),
      onDone: (next) => {
        setDirty(false);
        navigate(`/audiences/${next.id}`);
      },
      onError: (error) => {
        if (!(error instanceof ApiError)) return false;
        if (error.code === "bad_rule") setRefused(error.problem.errors ?? []);
        if (error.status !== 412) return false;
        message.warning(common("error.412"), 6);
        return true;
      },
    },
  );
  const change = (next: Rule) => {
    setDirty(true);
    setRefused([]);
    setRule(next);
  };
  return (
    <Page
      title={audience ? t("edit") : t("new")}
      back={{ to: "/audiences", label: t("title") }}
      actions={
        <>
          <LinkButton to={audience ? `/audiences/${audience.id}` : "/audiences"}>
            {t("form.cancel")}
          </LinkButton>
          <ActButton
            type="primary"
            htmlType="submit"
            form="audience"
            loading={save.isPending}
            disabled={!isComplete(rule) || !isKept(kind) || preview.faults.length > 0}
          >
            {t("form.save")}
          </ActButton>
        </>
      }
    >
      <div className="builder">
        <div className="stack">
          <Panel>
            <NameForm audience={audience} onSubmit={(values) => save.mutate(values)} onEdit={() => setDirty(true)} />
            <KindForm
              value={kind}
              onChange={(next) => {
                setDirty(true);
                setKind(next);
              }}
            />
          </Panel>
          <Panel>
            <FaultsContext.Provider value={[...preview.faults, ...refused]}>
              <NotesContext.Provider value={preview.notes}>
                <RuleTabs rule={rule} onChange={change} />
              </NotesContext.Provider>
            </FaultsContext.Provider>
          </Panel>
        </div>
        <PreviewPanel preview={preview} />
      </div>
    </Page>
  );
}

function useWarnBeforeLeaving(dirty: boolean): void {
  useEffect(() => {
    if (!dirty) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [dirty]);
}

type NameFormProps = { audience: Audience | null; onSubmit: (values: Values) => void; onEdit: () => void };

function NameForm({ audience, onSubmit, onEdit }: NameFormProps) {
  const t = useText();
  const common = useCommon();
  return (
    <Form<Values>
      id="audience"
      layout="vertical"
      requiredMark={false}
      initialValues={audience ?? { name: "", description: "" }}
      onValuesChange={onEdit}
      onFinish={({ name, description }) => onSubmit({ name: name.trim(), description: description ?? "" })}
      className="audience-form"
    >
      <Form.Item
        name="name"
        label={t("form.name")}
        rules={[{ required: true, whitespace: true, message: common("form.required", { label: t("form.name") }) }]}
      >
        <Input maxLength={120} placeholder={t("form.name.example")} autoFocus={!audience} />
      </Form.Item>
      <Form.Item name="description" label={t("form.description")}>
        <Input maxLength={500} placeholder={t("form.description.hint")} />
      </Form.Item>
    </Form>
  );
}

function RuleTabs({ rule, onChange }: { rule: Rule; onChange: (rule: Rule) => void }) {
  const t = useText();
  return (
    <Tabs
      destroyOnHidden
      items={[
        {
          key: "visual",
          label: t("tab.visual"),
          children: <RuleGroup rule={rule} pointer="" onChange={onChange} />,
        },
        { key: "json", label: t("tab.json"), children: <JsonRule rule={rule} onChange={onChange} /> },
      ]}
    />
  );
}

/** The rule as text; every valid edit is the rule at once. */
function JsonRule({ rule, onChange }: { rule: Rule; onChange: (rule: Rule) => void }) {
  const t = useText();
  const [text, setText] = useState(() => JSON.stringify(rule, null, 2));
  const [fault, setFault] = useState("");
  const edit = (next: string) => {
    setText(next);
    try {
      const parsed = JSON.parse(next) as unknown;
      if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw new Error("{ … }");
      setFault("");
      onChange(asRoot(parsed as Rule));
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <div className="col">
      <p className="faint small">{t("json.hint")}</p>
      <Input.TextArea
        className="mono"
        value={text}
        onChange={(event) => edit(event.target.value)}
        autoSize={{ minRows: 12, maxRows: 30 }}
        spellCheck={false}
        aria-label={t("filter.json")}
        status={fault ? "error" : ""}
      />
      {fault && (
        <p className="up small" role="alert">
          {t("json.invalid", { detail: fault })}
        </p>
      )}
    </div>
  );
}
