/** Where files go, and the secret that opens it. */
import { Checkbox, Form, Input, InputNumber, Select } from "antd";
import { useCommon } from "../shared/i18n/common";
import { KINDS } from "./contract";
import { useText } from "./text";

const BUCKET = ["endpoint", "region", "bucket", "prefix", "key_id"] as const;
const FIELDS = { s3: BUCKET, oss: BUCKET, sftp: ["host", "port", "user", "host_key", "folder"], webhook: ["url"] } as const;
const OPTIONAL = ["prefix", "folder"];
const LIKE: Record<string, Record<string, string>> = {
  s3: { endpoint: "https://s3.cn-north-1.amazonaws.com.cn", region: "cn-north-1" },
  oss: { endpoint: "https://oss-cn-hangzhou.aliyuncs.com", region: "cn-hangzhou" },
  sftp: { host: "sftp.example.com", host_key: "SHA256:…" },
  webhook: { url: "https://example.com/siyu" },
};

type Props = { to: string; kept: boolean; ad: boolean };

export function DestinationFields({ to, kept, ad }: Props) {
  const t = useText();
  const common = useCommon();
  const kinds = ["none", ...KINDS.filter((kind) => kind !== "webhook" || !ad)] as const;
  const fields = to in FIELDS ? FIELDS[to as keyof typeof FIELDS] : [];
  return (
    <>
      <Form.Item name="to" label={t("form.destination")} extra={to === "none" ? t("kind.none.hint") : undefined}>
        <Select options={kinds.map((value) => ({ value, label: t(`kind.${value as "none"}`) }))} />
      </Form.Item>
      {fields.map((field) => (
        <Form.Item
          key={`${to}.${field}`}
          name={["place", field]}
          label={t(`place.${field}`)}
          {...(field === "port" ? { initialValue: 22 } : {})}
          rules={OPTIONAL.includes(field) ? [] : [{ required: true, message: common("form.required", { label: t(`place.${field}`) }) }]}
          extra={field === "host_key" ? t("place.host_key.hint") : undefined}
        >
          {field === "port" ? <InputNumber min={1} max={65_535} precision={0} /> : <Input placeholder={LIKE[to]?.[field] ?? ""} maxLength={2000} />}
        </Form.Item>
      ))}
      {to === "s3" && (
        <Form.Item name={["place", "path_style"]} valuePropName="checked">
          <Checkbox>{t("place.path_style")}</Checkbox>
        </Form.Item>
      )}
      {to !== "none" && (
        <Form.Item name="secret" label={t(to === "sftp" ? "secret.sftp" : to === "webhook" ? "secret.webhook" : "secret.bucket")} extra={t(to === "webhook" ? "secret.webhook.hint" : kept ? "secret.kept" : "secret.sealed")}>
          {to === "sftp" ? <Input.TextArea autoSize={{ minRows: 1, maxRows: 6 }} autoComplete="off" /> : <Input.Password autoComplete="new-password" />}
        </Form.Item>
      )}
    </>
  );
}
