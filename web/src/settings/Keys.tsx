import { PlusOutlined } from "@ant-design/icons";
import { App, Checkbox, Form, Input, Modal } from "antd";
import { useState } from "react";
import { api } from "../shared/api";
import type { ApiKey } from "../shared/api-types";
import { EmptyState } from "../shared/EmptyState";
import { useCommon } from "../shared/i18n/common";
import { lookup } from "../shared/i18n/i18n";
import { Code, When } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { useChange, usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { useText } from "./text";

export default function Keys() {
  const t = useText();
  const common = useCommon();
  const { modal } = App.useApp();
  const [adding, setAdding] = useState(false);
  const paged = usePaged<ApiKey>("/keys", {});
  const remove = useChange((id: string) => api.remove(`/keys/${id}`), {
    nouns: ["keys", "audit"],
    done: common("done.deleted"),
  });
  const ask = (key: ApiKey) =>
    modal.confirm({
      title: `${t("keys.delete")} · ${key.name}`,
      content: t("keys.delete.confirm"),
      okText: t("keys.delete"),
      okButtonProps: { danger: true },
      cancelText: common("action.cancel"),
      onOk: () => remove.mutate(key.id),
    });
  const columns: Column<ApiKey>[] = [
    {
      key: "name",
      title: t("keys.name"),
      lead: true,
      render: (key) => (
        <span className="ellipsis">
          <span className="strong">{key.name}</span> <code className="faint">{key.hint}…</code>
        </span>
      ),
    },
    {
      key: "scopes",
      title: t("keys.scopes"),
      width: 200,
      render: (key) => (
        <span className="chips">
          {key.scopes.map((scope) => (
            <span key={scope} className="tag">
              {lookup(t, "scope", scope)}
            </span>
          ))}
        </span>
      ),
    },
    { key: "created", title: t("keys.created"), end: true, width: 130, render: (key) => <When at={key.created_at} to="day" /> },
    { key: "used", title: t("keys.used"), end: true, width: 170, render: (key) => <When at={key.used_at} /> },
    {
      key: "act",
      title: "",
      end: true,
      width: 100,
      render: (key) => (
        <ActButton need="admin" size="small" danger onClick={() => ask(key)}>
          {t("keys.delete")}
        </ActButton>
      ),
    },
  ];
  const button = (
    <ActButton need="admin" type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
      {t("keys.new")}
    </ActButton>
  );
  return (
    <div className="stack">
      <div className="row wrap between">
        <p className="dim">{t("keys.hint")}</p>
        {paged.items.length > 0 && button}
      </div>
      <div className="panel">
        <ResourceTable
          paged={paged}
          columns={columns}
          rowKey={(key) => key.id}
          minWidth={760}
          empty={
            <EmptyState title={t("keys.empty")} action={button}>
              {t("keys.empty.hint")}
            </EmptyState>
          }
        />
      </div>
      {adding && <AddKey onClose={() => setAdding(false)} />}
    </div>
  );
}

function AddKey({ onClose }: { onClose: () => void }) {
  const t = useText();
  const common = useCommon();
  const [made, setMade] = useState<ApiKey | null>(null);
  const add = useChange((values: { name: string; scopes: string[] }) => api.post<ApiKey>("/keys", values), {
    nouns: ["keys", "audit"],
    onDone: setMade,
  });
  if (made?.secret) {
    return (
      <Modal open onCancel={onClose} title={made.name} footer={null} mask={{ closable: false }}>
        <div className="stack">
          <p className="note warn">{t("keys.once")}</p>
          <Code text={made.secret} wrap />
        </div>
      </Modal>
    );
  }
  return (
    <Modal
      open
      onCancel={onClose}
      title={t("keys.new")}
      okText={common("action.create")}
      okButtonProps={{ htmlType: "submit", form: "add-key", loading: add.isPending }}
    >
      <Form
        id="add-key"
        layout="vertical"
        requiredMark={false}
        initialValues={{ scopes: ["read"] }}
        onFinish={(values: { name: string; scopes: string[] }) => add.mutate(values)}
      >
        <Form.Item
          name="name"
          label={t("keys.name")}
          rules={[{ required: true, whitespace: true, message: common("form.required", { label: t("keys.name") }) }]}
        >
          <Input autoFocus maxLength={80} placeholder={t("keys.name.example")} />
        </Form.Item>
        <Form.Item
          name="scopes"
          label={t("keys.scopes")}
          rules={[{ required: true, message: common("form.required", { label: t("keys.scopes") }) }]}
        >
          <Checkbox.Group
            options={["read", "write", "admin"].map((scope) => ({ value: scope, label: lookup(t, "scope", scope) }))}
          />
        </Form.Item>
      </Form>
    </Modal>
  );
}
