/** What goes into a package, where to, and when. */
import { App, Checkbox, Drawer, Form, Input, InputNumber, Segmented, Select, Space } from "antd";
import { useNavigate } from "react-router";
import { ScheduleInput } from "../audiences/KindForm";
import { AudienceSelect } from "../audiences/LeafEditor";
import { api } from "../shared/api";
import type { Audience, Schedule } from "../shared/api-types";
import { useCommon } from "../shared/i18n/common";
import { useBilingual } from "../shared/i18n/i18n";
import { ActButton, useMay } from "../shared/may";
import { useChange } from "../shared/query";
import { FORMATS, type Ad, type Content, type Destination, type Package } from "./contract";
import { DestinationFields } from "./DestinationFields";
import { ShownOnce } from "./PackagePage";
import { useChoices } from "./Runs";
import { useText } from "./text";

type Values = {
  name: string;
  audience: string;
  what: "columns" | "ad";
  content: Content;
  ad: Ad;
  schedule: Schedule | null;
  to: string;
  place?: Record<string, string | number | boolean>;
  secret?: string;
};
type Props = { one?: Package; audience?: Audience | undefined; onClose: () => void };

const AD: Ad = { platform: "tencent", identifier: "mobile", hash: "md5", digits: "national" };
const FIRST = ["id", "name", "identifiers.mobile", "stage", "joined_at"];

function initial(one: Package | undefined, audience: Audience | undefined): Values {
  const content = one?.content ?? { columns: FIRST, format: "csv" as const, clear: false, ad: null, delta: false, keep_days: 7 };
  const { kind = "none", ...place } = one?.destination ?? {};
  return {
    name: one?.name ?? audience?.name ?? "",
    audience: one?.audience ?? audience?.id ?? "",
    what: content.ad ? "ad" : "columns",
    content: content.ad ? { ...content, columns: FIRST } : content,
    ad: content.ad ?? AD,
    schedule: one?.schedule ?? null,
    to: kind,
    place: place as Values["place"] & object,
  };
}

function bodyOf(values: Values) {
  const ad = values.what === "ad" ? { ...AD, ...values.ad } : null;
  const format = values.to === "webhook" ? "jsonl" : values.content.format;
  const destination = values.to === "none" ? null : ({ kind: values.to, ...values.place } as Destination);
  return {
    name: values.name.trim(),
    audience: values.audience,
    content: { ...values.content, format, ad, clear: ad ? false : values.content.clear },
    schedule: values.schedule ?? null,
    destination,
    ...(values.secret ? { secret: values.secret } : {}),
  };
}

export function PackageForm({ one, audience, onClose }: Props) {
  const t = useText();
  const common = useCommon();
  const navigate = useNavigate();
  const { modal } = App.useApp();
  const [form] = Form.useForm<Values>();
  const what = Form.useWatch("what", form);
  const to = Form.useWatch("to", form);
  const save = useChange(
    (values: Values) =>
      one ? api.put<Package>(`/packages/${one.id}`, bodyOf(values), { ifMatch: one.version }) : api.post<Package>("/packages", bodyOf(values)),
    {
      nouns: ["packages", "audiences", "audit"],
      done: common("done.saved"),
      onDone: (made) => {
        onClose();
        if (made.secret) modal.info({ title: t("secret.title"), content: <ShownOnce secret={made.secret} /> });
        if (!one) navigate(`/packages/${made.id}`);
      },
    },
  );
  const required = (label: string) => [{ required: true, message: common("form.required", { label }) }];
  return (
    <Drawer
      open
      size={560}
      onClose={onClose}
      title={t(one ? "edit" : "new")}
      extra={
        <ActButton type="primary" htmlType="submit" form="package" loading={save.isPending}>
          {common("action.save")}
        </ActButton>
      }
    >
      <Form<Values> id="package" name="package" form={form} layout="vertical" requiredMark={false} initialValues={initial(one, audience)} onFinish={(values) => save.mutate(values)}>
        <Form.Item name="name" label={t("form.name")} rules={required(t("form.name"))}>
          <Input maxLength={100} autoFocus={!one} placeholder={t("form.name.example")} />
        </Form.Item>
        <Form.Item name="audience" label={t("form.audience")} rules={required(t("form.audience"))}>
          <AudiencePick />
        </Form.Item>
        <Form.Item name="what" label={t("form.what")}>
          <Segmented options={(["columns", "ad"] as const).map((value) => ({ value, label: t(`what.${value}`) }))} />
        </Form.Item>
        {what === "ad" ? <AdFields /> : <ColumnFields webhook={to === "webhook"} />}
        <Form.Item name={["content", "delta"]} valuePropName="checked" extra={t("form.delta.hint")}>
          <Checkbox>{t("form.delta")}</Checkbox>
        </Form.Item>
        <Form.Item name="schedule" label={t("form.schedule")} extra={t("form.schedule.hint")}>
          <SchedulePick />
        </Form.Item>
        <DestinationFields to={to ?? "none"} kept={Boolean(one?.has_secret)} ad={what === "ad"} />
        <Form.Item name={["content", "keep_days"]} label={t("form.keep")} rules={required(t("form.keep"))}>
          <InputNumber min={1} max={90} precision={0} suffix={t("form.days")} style={{ width: 120 }} />
        </Form.Item>
      </Form>
    </Drawer>
  );
}

