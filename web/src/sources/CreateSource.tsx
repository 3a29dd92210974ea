import { Form, Input, Modal, Radio } from "antd";
import { useNavigate } from "react-router";
import { api } from "../shared/api";
import type { Source, SourceKind } from "../shared/api-types";
import { useCommon } from "../shared/i18n/common";
import { useChange } from "../shared/query";
import { useText } from "./text";

type Values = { name: string; kind: SourceKind; category?: string };
const KINDS: Exclude<SourceKind, "connector">[] = ["segment", "sensors", "growingio", "webhook", "import"];

export function CreateSource({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useText();
  const common = useCommon();
  const navigate = useNavigate();
  const [form] = Form.useForm<Values>();
  const create = useChange(
    ({ category, ...values }: Values) => api.post<Source>("/sources", category ? { ...values, category } : values),
    {
      nouns: ["sources", "overview"],
      done: common("done.created"),
      onDone: (source) => navigate(`/sources/${source.id}`),
    },
  );
  return (
    <Modal
      open={open}
      onCancel={onClose}
      title={t("create.title")}
      okText={t("create.submit")}
      okButtonProps={{ htmlType: "submit", form: "create-source", loading: create.isPending }}
      destroyOnHidden
    >
      <Form
        id="create-source"
        form={form}
        layout="vertical"
        requiredMark="optional"
        initialValues={{ kind: "segment" }}
        onFinish={(values) => create.mutate(values)}
      >
        <Form.Item
          name="name"
          label={t("create.name")}
          rules={[{ required: true, whitespace: true, message: common("form.required", { label: t("create.name") }) }]}
        >
          <Input autoFocus maxLength={80} placeholder={t("create.name.example")} />
        </Form.Item>
        <Form.Item name="kind" label={t("create.kind")} rules={[{ required: true }]}>
          <Radio.Group style={{ display: "flex", flexDirection: "column", gap: 10 }}>
            {KINDS.map((kind) => (
              <Radio key={kind} value={kind}>
                {t(`kind.${kind}`)}
                <span className="faint small" style={{ display: "block" }}>
                  {t(`kind.${kind}.hint`)}
                </span>
              </Radio>
            ))}
          </Radio.Group>
        </Form.Item>
        <Form.Item name="category" label={t("create.category")} extra={t("create.category.hint")}>
          <Input maxLength={80} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
