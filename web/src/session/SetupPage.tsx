import { Button, Form, Input, Select } from "antd";
import { useEffect, useState } from "react";
import { Navigate } from "react-router";
import { api } from "../shared/api";
import type { Language, Session } from "../shared/api-types";
import { useErrorText } from "../shared/ErrorState";
import { useCommon } from "../shared/i18n/common";
import { LANGUAGES, useLanguage } from "../shared/i18n/i18n";
import { Gate } from "./Gate";
import { useSession } from "./SessionContext";
import { useText } from "./text";

type Values = { name: string; email: string; password: string; language: Language };

export default function SetupPage() {
  const t = useText();
  const common = useCommon();
  const errorText = useErrorText();
  const { session, accept } = useSession();
  const { language, setLanguage } = useLanguage();
  const [form] = Form.useForm<Values>();
  const [failure, setFailure] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    document.title = `${t("setup.title")} · ${common("brand")}`;
    form.setFieldValue("language", language);
  }, [t, common, form, language]);
  if (!session.needs_setup) return <Navigate to="/" replace />;
  const submit = async (values: Values) => {
    setBusy(true);
    setFailure("");
    try {
      const next = await api.post<Session>("/setup", values);
      accept({ ...next, needs_setup: false });
    } catch (error) {
      setFailure(errorText(error));
      setBusy(false);
    }
  };
  const required = (label: string) => ({ required: true, message: common("form.required", { label }) });
  return (
    <Gate title={t("setup.title")} hint={t("setup.hint")}>
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ language }}
        onFinish={(values) => void submit(values)}
      >
        <Form.Item name="name" label={t("setup.name")} rules={[required(t("setup.name"))]}>
          <Input autoComplete="name" autoFocus placeholder={t("setup.name.example")} maxLength={60} />
        </Form.Item>
        <Form.Item
          name="email"
          label={t("login.email")}
          rules={[required(t("login.email")), { type: "email", message: t("setup.email.invalid") }]}
        >
          <Input type="email" autoComplete="username" />
        </Form.Item>
        <Form.Item
          name="password"
          label={t("login.password")}
          extra={t("setup.password.hint")}
          rules={[required(t("login.password")), { min: 10, message: t("setup.password.hint") }]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Form.Item name="language" label={t("setup.language")}>
          <Select
            onChange={(next: Language) => setLanguage(next)}
            options={LANGUAGES}
          />
        </Form.Item>
        {failure && (
          <p className="note bad" role="alert" style={{ marginBottom: 16 }}>
            {failure}
          </p>
        )}
        <Button type="primary" htmlType="submit" size="large" block loading={busy}>
          {t("setup.submit")}
        </Button>
      </Form>
    </Gate>
  );
}
