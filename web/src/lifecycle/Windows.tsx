/** The settings of lifecycle: an industry, its days, and what saving them would do. */
import { Form, InputNumber } from "antd";
import { useState } from "react";
import { api, withParams } from "../shared/api";
import type { Settings } from "../shared/api-types";
import { useStageName } from "../shared/catalog";
import { ErrorState } from "../shared/ErrorState";
import { formatCount } from "../shared/formats";
import { useCommon } from "../shared/i18n/common";
import { useBilingual } from "../shared/i18n/i18n";
import { ActButton, useMay } from "../shared/may";
import { Bones, Panel } from "../shared/Page";
import { useChange, useGet } from "../shared/query";
import { STAGES, type Preset, type Windows, type WindowsPreview } from "./lifecycle";
import "./lifecycle.css";
import { useText } from "./text";

const KEYS = ["new_days", "silent_days", "churned_days"] as const;

export default function WindowsTab() {
  const settings = useGet<Settings>("/settings");
  const presets = useGet<Preset[]>("/lifecycle/presets");
  const error = settings.error ?? presets.error;
  if (settings.data && presets.data) return <Editor key={settings.data.version} settings={settings.data} presets={presets.data} />;
  return error ? <ErrorState error={error} retry={() => void settings.refetch()} /> : <Bones lines={8} height={420} />;
}

function Editor({ settings, presets }: { settings: Settings; presets: Preset[] }) {
  const t = useText();
  const common = useCommon();
  const say = useBilingual();
  const may = useMay();
  const [wanted, setWanted] = useState(settings.lifecycle);
  const preset = presets.find(({ name }) => name === wanted.preset);
  const ordered = wanted.silent_days < wanted.churned_days && wanted.new_days < wanted.churned_days;
  const save = useChange(
    () => {
      const { version, ...rest } = settings;
      return api.put<Settings>("/settings", { ...rest, lifecycle: wanted }, { ifMatch: version });
    },
    { nouns: ["settings", "overview", "persons", "lifecycle", "catalog"], done: common("done.saved") },
  );
  const changed = JSON.stringify(wanted) !== JSON.stringify(settings.lifecycle);
  const custom = preset && KEYS.some((key) => preset[key] !== wanted[key]);
  return (
    <div className="stack">
      <Panel title={t("windows.preset")}>
        <p className="dim small" style={{ marginBottom: 12 }}>
          {t("windows.hint")}
        </p>
        <div className="presets" role="radiogroup" aria-label={t("windows.preset")}>
          {presets.map((one) => (
            <button
              key={one.name}
              type="button"
              role="radio"
              aria-checked={one.name === wanted.preset}
              aria-pressed={one.name === wanted.preset}
              className="preset"
              disabled={!may("admin")}
              onClick={() => setWanted(daysOf(one))}
            >
              <span className="strong">{say(one.label)}</span>
              <span className="num small">{t("windows.days", { new: one.new_days, silent: one.silent_days, churned: one.churned_days })}</span>
              <span className="faint small">{say(one.why)}</span>
            </button>
          ))}
        </div>
      </Panel>
      <Panel
        title={t("windows.title")}
        extra={
          custom && (
            <button type="button" className="link-button" onClick={() => setWanted(daysOf(preset))}>
              {t("windows.reset")}
            </button>
          )
        }
      >
        <Form layout="vertical" disabled={!may("admin")}>
          <div className="row wrap start" style={{ gap: 20 }}>
            {KEYS.map((key) => (
              <Form.Item key={key} label={t(`windows.${key}`)} style={{ marginBottom: 0 }} htmlFor={key}>
                <InputNumber
                  id={key}
                  min={1}
                  max={3650}
                  precision={0}
                  value={wanted[key]}
                  status={ordered ? "" : "error"}
                  onChange={(value) => value && setWanted({ ...wanted, [key]: value })}
                  style={{ width: 140 }}
                />
              </Form.Item>
            ))}
          </div>
        </Form>
        <div style={{ marginTop: 16 }}>
          {!ordered ? (
            <p className="up" role="alert">
              {t("windows.order")}
            </p>
          ) : (
            changed && <Preview windows={wanted} />
          )}
        </div>
        <p className="faint small" style={{ margin: "12px 0" }}>
          {t("windows.past")}
        </p>
        <ActButton need="admin" type="primary" loading={save.isPending} disabled={!changed || !ordered} onClick={() => save.mutate(undefined)}>
          {common("action.save")}
        </ActButton>
      </Panel>
    </div>
  );
}

function daysOf(preset: Preset): Settings["lifecycle"] {
  const { new_days, silent_days, churned_days, name } = preset;
  return { new_days, silent_days, churned_days, preset: name };
}

function Preview({ windows }: { windows: Windows }) {
  const t = useText();
  const name = useStageName();
  const { new_days, silent_days, churned_days } = windows;
  const { data } = useGet<WindowsPreview>(withParams("/lifecycle/preview", { new_days, silent_days, churned_days }), { keep: true });
  if (!data) return <Bones lines={2} height={120} />;
  const most = Math.max(1, ...STAGES.flatMap((stage) => [data.now[stage], data.then[stage]]));
  return (
    <div className="note">
      <p className="strong">
        {data.moved ? t("windows.preview", { moved: formatCount(data.moved), persons: formatCount(data.persons) }) : t("windows.preview.none")}
      </p>
      {data.moved > 0 && (
        <table className="plain-table num preview-table">
          <tbody>
            {STAGES.map((stage) => (
              <tr key={stage}>
                <td className="nowrap">{name(stage)}</td>
                <td className="bars" aria-hidden>
                  <span style={{ width: `${(data.now[stage] / most) * 100}%`, background: `var(--stage-${stage})`, opacity: 0.4 }} />
                  <span style={{ width: `${(data.then[stage] / most) * 100}%`, background: `var(--stage-${stage})` }} />
                </td>
                <td className="end nowrap">
                  {formatCount(data.now[stage])} → <span className="strong">{formatCount(data.then[stage])}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
