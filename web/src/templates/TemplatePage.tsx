/** One template: its texts by language, what it looks like to somebody, a test send, and its versions. */
import { Button, Form, Input, Popconfirm, Select, Tabs } from "antd";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { api } from "../shared/api";
import type { ChannelSettings, Page as PageOf } from "../shared/api-types";
import type { Said, Template, TemplateDraft, TemplateVersion, Tongue } from "../shared/campaign-types";
import { ErrorState } from "../shared/ErrorState";
import { useCommon } from "../shared/i18n/common";
import { useBilingual } from "../shared/i18n/i18n";
import { When } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { Bones, Page, Panel } from "../shared/Page";
import { Pairs } from "../shared/Pairs";
import { useChange, useGet } from "../shared/query";
import { Preview } from "./Preview";
import { TryIt } from "./TryIt";
import { useText } from "./text";

const INCENTIVES = ["discount", "coupon", "gift", "points", "privilege", "service", "knowledge", "care"] as const;
const APPEALS = ["self", "altruistic"] as const;
const BLANK: TemplateDraft = { name: "", channel: "email", incentive: "", appeal: "", says: { zh: {} } };

export default function TemplatePage() {
  const t = useText();
  const { id = "new" } = useParams();
  const { data, error, refetch } = useGet<Template>(`/templates/${id}`, { enabled: id !== "new" });
  const back = { to: "/templates", label: t("back") };
  if (id !== "new" && !data) {
    return (
      <Page title={t("title")} back={back}>
        {error ? <ErrorState error={error} retry={() => void refetch()} /> : <Bones lines={10} height={520} />}
      </Page>
    );
  }
  return <Editor key={data ? `${data.id}@${data.version}` : "new"} saved={data ?? null} />;
}

function Editor({ saved }: { saved: Template | null }) {
  const t = useText();
  const common = useCommon();
  const navigate = useNavigate();
  const [draft, setDraft] = useState<TemplateDraft>(saved ? draftOf(saved) : BLANK);
  const save = useChange(
    () =>
      saved
        ? api.put<Template>(`/templates/${saved.id}`, draft, { ifMatch: saved.version })
        : api.post<Template>("/templates", draft),
    { nouns: ["templates"], done: common("done.saved"), onDone: (made) => navigate(`/templates/${made.id}`) },
  );
  const archive = useChange(() => api.post<Template>(`/templates/${saved?.id}/archive`), {
    nouns: ["templates"],
    onDone: () => navigate("/templates"),
  });
  const ready = draft.name.trim() !== "" && draft.incentive !== "" && draft.appeal !== "";
  return (
    <Page
      title={saved?.name ?? t("new")}
      back={{ to: "/templates", label: t("back") }}
      hint={saved?.archived ? <span className="tag">{t("archived")}</span> : undefined}
      actions={
        <>
          {saved && !saved.archived && (
            <Popconfirm title={t("archive.sure")} onConfirm={() => archive.mutate(undefined)}>
              <ActButton>{t("archive")}</ActButton>
            </Popconfirm>
          )}
          <ActButton type="primary" disabled={!ready} loading={save.isPending} onClick={() => save.mutate(undefined)}>
            {saved ? t("save.next", { n: saved.version + 1 }) : t("save")}
          </ActButton>
        </>
      }
    >
      <div className="columns">
        <div className="two-thirds stack">
          <Panel>
            <Basics draft={draft} onChange={setDraft} fixed={saved !== null} />
            <Tongues draft={draft} onChange={setDraft} />
          </Panel>
        </div>
        <div className="third stack">
          <Preview draft={draft} />
          <TryIt id={saved?.id ?? null} />
          {saved && <Versions id={saved.id} />}
        </div>
      </div>
    </Page>
  );
}

function draftOf({ name, channel, incentive, appeal, says }: Template): TemplateDraft {
  return { name, channel, incentive, appeal, says };
}

type EditProps = { draft: TemplateDraft; onChange: (draft: TemplateDraft) => void };

