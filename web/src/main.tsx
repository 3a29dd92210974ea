import { QueryClientProvider } from "@tanstack/react-query";
import { App as AntApp, ConfigProvider } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import { StrictMode, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";
import { AppRoutes } from "./routes";
import { SessionProvider } from "./session/SessionContext";
import { LanguageProvider, useLanguage } from "./shared/i18n/i18n";
import { PreferencesProvider, useDark, useDensity, useStill } from "./shared/preferences";
import { queryClient } from "./shared/query";
import { themeFor } from "./shared/theme";
import "./shared/global.css";

function Look({ children }: { children: ReactNode }) {
  const { language } = useLanguage();
  const { density } = useDensity();
  const dark = useDark();
  const still = useStill();
  return (
    <ConfigProvider
      locale={language === "en" ? enUS : zhCN}
      theme={themeFor(dark, density === "compact", still)}
      button={{ autoInsertSpace: false }}
    >
      <AntApp message={{ maxCount: 3 }}>{children}</AntApp>
    </ConfigProvider>
  );
}

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <LanguageProvider>
        <PreferencesProvider>
          <Look>
            <SessionProvider>
              <BrowserRouter>
                <AppRoutes />
              </BrowserRouter>
            </SessionProvider>
          </Look>
        </PreferencesProvider>
      </LanguageProvider>
    </QueryClientProvider>
  </StrictMode>,
);