type Field<T> = { value?: T; onChange?: (value: T) => void };

function AudiencePick({ value = "", onChange = () => undefined }: Field<string>) {
  return <AudienceSelect value={value} onChange={onChange} />;
}

function SchedulePick({ value = null, onChange = () => undefined }: Field<Schedule | null>) {
  return <ScheduleInput value={value} onChange={onChange} />;
}

function ColumnFields({ webhook }: { webhook: boolean }) {
  const t = useText();
  const common = useCommon();
  const say = useBilingual();
  const may = useMay();
  const { columns } = useChoices();
  const groups = (["person", "identifier", "trait", "tag"] as const).map((group) => ({
    label: t(`group.${group}`),
    options: columns
      .filter((column) => column.group === group)
      .map(({ name, label }) => ({ value: name, label: say(label) || name })),
  }));
  return (
    <>
      <Form.Item name={["content", "columns"]} label={t("form.columns")} rules={[{ required: true, message: common("form.required", { label: t("form.columns") }) }]}>
        <Select mode="multiple" options={groups} optionFilterProp="label" maxCount={100} />
      </Form.Item>
      <Form.Item name={["content", "format"]} label={t("form.format")} hidden={webhook}>
        <Segmented options={FORMATS.map((value) => ({ value, label: t(`format.${value}`) }))} />
      </Form.Item>
      <Form.Item name={["content", "clear"]} valuePropName="checked" extra={t("form.clear.hint")}>
        <Checkbox disabled={!may("admin")}>{t("form.clear")}</Checkbox>
      </Form.Item>
    </>
  );
}

function AdFields() {
  const t = useText();
  const say = useBilingual();
  const form = Form.useFormInstance<Values>();
  const ad = Form.useWatch("ad", form) ?? AD;
  const { platforms } = useChoices();
  const takes = platforms.find(({ name }) => name === ad.platform)?.takes ?? {};
  const settle = (next: Ad) => {
    const known = platforms.find(({ name }) => name === next.platform)?.takes ?? {};
    const identifier = next.identifier in known ? next.identifier : (Object.keys(known)[0] ?? "mobile");
    const hashes = Object.keys(known[identifier] ?? {});
    const hash = hashes.includes(next.hash) ? next.hash : (hashes[0] ?? "md5");
    form.setFieldValue("ad", { ...next, identifier, hash, digits: next.platform === "other" ? next.digits : "national" });
  };
  return (
    <>
      <Space wrap align="start" size={12}>
        <Form.Item name={["ad", "platform"]} label={t("ad.platform")}>
          <Select
            options={platforms.map(({ name, label }) => ({ value: name, label: say(label) }))}
            onChange={(platform: string) => settle({ ...ad, platform })}
            style={{ width: 150 }}
          />
        </Form.Item>
        <Form.Item name={["ad", "identifier"]} label={t("ad.identifier")}>
          <Select
            options={Object.keys(takes).map((name) => ({ value: name, label: t(`id.${name as "mobile"}`) }))}
            onChange={(identifier: string) => settle({ ...ad, identifier })}
            style={{ width: 120 }}
          />
        </Form.Item>
        <Form.Item name={["ad", "hash"]} label={t("ad.hash")}>
          <Select
            options={Object.entries(takes[ad.identifier] ?? {}).map(([hash, name]) => ({ value: hash, label: `${hash.toUpperCase()} (${name})` }))}
            popupMatchSelectWidth={false}
            style={{ width: 200 }}
          />
        </Form.Item>
        <Form.Item name={["ad", "digits"]} label={t("ad.digits")} hidden={ad.platform !== "other" || ad.identifier !== "mobile"}>
          <Select options={(["national", "e164"] as const).map((value) => ({ value, label: t(`digits.${value}`) }))} style={{ width: 150 }} />
        </Form.Item>
      </Space>
      <p className="note" style={{ marginBottom: 16 }}>
        {t("ad.consent")}
      </p>
    </>
  );
}
