import { Form, Input, InputNumber, Modal, Select } from "antd";
import { useState } from "react";
import { api, versionOf } from "../shared/api";
import type { Page, Policy } from "../shared/api-types";
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
};
const NUMBERS = ["hour", "day", "days_7", "month", "max_chars"];

function useReading(): (policy: Policy) => string {
  const t = useText();
  const choices = useFieldText();
  return ({ rule, value }) => {
    if (rule === "send_window") return `${String(value.from)} – ${String(value.to)}`;
    if (rule === "consent") return lookup(choices, "choice", String(value.need));
    return Object.entries(value)
      .filter(([, part]) => part !== 0 && part !== "" && !(Array.isArray(part) && part.length === 0))
      .map(([key, part]) => `${lookup(t, "policy", key)} ${Array.isArray(part) ? part.join(" ") : String(part)}`)
      .join(" · ");
  };
}

export default function Policies() {
  const t = useText();
  const common = useCommon();
  const reading = useReading();
  const channelName = useChannelName();
  const [editing, setEditing] = useState<Policy | null>(null);
  const query = useGet<Page<Policy>>("/policies");
  const columns: Column<Policy>[] = [
    {
      key: "channel",
      title: t("policies.channel"),
      width: 140,
      render: (policy) => (policy.channel === "*" ? t("policies.every") : channelName(policy.channel)),
    },
    {
      key: "rule",
      title: t("policies.rule"),
      lead: true,
      width: 140,
      render: (policy) => <span className="strong">{lookup(t, "policy", policy.rule)}</span>,
    },
    { key: "value", title: t("policies.value"), width: 230, render: (policy) => <span className="ellipsis" title={reading(policy)}>{reading(policy)}</span> },
    {
      key: "evidence",
      title: t("policies.evidence"),
      render: (policy) => (
        <span className="ellipsis dim" title={policy.evidence}>
          {policy.evidence}
        </span>
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
      <div className="panel">
        <ResourceTable
          rows={{
            items: query.data?.items ?? [],
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

function EditPolicy({ policy, onClose }: { policy: Policy; onClose: () => void }) {
  const t = useText();
  const common = useCommon();
  const choices = useFieldText();
  const save = useChange(
    ({ evidence, ...value }: Record<string, unknown>) =>
      api.put<Page<Policy>>(
        "/policies",
        { items: [{ ...policy, evidence, value: withoutEmpty(value) }], next: null },
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
        initialValues={{ ...policy.value, evidence: policy.evidence }}
        onFinish={(values: Record<string, unknown>) => save.mutate(values)}
      >
        {(SHAPES[policy.rule] ?? Object.keys(policy.value)).map((key) => (
          <Form.Item key={key} name={key} label={lookup(t, "policy", key)}>
            {key === "need" ? (
              <Select
                options={["granted", "not_withdrawn"].map((value) => ({ value, label: lookup(choices, "choice", value) }))}
              />
            ) : key === "forbid" ? (
              <Select mode="tags" open={false} suffixIcon={null} />
            ) : NUMBERS.includes(key) ? (
              <InputNumber min={0} precision={0} />
            ) : (
              <Input maxLength={60} />
            )}
          </Form.Item>
        ))}
        <Form.Item name="evidence" label={t("policies.evidence")} rules={[{ required: true, whitespace: true }]}>
          <Input.TextArea autoSize={{ minRows: 2 }} maxLength={500} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
