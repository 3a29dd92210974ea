import type { ReactNode } from "react";
import { useCommon } from "../shared/i18n/common";
import { useLanguage } from "../shared/i18n/i18n";
import { OfflineBanner } from "../shared/layout/OfflineBanner";
import { useSession } from "./SessionContext";
import { useText } from "./text";
import "../shared/layout/layout.css";
import "../shared/shared.css";

/** The page before the door: brand, language, one card. */
export function Gate({ title, hint, children }: { title: string; hint: string; children: ReactNode }) {
  const t = useText();
  const common = useCommon();
  const { language, setLanguage } = useLanguage();
  const { session } = useSession();
  return (
    <div className="gate">
      <div className="head">
        <img src="/favicon.svg" width={26} height={26} alt="" />
        {common("brand")}
        <button
          type="button"
          className="link-button"
          onClick={() => setLanguage(language === "en" ? "zh-CN" : "en")}
        >
          {common("top.language")}
        </button>
      </div>
      <main className="panel card">
        <h1>{title}</h1>
        <p className="dim">{hint}</p>
        {children}
      </main>
      <p className="foot">{t("foot", { version: session.product_version })}</p>
      <OfflineBanner />
    </div>
  );
}
