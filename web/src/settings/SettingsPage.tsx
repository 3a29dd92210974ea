import { Tabs } from "antd";
import { lazy, Suspense } from "react";
import { useNavigate, useParams } from "react-router";
import { useMay } from "../shared/may";
import { Bones, Page } from "../shared/Page";
import { useText } from "./text";

const TABS = {
  general: lazy(() => import("./General")),
  lifecycle: lazy(() => import("../lifecycle/Windows")),
  staff: lazy(() => import("./Staff")),
  channels: lazy(() => import("./Channels")),
  policies: lazy(() => import("./Policies")),
  identity: lazy(() => import("../identity/Definitions")),
  operators: lazy(() => import("./Operators")),
  keys: lazy(() => import("./Keys")),
  webhooks: lazy(() => import("./Webhooks")),
  audit: lazy(() => import("./Audit")),
};
type Tab = keyof typeof TABS;
const ADMIN_ONLY: Tab[] = ["operators", "keys", "webhooks", "audit"];

export default function SettingsPage() {
  const t = useText();
  const may = useMay();
  const navigate = useNavigate();
  const { tab = "general" } = useParams();
  const shown = (Object.keys(TABS) as Tab[]).filter((key) => may("admin") || !ADMIN_ONLY.includes(key));
  const active: Tab = shown.find((key) => key === tab) ?? "general";
  const Body = TABS[active];
  return (
    <Page title={t("title")} hint={t("hint")}>
      <div>
        <Tabs
          activeKey={active}
          onChange={(key) => navigate(key === "general" ? "/settings" : `/settings/${key}`)}
          items={shown.map((key) => ({ key, label: t(`tab.${key}`) }))}
        />
        <Suspense fallback={<Bones lines={6} height={360} />}>
          <Body />
        </Suspense>
      </div>
    </Page>
  );
}
