import { App, Form, Input, Popconfirm, Switch, Typography } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { api, ApiError } from "../shared/api";
import type { ChannelSettings, TestResult } from "../shared/api-types";
import { useCommon } from "../shared/i18n/common";
import { lookup, useBilingual } from "../shared/i18n/i18n";
import { When } from "../shared/Marks";
import { ActButton, useMay } from "../shared/may";
import { Panel } from "../shared/Page";
import { useChange } from "../shared/query";
import { SchemaForm } from "../shared/SchemaForm";
import { useText } from "./text";

type FieldFault = { field: string; message: string; code?: string };

export function ChannelPanel({ settings }: { settings: ChannelSettings }) {
  const t = useText();
  const say = useBilingual();
  const common = useCommon();
  const may = useMay();
  const [enabled, setEnabled] = useState(settings.enabled);
  const [sandbox, setSandbox] = useState(settings.sandbox);
  const [faults, setFaults] = useState<FieldFault[]>([]);
  const save = useChange(
    (config: Record<string, unknown>) =>
      api.put<ChannelSettings>(
        `/channels/${settings.channel}`,
        { enabled, sandbox, config },
        { ifMatch: settings.version },
      ),
    {
      nouns: ["channels"],
      done: common("done.saved"),
      onDone: () => setFaults([]),
      onError: (error) => {
        const found: FieldFault[] = error instanceof ApiError ? (error.problem.errors ?? []) : [];
        const needed = t("channels.needed");
        setFaults(found.map((fault) => (fault.code === "needed" ? { ...fault, message: needed } : fault)));
        return found.length > 0;
      },
    },
  );
  return (
    <Panel
      title={say(settings.label)}
      extra={
        <span className="row wrap">
          <label className="row">
            <span className="dim">{t("channels.sandbox")}</span>
            <Switch checked={sandbox} onChange={setSandbox} disabled={!may("admin")} />
          </label>
          <label className="row">
            <span className="dim">{enabled ? t("channels.on") : t("channels.off")}</span>
            <Switch checked={enabled} onChange={setEnabled} disabled={!may("admin")} />
          </label>
        </span>
      }
    >
      {sandbox && <p className="note">{t("channels.sandbox.hint")}</p>}
      <Health settings={settings} />
      <SchemaForm
        key={settings.version}
        schema={settings.config_schema}
        value={settings.config}
        onSubmit={(config) => save.mutate(config)}
        busy={save.isPending}
        disabled={!may("admin")}
        errors={faults}
      />
      {settings.takes_callbacks && may("admin") && <Callback settings={settings} />}
      <TestSend channel={settings.channel} />
    </Panel>
  );
}

/** When it last worked, what went wrong since, who has yet to send. */
function Health({ settings }: { settings: ChannelSettings }) {
  const t = useText();
  const say = useBilingual();
  if (!settings.enabled) return null;
  return (
    <div className="stack" style={{ marginBottom: 16 }}>
      {settings.last_error && (
        <p className="note warn" role="status">
          {t("channels.last_error")} {settings.last_error_at && <When at={settings.last_error_at} />} ·{" "}
          {say(settings.last_error)}
        </p>
      )}
      <p className="row wrap dim">
        {settings.last_ok_at ? (
          <span>
            {t("channels.last_ok")} <When at={settings.last_ok_at} />
          </span>
        ) : (
          <span>{t("channels.never")}</span>
        )}
        {settings.waiting > 0 && (
          <Link to={`/messages?state=waiting&channel=${settings.channel}`}>
            {t("channels.waiting", { n: settings.waiting })}
          </Link>
        )}
      </p>
    </div>
  );
}

function Callback({ settings }: { settings: ChannelSettings }) {
  const t = useText();
  const [url, setUrl] = useState("");
  const ask = useChange(
    (renew: boolean) => api.post<{ url: string }>(`/channels/${settings.channel}/callback`, { renew }),
    { nouns: [], onDone: (answer) => setUrl(answer.url) },
  );
  if (settings.version === 0) return <p className="faint">{t("channels.save_first")}</p>;
  return (
    <div className="stack" style={{ marginTop: 20 }}>
      <div className="row wrap">
        <span>{t("channels.callback")}</span>
        <ActButton need="admin" size="small" loading={ask.isPending} onClick={() => ask.mutate(false)}>
          {t("channels.callback.show")}
        </ActButton>
        {url && (
          <Popconfirm title={t("channels.callback.renew.confirm")} onConfirm={() => ask.mutate(true)}>
            <ActButton need="admin" size="small" danger>
              {t("channels.callback.renew")}
            </ActButton>
          </Popconfirm>
        )}
      </div>
      {url && (
        <Typography.Text copyable className="mono" style={{ overflowWrap: "anywhere" }}>
          {url}
        </Typography.Text>
      )}
      <p className="faint">{t("channels.callback.hint")}</p>
    </div>
  );
}

function TestSend({ channel }: { channel: string }) {
  const t = useText();
  const say = useBilingual();
  const common = useCommon();
  const { message } = App.useApp();
  const test = useChange(
    ({ address }: { address: string }) => api.post<TestResult>(`/channels/${channel}/test`, { address: address.trim() }),
    {
      nouns: [],
      onDone: ({ state, text }) => message[state === "sent" ? "success" : "warning"](say(text) || lookup(common, "messageState", state), 8),
    },
  );
  const example = channel === "email" ? t("channels.test.email") : channel.startsWith("sms") ? t("channels.test.mobile") : t("channels.test.id");
  return (
    <Form layout="vertical" onFinish={(values: { address: string }) => test.mutate(values)} style={{ marginTop: 20 }}>
      <Form.Item label={t("channels.test.address")} extra={t("channels.unsaved")} style={{ marginBottom: 0 }}>
        <div className="row">
          <Form.Item name="address" noStyle rules={[{ required: true, message: "" }]}>
            <Input placeholder={example} maxLength={320} aria-label={t("channels.test.address")} />
          </Form.Item>
          <ActButton htmlType="submit" loading={test.isPending}>
            {t("channels.test")}
          </ActButton>
        </div>
      </Form.Item>
    </Form>
  );
}
