import { Form, Input, Select, Switch } from "antd";
import { api } from "../shared/api";
import type { Language, Settings } from "../shared/api-types";
import { ErrorState } from "../shared/ErrorState";
import { LANGUAGES } from "../shared/i18n/i18n";
import { useCommon } from "../shared/i18n/common";
import { ActButton, useMay } from "../shared/may";
import { Bones, Panel } from "../shared/Page";
import { useChange, useGet } from "../shared/query";
import { useText } from "./text";

type Values = {
  brand_name: string;
  timezone: string;
  language: Language;
  quiet: boolean;
  quiet_hours: { start: string; end: string };
};

const ZONES = Intl.supportedValuesOf("timeZone");
const HOURS = Array.from({ length: 48 }, (_, half) => {
  const text = `${String(Math.floor(half / 2)).padStart(2, "0")}:${half % 2 ? "30" : "00"}`;
  return { value: text, label: text };
});

export default function General() {
  const { data, error, refetch } = useGet<Settings>("/settings");
  if (data) return <GeneralForm key={data.version} settings={data} />;
  return error ? <ErrorState error={error} retry={() => void refetch()} /> : <Bones lines={8} height={480} />;
}

function GeneralForm({ settings }: { settings: Settings }) {
  const t = useText();
  const common = useCommon();
  const may = useMay();
  const [form] = Form.useForm<Values>();
  const quiet = Form.useWatch("quiet", form) ?? settings.quiet_hours !== null;
  const save = useChange(
    ({ quiet: on, quiet_hours, ...values }: Values) =>
      api.put<Settings>("/settings", { ...values, lifecycle: settings.lifecycle, quiet_hours: on ? quiet_hours : null }, { ifMatch: settings.version }),
    { nouns: ["settings", "overview", "persons"], done: common("done.saved") },
  );
  return (
    <Form<Values>
      form={form}
      disabled={!may("admin")}
      layout="vertical"
      requiredMark={false}
      initialValues={{
        ...settings,
        quiet: settings.quiet_hours !== null,
        quiet_hours: settings.quiet_hours ?? { start: "22:00", end: "08:00" },
      }}
      onFinish={(values) => save.mutate(values)}
    >
      <div className="columns">
        <Panel className="half" title={t("tab.general")}>
          <Form.Item name="brand_name" label={t("general.brand")}>
            <Input maxLength={80} />
          </Form.Item>
          <Form.Item name="timezone" label={t("general.timezone")} extra={t("general.timezone.hint")}>
            <Select
              showSearch
              options={[...new Set([settings.timezone, ...ZONES])].map((zone) => ({ value: zone, label: zone }))}
            />
          </Form.Item>
          <Form.Item name="language" label={t("general.language")} style={{ marginBottom: 0 }}>
            <Select
              options={LANGUAGES}
            />
          </Form.Item>
        </Panel>
        <div className="half stack">
          <Panel title={t("general.quiet")}>
            <p className="dim small" style={{ marginBottom: 12 }}>
              {t("general.quiet.hint")}
            </p>
            <div className="row wrap" style={{ gap: 16 }}>
              <Form.Item name="quiet" valuePropName="checked" label={t("general.quiet.on")} style={{ marginBottom: 0 }}>
                <Switch />
              </Form.Item>
              <Form.Item name={["quiet_hours", "start"]} label={t("general.from")} style={{ marginBottom: 0 }}>
                <Select options={HOURS} disabled={!quiet} style={{ width: 110 }} />
              </Form.Item>
              <Form.Item name={["quiet_hours", "end"]} label={t("general.to")} style={{ marginBottom: 0 }}>
                <Select options={HOURS} disabled={!quiet} style={{ width: 110 }} />
              </Form.Item>
            </div>
          </Panel>
        </div>
      </div>
      <div style={{ marginTop: 16 }}>
        <ActButton need="admin" type="primary" htmlType="submit" loading={save.isPending}>
          {common("action.save")}
        </ActButton>
      </div>
    </Form>
  );
}
