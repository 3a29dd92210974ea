/** The frame of every signed-in page: menu, search, preferences, and a place where the page appears. */
import { MenuOutlined } from "@ant-design/icons";
import { Button, Drawer } from "antd";
import { Component, Suspense, useEffect, useState, type ReactNode } from "react";
import { Outlet, useLocation } from "react-router";
import type { Settings } from "../api-types";
import { useCommon } from "../i18n/common";
import { Bones } from "../Page";
import { usePhone } from "../preferences";
import { useGet } from "../query";
import { TimezoneContext } from "../timezone";
import { KeyHelp } from "./KeyHelp";
import { Menu } from "./Menu";
import { OfflineBanner } from "./OfflineBanner";
import { PersonSearch } from "./PersonSearch";
import { AccountMenu } from "./AccountMenu";
import { useShortcuts } from "./shortcuts";
import "./layout.css";

export default function Shell() {
  const t = useCommon();
  const phone = usePhone();
  const [menuOpen, setMenuOpen] = useState(false);
  const [helpOpen, setHelpOpen] = useState(false);
  const location = useLocation();
  const settings = useGet<Settings>("/settings", { staleMs: 300_000 });
  useShortcuts(() => setHelpOpen(true));
  useEffect(() => setMenuOpen(false), [location.pathname]);
  return (
    <TimezoneContext.Provider value={settings.data?.timezone || "Asia/Shanghai"}>
      <a className="skip" href="#content">
        {t("nav.skip")}
      </a>
      <div className="shell">
        {!phone && (
          <aside className="side">
            <Menu brand={settings.data?.brand_name} />
            <AccountMenu />
          </aside>
        )}
        <div className="main">
          <header className="top">
            {phone && (
              <Button
                type="text"
                icon={<MenuOutlined />}
                aria-label={t("nav.open")}
                onClick={() => setMenuOpen(true)}
              />
            )}
            <PersonSearch />
            {!phone && (
              <Button type="text" onClick={() => setHelpOpen(true)} aria-label={t("top.help")} title={t("top.help")}>
                <kbd>?</kbd>
              </Button>
            )}
          </header>
          <main id="content" tabIndex={-1} className="content">
            <PageGuard key={location.pathname}>
              <Suspense fallback={<Bones lines={6} height={400} />}>
                <Outlet />
              </Suspense>
            </PageGuard>
          </main>
        </div>
      </div>
      {phone && (
        <Drawer
          open={menuOpen}
          onClose={() => setMenuOpen(false)}
          placement="left"
          size={264}
          closable={false}
          styles={{ body: { padding: 0, display: "flex", flexDirection: "column" } }}
        >
          <Menu brand={settings.data?.brand_name} />
          <AccountMenu />
        </Drawer>
      )}
      <KeyHelp open={helpOpen} onClose={() => setHelpOpen(false)} />
      <OfflineBanner />
    </TimezoneContext.Provider>
  );
}

/** A page that fails to load or to draw says so and offers a reload; the menu stays. */
class PageGuard extends Component<{ children: ReactNode }, { failed: Error | null }> {
  override state = { failed: null as Error | null };

  static getDerivedStateFromError(failed: Error) {
    return { failed };
  }

  override render() {
    return this.state.failed ? <PageFailed error={this.state.failed} /> : this.props.children;
  }
}

function PageFailed({ error }: { error: Error }) {
  const t = useCommon();
  return (
    <div className="error-state panel" role="alert">
      <span className="dot bad" style={{ marginTop: 7 }} />
      <div className="col grow">
        <h3>{t("error.page")}</h3>
        <p className="dim">{t("error.page.hint")}</p>
        <code className="faint">{error.message}</code>
        <div>
          <Button onClick={() => window.location.reload()}>{t("action.reload")}</Button>
        </div>
      </div>
    </div>
  );
}
