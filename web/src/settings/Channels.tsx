import { App, Form, Input, Switch } from "antd";
import { useState } from "react";
import { api } from "../shared/api";
import type { ChannelSettings, Page, TestResult } from "../shared/api-types";
import { ErrorState } from "../shared/ErrorState";
import { useCommon } from "../shared/i18n/common";
import { useBilingual } from "../shared/i18n/i18n";
import { ActButton, useMay } from "../shared/may";
import { Bones, Panel } from "../shared/Page";
import { useChange, useGet } from "../shared/query";
import { SchemaForm } from "../shared/SchemaForm";
import { useText } from "./text";

export default function Channels() {
  const t = useText();
  const { data, error, refetch } = useGet<Page<ChannelSettings>>("/channels");
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <Bones lines={8} height={480} />;
  return (
    <div className="stack">
      <p className="dim">{t("channels.hint")}</p>
      <div className="columns">
        {data.items.map((channel) => (
          <div key={channel.channel} className="half">
            <ChannelPanel settings={channel} />
          </div>
        ))}
      </div>
    </div>
  );
}

function ChannelPanel({ settings }: { settings: ChannelSettings }) {
  const t = useText();
  const say = useBilingual();
  const common = useCommon();
  const may = useMay();
  const [enabled, setEnabled] = useState(settings.enabled);
  const save = useChange(
    (config: Record<string, unknown>) =>
      api.put<ChannelSettings>(`/channels/${settings.channel}`, { enabled, config }, { ifMatch: settings.version }),
    { nouns: ["channels"], done: common("done.saved") },
  );
  return (
    <Panel
      title={say(settings.label)}
      extra={
        <label className="row">
          <span className="dim">{enabled ? t("channels.on") : t("channels.off")}</span>
          <Switch checked={enabled} onChange={setEnabled} disabled={!may("admin")} />
        </label>
      }
    >
      <SchemaForm
        key={settings.version}
        schema={settings.config_schema}
        value={settings.config}
        onSubmit={(config) => save.mutate(config)}
        busy={save.isPending}
        disabled={!may("admin")}
      />
      <TestSend channel={settings.channel} />
    </Panel>
  );
}

function TestSend({ channel }: { channel: string }) {
  const t = useText();
  const say = useBilingual();
  const { message } = App.useApp();
  const test = useChange(
    ({ address }: { address: string }) => api.post<TestResult>(`/channels/${channel}/test`, { address: address.trim() }),
    {
      nouns: [],
      onDone: ({ state, text }) => message[state === "sent" ? "success" : "warning"](say(text) || state, 8),
    },
  );
  return (
    <Form layout="vertical" onFinish={(values: { address: string }) => test.mutate(values)} style={{ marginTop: 20 }}>
      <Form.Item label={t("channels.test.address")} extra={t("channels.unsaved")} style={{ marginBottom: 0 }}>
        <div className="row">
          <Form.Item name="address" noStyle rules={[{ required: true, message: "" }]}>
            <Input placeholder={channel === "email" ? t("channels.test.email") : ""} maxLength={320} />
          </Form.Item>
          <ActButton htmlType="submit" loading={test.isPending}>
            {t("channels.test")}
          </ActButton>
        </div>
      </Form.Item>
    </Form>
  );
}
