import { Form, Input, InputNumber, Modal, Select, Switch } from "antd";
import { useState } from "react";
import { api, versionOf } from "../shared/api";
import type { Page, Policy } from "../shared/api-types";
import { useEventName } from "../shared/catalog";
import { useCommon } from "../shared/i18n/common";
import { useFieldText } from "../shared/i18n/fields";
import { lookup } from "../shared/i18n/i18n";
import { useChannelName, When } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { useChange, useGet } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { useText } from "./text";

const SHAPES: Record<string, string[]> = {
  consent: ["need"],
  send_window: ["from", "to"],
  person_quota: ["hour", "day", "days_7", "month"],
  account_quota: ["hour", "day", "days_7", "month"],
  cap: ["hour", "day", "days_7", "month"],
  text: ["max_chars", "ends_with", "forbid"],
  days: ["on"],
  calendar: ["holidays", "workdays"],
  rate: ["minute", "hour"],
  reply_window: ["after"],
  exempt: ["cap", "quiet_hours", "holdout"],
};
const NUMBERS = [
  "hour", "day", "days_7", "month", "max_chars", "minute", "half_life_days", "tighten", "stop", "ignored", "days", "percent", "at_least",
];
const TAGS = ["forbid", "holidays", "workdays", "agents", "networks"];
const CHOICES: Record<string, string[]> = {
  need: ["granted", "not_withdrawn"],
  on: ["every", "workdays", "not_holidays"],
};
const SWITCHES = ["cap", "quiet_hours", "holdout"];

type Windows = Record<string, { sends: number; seconds: number }>;

/** What a part of a rule's value is called: a cap and days are rules of their own, and parts of others. */
function partName(rule: string, key: string): string {
  if (key === "days") return "length_days";
  return rule === "exempt" && key === "cap" ? "policy_cap" : key;
}

function span(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

function useReading(): (policy: Policy) => string {
  const t = useText();
  const choices = useFieldText();
  const say = useEventName();
  const listed = (part: unknown) => {
    if (!Array.isArray(part)) return String(part);
    return part.length > 4 ? t("policies.more", { first: part.slice(0, 3).join(" "), n: part.length }) : part.join(" ");
  };
  return ({ rule, value }) => {
    if (rule === "send_window") return `${String(value.from)} – ${String(value.to)}`;
    if (rule === "consent") return lookup(choices, "choice", String(value.need));
    if (rule === "days") return lookup(choices, "choice", String(value.on));
    if (rule === "reply_window") {
      return Object.entries(value.after as Windows)
        .map(([event, { sends, seconds }]) => t("policies.window", { event: say(event), sends, seconds: span(seconds) }))
        .join(" · ");
    }
    if (rule === "exempt") {
      const held = SWITCHES.filter((key) => value[key]);
      return held.map((key) => lookup(t, "policy", partName(rule, key))).join(" · ") || t("policies.none");
    }
    return Object.entries(value)
      .filter(([, part]) => part !== 0 && part !== "" && !(Array.isArray(part) && part.length === 0))
      .map(([key, part]) => `${lookup(t, "policy", partName(rule, key))} ${listed(part)}`)
      .join(" · ") || (rule === "calendar" ? "—" : t("policies.none"));
  };
}

export default function Policies() {
  const t = useText();
  const common = useCommon();
  const reading = useReading();
  const channelName = useChannelName();
  const [editing, setEditing] = useState<Policy | null>(null);
  const [only, setOnly] = useState<string | null>(null);
  const query = useGet<Page<Policy>>("/policies");
  const all = query.data?.items ?? [];
  const nameOf = (channel: string) => (channel === "*" ? t("policies.every") : channelName(channel));
  const named = [...new Set(all.map(({ channel }) => channel))];
  const columns: Column<Policy>[] = [
    {
      key: "channel",
      title: t("policies.channel"),
      width: 140,
      render: (policy) => nameOf(policy.channel),
    },
    {
      key: "rule",
      title: t("policies.rule"),
      lead: true,
      width: 140,
      render: (policy) => <span className="strong">{lookup(t, "policy", policy.rule)}</span>,
    },
    { key: "value", title: t("policies.value"), width: 280, render: (policy) => <span className="ellipsis" title={reading(policy)}>{reading(policy)}</span> },
    {
      key: "evidence",
      title: t("policies.evidence"),
      render: (policy) => (
        <span className="dim">{policy.evidence}</span>
      ),
    },
    { key: "at", title: t("policies.at"), end: true, width: 120, render: (policy) => <When at={policy.updated_at} to="day" /> },
    {
      key: "edit",
      title: "",
      end: true,
      width: 90,
      render: (policy) => (
        <ActButton need="admin" size="small" onClick={() => setEditing(policy)}>
          {common("action.edit")}
        </ActButton>
      ),
    },
  ];
  return (
    <div className="stack">
      <p className="dim">{t("policies.hint")}</p>
      <Select
        allowClear
        aria-label={t("policies.filter")}
        placeholder={t("policies.filter")}
        value={only}
        onChange={(value: string | undefined) => setOnly(value ?? null)}
        options={named.map((value) => ({ value, label: nameOf(value) }))}
        style={{ width: 240, maxWidth: "100%" }}
      />
      <div className="panel">
        <ResourceTable
          rows={{
            items: all.filter(({ channel }) => !only || channel === only),
            isPending: query.isPending,
            error: query.data ? null : query.error,
            refetch: () => void query.refetch(),
          }}
          columns={columns}
          rowKey={(policy) => policy.channel + policy.rule}
          minWidth={960}
          empty={null}
        />
      </div>
      {editing && <EditPolicy policy={editing} onClose={() => setEditing(null)} />}
    </div>
  );
}

function withoutEmpty(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== null && part !== undefined));
}

