import { PlusOutlined } from "@ant-design/icons";
import { Button, Form, Input, Modal, Select } from "antd";
import { useContext, useState } from "react";
import { api } from "../shared/api";
import type { OperatorRow, Role } from "../shared/api-types";
import { useCommon } from "../shared/i18n/common";
import { lookup } from "../shared/i18n/i18n";
import { When } from "../shared/Marks";
import { ActButton, OperatorContext } from "../shared/may";
import { useChange, usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { useText } from "./text";

const ROLES: Role[] = ["admin", "operator", "viewer"];
type Change = { row: OperatorRow; body: { role?: Role; disabled?: boolean; password?: string } };

export default function Operators() {
  const t = useText();
  const common = useCommon();
  const me = useContext(OperatorContext);
  const [adding, setAdding] = useState(false);
  const [resetting, setResetting] = useState<OperatorRow | null>(null);
  const paged = usePaged<OperatorRow>("/operators", {});
  const change = useChange(
    ({ row, body }: Change) => api.patch<OperatorRow>(`/operators/${row.id}`, body, { ifMatch: row.version }),
    { nouns: ["operators", "audit"], done: common("done.saved"), onDone: () => setResetting(null) },
  );
  const columns: Column<OperatorRow>[] = [
    {
      key: "name",
      title: t("operators.name"),
      lead: true,
      render: (row) => (
        <span className="ellipsis">
          <span className="strong">{row.name}</span>
          {row.id === me?.id && <span className="faint"> · {t("operators.you")}</span>}
        </span>
      ),
    },
    {
      key: "email",
      title: t("operators.email"),
      render: (row) => (
        <span className="ellipsis" title={row.email}>
          {row.email}
        </span>
      ),
    },
    {
      key: "role",
      title: t("operators.role"),
      width: 150,
      render: (row) => (
        <Select<Role>
          size="small"
          value={row.role}
          onChange={(role) => change.mutate({ row, body: { role } })}
          style={{ width: 120 }}
          aria-label={t("operators.role")}
          options={ROLES.map((role) => ({ value: role, label: lookup(common, "role", role) }))}
        />
      ),
    },
    {
      key: "state",
      title: t("operators.state"),
      width: 100,
      render: (row) => (
        <span className={row.disabled ? "tag" : "tag good"}>
          {row.disabled ? t("operators.disabled") : t("operators.active")}
        </span>
      ),
    },
    { key: "created", title: t("operators.created"), end: true, width: 120, render: (row) => <When at={row.created_at} to="day" /> },
    {
      key: "act",
      title: "",
      end: true,
      width: 210,
      render: (row) => (
        <span className="row" style={{ justifyContent: "flex-end" }}>
          <Button size="small" onClick={() => setResetting(row)}>
            {t("operators.reset")}
          </Button>
          <Button
            size="small"
            disabled={row.id === me?.id}
            onClick={() => change.mutate({ row, body: { disabled: !row.disabled } })}
          >
            {row.disabled ? t("operators.enable") : t("operators.disable")}
          </Button>
        </span>
      ),
    },
  ];
  return (
    <div className="stack">
      <div className="row wrap between">
        <p className="dim">{t("operators.hint")}</p>
        <ActButton need="admin" type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
          {t("operators.new")}
        </ActButton>
      </div>
      <div className="panel">
        <ResourceTable paged={paged} columns={columns} rowKey={(row) => row.id} minWidth={940} empty={null} />
      </div>
      {adding && <AddOperator onClose={() => setAdding(false)} />}
      <Modal
        open={resetting !== null}
        onCancel={() => setResetting(null)}
        title={`${t("operators.reset")} · ${resetting?.name ?? ""}`}
        okText={common("action.save")}
        okButtonProps={{ htmlType: "submit", form: "reset-password", loading: change.isPending }}
        destroyOnHidden
      >
        <Form
          id="reset-password"
          layout="vertical"
          onFinish={({ password }: { password: string }) => resetting && change.mutate({ row: resetting, body: { password } })}
        >
          <PasswordItem label={t("operators.reset.to")} />
        </Form>
      </Modal>
    </div>
  );
}

function PasswordItem({ label }: { label: string }) {
  const t = useText();
  return (
    <Form.Item
      name="password"
      label={label}
      extra={t("operators.password.hint")}
      rules={[{ required: true, min: 10, message: t("operators.password.hint") }]}
    >
      <Input.Password autoComplete="new-password" />
    </Form.Item>
  );
}

function AddOperator({ onClose }: { onClose: () => void }) {
  const t = useText();
  const common = useCommon();
  const add = useChange((values: object) => api.post<OperatorRow>("/operators", values), {
    nouns: ["operators", "audit"],
    done: common("done.created"),
    onDone: onClose,
  });
  const required = (label: string) => [{ required: true, whitespace: true, message: common("form.required", { label }) }];
  return (
    <Modal
      open
      onCancel={onClose}
      title={t("operators.new")}
      okText={t("operators.submit")}
      okButtonProps={{ htmlType: "submit", form: "add-operator", loading: add.isPending }}
    >
      <Form
        id="add-operator"
        layout="vertical"
        requiredMark={false}
        initialValues={{ role: "operator" }}
        onFinish={(values: object) => add.mutate(values)}
      >
        <Form.Item name="name" label={t("operators.name")} rules={required(t("operators.name"))}>
          <Input autoFocus maxLength={80} />
        </Form.Item>
        <Form.Item name="email" label={t("operators.email")} rules={required(t("operators.email"))}>
          <Input type="email" maxLength={254} />
        </Form.Item>
        <Form.Item name="role" label={t("operators.role")}>
          <Select options={ROLES.map((role) => ({ value: role, label: lookup(common, "role", role) }))} />
        </Form.Item>
        <PasswordItem label={t("operators.password")} />
      </Form>
    </Modal>
  );
}
