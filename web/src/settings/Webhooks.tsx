import { PlusOutlined } from "@ant-design/icons";
import { App, Button, Drawer, Modal, Switch } from "antd";
import { useState } from "react";
import { api } from "../shared/api";
import { EmptyState } from "../shared/EmptyState";
import { formatCount } from "../shared/formats";
import { useCommon } from "../shared/i18n/common";
import { lookup } from "../shared/i18n/i18n";
import { Code, When } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { useChange, usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { Deliveries } from "./Deliveries";
import { useText } from "./text";
import type { Webhook } from "./webhooks";
import { WebhookForm } from "./WebhookForm";

const NOUNS = ["webhooks", "audit"];

export default function Webhooks() {
  const t = useText();
  const [form, setForm] = useState<Webhook | "new" | null>(null);
  const [open, setOpen] = useState<string | null>(null);
  const [made, setMade] = useState<Webhook | null>(null);
  const paged = usePaged<Webhook>("/webhooks", {}, 50, 5_000);
  const shown = paged.items.find((one) => one.id === open);
  const columns: Column<Webhook>[] = [
    {
      key: "name",
      title: t("webhooks.name"),
      lead: true,
      render: (one) => (
        <span className="col" style={{ gap: 0 }}>
          <span className="strong ellipsis">{one.name}</span>
          <code className="faint small ellipsis" title={one.url}>
            {one.url}
          </code>
        </span>
      ),
    },
    {
      key: "topics",
      title: t("webhooks.topics"),
      width: 260,
      render: (one) => (
        <span className="chips">
          {one.topics.map((topic) => (
            <span key={topic} className="tag">
              {lookup(t, "topic", topic)}
            </span>
          ))}
        </span>
      ),
    },
    { key: "state", title: t("webhooks.state"), width: 110, render: (one) => <State one={one} /> },
    {
      key: "waiting",
      title: t("webhooks.waiting"),
      end: true,
      width: 90,
      render: (one) => <span className="num">{formatCount(one.waiting)}</span>,
    },
    {
      key: "failed",
      title: t("webhooks.failed"),
      end: true,
      width: 90,
      render: (one) => <span className={`num ${one.failed ? "up" : ""}`}>{formatCount(one.failed)}</span>,
    },
    { key: "last", title: t("webhooks.last"), end: true, width: 150, render: (one) => <When at={one.last_ok_at} /> },
  ];
  const button = (
    <ActButton need="admin" type="primary" icon={<PlusOutlined />} onClick={() => setForm("new")}>
      {t("webhooks.new")}
    </ActButton>
  );
  return (
    <div className="stack">
      <div className="row wrap between">
        <p className="dim">{t("webhooks.hint")}</p>
        {paged.items.length > 0 && button}
      </div>
      <div className="panel">
        <ResourceTable
          paged={paged}
          columns={columns}
          rowKey={(one) => one.id}
          onRow={(one) => setOpen(one.id)}
          minWidth={900}
          empty={
            <EmptyState title={t("webhooks.empty")} action={button}>
              {t("webhooks.empty.hint")}
            </EmptyState>
          }
        />
      </div>
      <Drawer open={shown !== undefined} onClose={() => setOpen(null)} title={shown?.name} size={640}>
        {shown && (
          <div className="stack">
            <Actions one={shown} edit={() => setForm(shown)} showSecret={setMade} gone={() => setOpen(null)} />
            <Deliveries webhook={shown} />
          </div>
        )}
      </Drawer>
      {form && <WebhookForm webhook={form === "new" ? null : form} onClose={() => setForm(null)} onMade={setMade} />}
      {made?.secret && (
        <Modal open onCancel={() => setMade(null)} title={made.name} footer={null} mask={{ closable: false }}>
          <div className="stack">
            <p className="note warn">{t("webhooks.once")}</p>
            <Code text={made.secret} wrap />
          </div>
        </Modal>
      )}
    </div>
  );
}

function State({ one }: { one: Webhook }) {
  const t = useText();
  if (!one.enabled) return <span className="tag">{t("webhooks.off")}</span>;
  if (one.failing_since) return <span className="tag bad">{t("webhooks.failing")}</span>;
  return one.last_ok_at ? (
    <span className="tag good">{t("webhooks.ok")}</span>
  ) : (
    <span className="tag">{t("webhooks.never")}</span>
  );
}

type ActionsProps = { one: Webhook; edit: () => void; showSecret: (made: Webhook) => void; gone: () => void };

function Actions({ one, edit, showSecret, gone }: ActionsProps) {
  const t = useText();
  const common = useCommon();
  const { modal } = App.useApp();
  const path = `/webhooks/${one.id}`;
  const turn = useChange(
    (enabled: boolean) => api.patch<Webhook>(path, { enabled }, { ifMatch: one.version }),
    { nouns: NOUNS, done: common("done.saved") },
  );
  const secret = useChange(() => api.post<Webhook>(`${path}/secret`), { nouns: NOUNS, onDone: showSecret });
  const remove = useChange(() => api.remove(path), { nouns: NOUNS, done: common("done.deleted"), onDone: gone });
  const ask = (title: string, content: string, act: () => void) =>
    modal.confirm({ title, content, okText: title, okButtonProps: { danger: true }, cancelText: common("action.cancel"), onOk: act });
  return (
    <div className="row wrap between">
      <label className="row">
        <Switch checked={one.enabled} loading={turn.isPending} onChange={(on) => turn.mutate(on)} />
        <span>{t("webhooks.on")}</span>
      </label>
      <div className="row wrap">
        <Button onClick={edit}>{t("webhooks.edit")}</Button>
        <Button
          onClick={() => ask(t("webhooks.secret"), t("webhooks.secret.confirm"), () => secret.mutate(undefined))}
        >
          {t("webhooks.secret")}
        </Button>
        <Button danger onClick={() => ask(t("webhooks.delete"), t("webhooks.delete.confirm"), () => remove.mutate(undefined))}>
          {t("webhooks.delete")}
        </Button>
      </div>
    </div>
  );
}
