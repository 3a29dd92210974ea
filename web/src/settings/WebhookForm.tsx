import { Checkbox, Form, Input, Modal, Select } from "antd";
import { api } from "../shared/api";
import { useCommon } from "../shared/i18n/common";
import { lookup } from "../shared/i18n/i18n";
import { useChange } from "../shared/query";
import { useText } from "./text";
import { TOPICS, type Webhook } from "./webhooks";

type Values = { name: string; url: string; topics: string[]; events?: string[] };
type Props = { webhook: Webhook | null; onClose: () => void; onMade: (made: Webhook) => void };

export function WebhookForm({ webhook, onClose, onMade }: Props) {
  const t = useText();
  const common = useCommon();
  const [form] = Form.useForm<Values>();
  const topics = Form.useWatch("topics", form) ?? [];
  const save = useChange(
    (values: Values) =>
      webhook
        ? api.patch<Webhook>(`/webhooks/${webhook.id}`, values, { ifMatch: webhook.version })
        : api.post<Webhook>("/webhooks", values),
    {
      nouns: ["webhooks", "audit"],
      ...(webhook ? { done: common("done.saved") } : {}),
      onDone: (made) => {
        onClose();
        if (!webhook) onMade(made);
      },
    },
  );
  const required = (label: string) => [{ required: true, message: common("form.required", { label }) }];
  return (
    <Modal
      open
      onCancel={onClose}
      title={t(webhook ? "webhooks.edit" : "webhooks.new")}
      okText={common(webhook ? "action.save" : "action.create")}
      okButtonProps={{ htmlType: "submit", form: "webhook", loading: save.isPending }}
    >
      <Form
        id="webhook"
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={webhook ?? { topics: ["person.merged", "person.split"], events: [] }}
        onFinish={(values: Values) => save.mutate({ ...values, events: values.events ?? webhook?.events ?? [] })}
      >
        <Form.Item name="name" label={t("webhooks.name")} rules={required(t("webhooks.name"))}>
          <Input autoFocus maxLength={80} placeholder={t("webhooks.name.example")} />
        </Form.Item>
        <Form.Item
          name="url"
          label={t("webhooks.url")}
          extra={t("webhooks.url.hint")}
          rules={[...required(t("webhooks.url")), { pattern: /^https?:\/\/\S+$/, message: t("webhooks.url.wrong") }]}
        >
          <Input maxLength={2000} placeholder="https://example.com/siyu" />
        </Form.Item>
        <Form.Item name="topics" label={t("webhooks.topics")} rules={required(t("webhooks.topics"))}>
          <Checkbox.Group options={TOPICS.map((value) => ({ value, label: lookup(t, "topic", value) }))} />
        </Form.Item>
        {topics.includes("event") && (
          <Form.Item name="events" label={t("webhooks.events")} extra={t("webhooks.events.hint")}>
            <Select mode="tags" tokenSeparators={[",", "，", " "]} placeholder="order_paid" open={false} suffixIcon={null} />
          </Form.Item>
        )}
      </Form>
    </Modal>
  );
}
