import { Tabs } from "antd";
import { lazy, Suspense } from "react";
import { useNavigate } from "react-router";
import { Bones, Page } from "../shared/Page";
import { SourceList } from "./SourceList";
import { useText } from "./text";

const Debugger = lazy(() => import("./Debugger"));
const Quarantine = lazy(() => import("./Quarantine"));
const ConnectorList = lazy(() => import("../connectors/ConnectorList"));
const Imports = lazy(() => import("./Imports"));

export type SourcesTab = "list" | "connectors" | "debugger" | "quarantine" | "imports";
const ADDRESS: Record<SourcesTab, string> = {
  list: "/sources",
  connectors: "/connectors",
  debugger: "/debugger",
  quarantine: "/quarantine",
  imports: "/imports",
};

export default function SourcesPage({ tab = "list" }: { tab?: SourcesTab }) {
  const t = useText();
  const navigate = useNavigate();
  const bodies = {
    list: <SourceList />,
    connectors: <ConnectorList />,
    debugger: <Debugger />,
    quarantine: <Quarantine />,
    imports: <Imports />,
  };
  return (
    <Page title={t("title")} hint={t("hint")}>
      <div>
        <Tabs
          activeKey={tab}
          onChange={(key) => navigate(ADDRESS[key as SourcesTab])}
          items={(["list", "connectors", "debugger", "quarantine", "imports"] as const).map((key) => ({
            key,
            label: t(`tab.${key}`),
          }))}
        />
        <Suspense fallback={<Bones lines={6} height={360} />}>{bodies[tab]}</Suspense>
      </div>
    </Page>
  );
}