function Basics({ draft, onChange, fixed }: EditProps & { fixed: boolean }) {
  const t = useText();
  const say = useBilingual();
  const channels = useGet<PageOf<ChannelSettings>>("/channels").data?.items ?? [];
  const set = (more: Partial<TemplateDraft>) => onChange({ ...draft, ...more });
  return (
    <Form layout="vertical" className="columns" component="div">
      <Form.Item label={t("field.name")} className="half" required htmlFor="template-name">
        <Input id="template-name" value={draft.name} maxLength={120} onChange={(event) => set({ name: event.target.value })} />
      </Form.Item>
      <Form.Item label={t("field.channel")} className="half" required>
        <Select
          aria-label={t("field.channel")}
          value={draft.channel}
          disabled={fixed}
          showSearch={{ optionFilterProp: "label" }}
          onChange={(channel: string) => set({ channel })}
          options={channels.map((one) => ({ value: one.channel, label: say(one.label) }))}
        />
      </Form.Item>
      <Form.Item label={t("field.incentive")} className="half" required>
        <Select
          aria-label={t("field.incentive")}
          value={draft.incentive || null}
          onChange={(incentive: string) => set({ incentive })}
          options={INCENTIVES.map((value) => ({ value, label: t(`incentive.${value}`) }))}
        />
      </Form.Item>
      <Form.Item label={t("field.appeal")} className="half" required>
        <Select
          aria-label={t("field.appeal")}
          value={draft.appeal || null}
          onChange={(appeal: string) => set({ appeal })}
          options={APPEALS.map((value) => ({ value, label: t(`appeal.${value}`) }))}
        />
      </Form.Item>
    </Form>
  );
}

function Tongues({ draft, onChange }: EditProps) {
  const t = useText();
  const [open, setOpen] = useState<Tongue>("zh" in draft.says ? "zh" : "en");
  const put = (tongue: Tongue, said: Partial<Said>) => onChange({ ...draft, says: { ...draft.says, [tongue]: said } });
  const english = "en" in draft.says;
  const toggle = () => {
    const { en: _, ...rest } = draft.says;
    onChange({ ...draft, says: english ? rest : { ...draft.says, en: {} } });
    setOpen(english ? "zh" : "en");
  };
  const tongues = (["zh", "en"] as const).filter((tongue) => tongue in draft.says);
  return (
    <Tabs
      activeKey={open}
      onChange={(key) => setOpen(key as Tongue)}
      tabBarExtraContent={
        (!english || tongues.length > 1) && (
          <Button size="small" onClick={toggle}>
            {t(english ? "language.drop" : "language.add")}
          </Button>
        )
      }
      items={tongues.map((tongue) => ({
        key: tongue,
        label: t(`language.${tongue}`),
        children: <SaidForm channel={draft.channel} said={draft.says[tongue] ?? {}} onChange={(said) => put(tongue, said)} />,
      }))}
    />
  );
}

type SaidProps = { channel: string; said: Partial<Said>; onChange: (said: Partial<Said>) => void };

function SaidForm({ channel, said, onChange }: SaidProps) {
  const t = useText();
  const { data } = useGet<ChannelSettings & { capabilities: Record<string, boolean> }>(`/channels/${channel}`);
  const can = data?.capabilities ?? {};
  const set = (more: Partial<Said>) => onChange({ ...said, ...more });
  const line = (name: "subject" | "coupon" | "template_id" | "link", most: number) => (
    <Form.Item label={t(`field.${name}`)} htmlFor={`said-${name}`}>
      <Input id={`said-${name}`} value={said[name] ?? ""} maxLength={most} onChange={(event) => set({ [name]: event.target.value })} />
    </Form.Item>
  );
  return (
    <Form layout="vertical" component="div">
      {can.subject && line("subject", 500)}
      <Form.Item label={t("field.text")} extra={t("field.text.hint")} htmlFor="said-text">
        <Input.TextArea
          id="said-text"
          value={said.text ?? ""}
          maxLength={20_000}
          autoSize={{ minRows: 6, maxRows: 18 }}
          onChange={(event) => set({ text: event.target.value })}
        />
      </Form.Item>
      {can.html && (
        <Form.Item label={t("field.html")} htmlFor="said-html">
          <Input.TextArea
            id="said-html"
            className="mono"
            value={said.html ?? ""}
            autoSize={{ minRows: 2, maxRows: 12 }}
            spellCheck={false}
            onChange={(event) => set({ html: event.target.value })}
          />
        </Form.Item>
      )}
      {(can.template || can.uses_grant) && (
        <>
          {line("template_id", 100)}
          <Form.Item label={t("field.fields")}>
            <Pairs value={said.fields ?? {}} onChange={(fields) => set({ fields })} />
          </Form.Item>
        </>
      )}
      {line("link", 2000)}
      {line("coupon", 60)}
    </Form>
  );
}

function Versions({ id }: { id: string }) {
  const t = useText();
  const versions = useGet<PageOf<TemplateVersion>>(`/templates/${id}/versions`).data?.items ?? [];
  return (
    <Panel title={t("versions")}>
      <ul className="fact-rows">
        {versions.map((one) => (
          <li key={one.version}>
            <span className="strong num">{one.version}</span>
            <span className="dim ellipsis">{t("versions.by", { by: one.by })}</span>
            <When at={one.at} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
