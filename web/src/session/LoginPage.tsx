import { Button, Form, Input } from "antd";
import { useEffect, useState } from "react";
import { Navigate, useSearchParams } from "react-router";
import { api, ApiError } from "../shared/api";
import type { Session } from "../shared/api-types";
import { useErrorText } from "../shared/ErrorState";
import { useCommon } from "../shared/i18n/common";
import { useLanguage } from "../shared/i18n/i18n";
import { Gate } from "./Gate";
import { useSession } from "./SessionContext";
import { useText } from "./text";

/** Only paths of this console; a full address in `next` would send the operator elsewhere. */
function safePath(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) ? next : "/";
}

export default function LoginPage() {
  const t = useText();
  const common = useCommon();
  const errorText = useErrorText();
  const { session, accept } = useSession();
  const { language, setLanguage } = useLanguage();
  const [arrivedIn] = useState(language);
  const [params] = useSearchParams();
  const [failure, setFailure] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    document.title = `${t("login.title")} · ${common("brand")}`;
  }, [t, common]);
  if (session.needs_setup) return <Navigate to="/setup" replace />;
  if (session.operator) return <Navigate to={safePath(params.get("next"))} replace />;
  const submit = async (values: { email: string; password: string }) => {
    setBusy(true);
    setFailure("");
    try {
      const next = await api.post<Session>("/session", values);
      // The operator's own language, unless they have just picked another one here.
      if (next.operator && language === arrivedIn) setLanguage(next.operator.language);
      accept(next);
    } catch (error) {
      const status = error instanceof ApiError ? error.status : 0;
      setFailure(status === 401 ? t("login.wrong") : status === 429 ? t("login.locked") : errorText(error));
      setBusy(false);
    }
  };
  return (
    <Gate title={t("login.title")} hint={t("login.hint")}>
      <Form layout="vertical" requiredMark={false} onFinish={(values) => void submit(values)}>
        <Form.Item
          name="email"
          label={t("login.email")}
          rules={[{ required: true, message: common("form.required", { label: t("login.email") }) }]}
        >
          <Input type="email" autoComplete="username" autoFocus size="large" />
        </Form.Item>
        <Form.Item
          name="password"
          label={t("login.password")}
          rules={[{ required: true, message: common("form.required", { label: t("login.password") }) }]}
        >
          <Input.Password autoComplete="current-password" size="large" />
        </Form.Item>
        {failure && (
          <p className="note bad" role="alert" style={{ marginBottom: 16 }}>
            {failure}
          </p>
        )}
        <Button type="primary" htmlType="submit" size="large" block loading={busy}>
          {t("login.submit")}
        </Button>
      </Form>
      <p className="faint small" style={{ marginTop: 16 }}>
        {t("login.forgot")}
      </p>
    </Gate>
  );
}