/** Windows are edited as JSON text. */
function withWindows(value: Record<string, unknown>, after: unknown): Record<string, unknown> {
  return typeof after === "string" ? { ...value, after: JSON.parse(after) as unknown } : value;
}

function asText({ value }: Policy): Record<string, string> {
  return value.after ? { after: JSON.stringify(value.after, null, 2) } : {};
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function PartInput({ name, ...wired }: { name: string }) {
  const choices = useFieldText();
  const given = wired as object;
  const options = CHOICES[name];
  if (options) {
    return <Select {...given} options={options.map((value) => ({ value, label: lookup(choices, "choice", value) }))} />;
  }
  if (TAGS.includes(name)) return <Select {...given} mode="tags" open={false} suffixIcon={null} tokenSeparators={[" ", ","]} />;
  if (SWITCHES.includes(name)) return <Switch {...given} />;
  if (NUMBERS.includes(name)) return <InputNumber {...given} min={0} precision={0} />;
  if (name === "after") return <Input.TextArea {...given} className="mono" autoSize={{ minRows: 4 }} spellCheck={false} />;
  return <Input {...given} maxLength={60} />;
}

function EditPolicy({ policy, onClose }: { policy: Policy; onClose: () => void }) {
  const t = useText();
  const common = useCommon();
  const save = useChange(
    ({ evidence, after, ...value }: Record<string, unknown>) =>
      api.put<Page<Policy>>(
        "/policies",
        { items: [{ ...policy, evidence, value: withoutEmpty(withWindows(value, after)) }], next: null },
        { ifMatch: versionOf("/policies") },
      ),
    { nouns: ["policies"], done: common("done.saved"), onDone: onClose },
  );
  return (
    <Modal
      open
      onCancel={onClose}
      title={`${t("policies.edit")} · ${lookup(t, "policy", policy.rule)}`}
      okText={common("action.save")}
      okButtonProps={{ htmlType: "submit", form: "policy", loading: save.isPending }}
    >
      <Form
        id="policy"
        layout="vertical"
        initialValues={{ ...policy.value, ...asText(policy), evidence: policy.evidence }}
        onFinish={(values: Record<string, unknown>) => save.mutate(values)}
      >
        {(SHAPES[policy.rule] ?? Object.keys(policy.value)).map((key) => (
          <Form.Item
            key={key}
            name={key}
            label={lookup(t, "policy", partName(policy.rule, key))}
            extra={policy.rule === "calendar" ? t("policies.date") : key === "after" ? t("policies.json") : undefined}
            rules={
              key === "after"
                ? [
                    {
                      validator: (_: unknown, text: string) =>
                        isJson(text) ? Promise.resolve() : Promise.reject(new Error(common("form.json"))),
                    },
                  ]
                : []
            }
            {...(policy.rule === "exempt" ? { valuePropName: "checked" } : {})}
          >
            <PartInput name={key} />
          </Form.Item>
        ))}
        <Form.Item name="evidence" label={t("policies.evidence")} rules={[{ required: true, whitespace: true }]}>
          <Input.TextArea autoSize={{ minRows: 2 }} maxLength={500} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
