import { Link } from "react-router";
import { EmptyState } from "../EmptyState";
import { useCommon } from "../i18n/common";
import { Page } from "../Page";

export default function NotFound() {
  const t = useCommon();
  return (
    <Page title={t("notFound.title")}>
      <div className="panel">
        <EmptyState title={t("notFound.title")} action={<Link to="/">{t("action.home")}</Link>}>
          {t("notFound.hint")}
        </EmptyState>
      </div>
    </Page>
  );
}
