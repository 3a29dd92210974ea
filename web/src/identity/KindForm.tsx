/** One kind of identifier, in the draft. */
import { Form, Input, InputNumber, Modal, Select, Switch } from "antd";
import { useCommon } from "../shared/i18n/common";
import { useLanguage } from "../shared/i18n/i18n";
import type { Kind } from "./identity";
import { useText } from "./text";

const NORMALISERS = ["exact", "lower", "mobile", "email", "digits"] as const;
const FRESH: Kind = { name: "", zh: "", en: "", limit: 1, merges: true, scoped: false, shared_after: 3, normaliser: "exact", blocked: [] };
const NAME = /^[a-z][a-z0-9_]{0,39}(\.[A-Za-z0-9_-]{1,60})?$/;

type Props = { kind: Kind | null; taken: string[]; onClose: () => void; onDone: (kind: Kind) => void };

export function KindForm({ kind, taken, onClose, onDone }: Props) {
  const t = useText();
  const common = useCommon();
  const { language } = useLanguage();
  const title = kind ? `${t("kinds.edit")} · ${language === "en" ? kind.en : kind.zh}` : t("kinds.new");
  const required = (label: string) => ({ required: true, message: common("form.required", { label }) });
  return (
    <Modal
      open
      onCancel={onClose}
      title={title}
      okText={t("kinds.put")}
      cancelText={common("action.cancel")}
      okButtonProps={{ htmlType: "submit", form: "kind" }}
    >
      <Form<Kind>
        id="kind"
        layout="vertical"
        requiredMark={false}
        initialValues={kind ?? FRESH}
        onFinish={(values) => onDone({ ...(kind ?? FRESH), ...values })}
      >
        {!kind && (
          <>
            <Form.Item
              name="name"
              label={t("kinds.code")}
              extra={t("kinds.code.hint")}
              rules={[
                required(t("kinds.code")),
                { pattern: NAME, message: t("kinds.code.wrong") },
                {
                  validator: (_, value: string) =>
                    taken.includes(value) ? Promise.reject(new Error(t("kinds.code.taken"))) : Promise.resolve(),
                },
              ]}
            >
              <Input autoFocus placeholder="openid.wx1234" />
            </Form.Item>
            <Form.Item name="zh" label={t("kinds.zh")} rules={[required(t("kinds.zh"))]}>
              <Input maxLength={40} />
            </Form.Item>
            <Form.Item name="en" label={t("kinds.en")} rules={[required(t("kinds.en"))]}>
              <Input maxLength={40} />
            </Form.Item>
          </>
        )}
        <Form.Item name="limit" label={t("kinds.limit")} extra={t("kinds.limit.hint")} rules={[required(t("kinds.limit"))]}>
          <InputNumber min={1} max={1000} precision={0} />
        </Form.Item>
        <Form.Item name="merges" label={t("kinds.merges.label")} extra={t("kinds.merges.hint")} valuePropName="checked">
          <Switch />
        </Form.Item>
        <Form.Item name="shared_after" label={t("kinds.shared")} extra={t("kinds.shared.hint")} rules={[required(t("kinds.shared"))]}>
          <InputNumber min={1} max={1000} precision={0} />
        </Form.Item>
        <Form.Item name="normaliser" label={t("kinds.normaliser")}>
          <Select options={NORMALISERS.map((value) => ({ value, label: t(`normaliser.${value}`) }))} />
        </Form.Item>
        <Form.Item name="blocked" label={t("kinds.blocked")} extra={t("kinds.blocked.hint")} style={{ marginBottom: 0 }}>
          <Select mode="tags" open={false} suffixIcon={null} tokenSeparators={[",", " ", "\n"]} maxCount={1000} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
