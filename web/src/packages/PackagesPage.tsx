import { Page } from "../shared/Page";
import { PackageTable } from "./PackageTable";
import { useText } from "./text";

export default function PackagesPage() {
  const t = useText();
  return (
    <Page title={t("title")} hint={t("hint")} back={{ to: "/audiences", label: t("audiences") }}>
      <PackageTable />
    </Page>
  );
}
