import { ColumnHeightOutlined, GlobalOutlined, LogoutOutlined } from "@ant-design/icons";
import { Dropdown } from "antd";
import { useContext } from "react";
import { useSession } from "../../session/SessionContext";
import { useCommon } from "../i18n/common";
import { lookup, useLanguage } from "../i18n/i18n";
import { OperatorContext } from "../may";
import { useDensity } from "../preferences";

/** Who is signed in; language, density and signing out. */
export function AccountMenu() {
  const t = useCommon();
  const operator = useContext(OperatorContext);
  const { signOut } = useSession();
  const { language, setLanguage } = useLanguage();
  const { density, setDensity } = useDensity();
  if (!operator) return null;
  const compact = density === "compact";
  return (
    <div className="account">
      <Dropdown
        trigger={["click"]}
        placement="topLeft"
        menu={{
          items: [
            {
              key: "language",
              icon: <GlobalOutlined />,
              label: t("top.language"),
              onClick: () => setLanguage(language === "en" ? "zh-CN" : "en"),
            },
            {
              key: "density",
              icon: <ColumnHeightOutlined />,
              label: compact ? t("top.density.comfortable") : t("top.density.compact"),
              onClick: () => setDensity(compact ? "comfortable" : "compact"),
            },
            { type: "divider" },
            { key: "out", icon: <LogoutOutlined />, label: t("top.signOut"), onClick: () => void signOut() },
          ],
        }}
      >
        <button type="button" className="account-button">
          <span className="avatar" aria-hidden>
            {Array.from(operator.name.trim())[0]?.toUpperCase() ?? "·"}
          </span>
          <span className="grow">
            <span className="ellipsis strong">{operator.name}</span>
            <span className="ellipsis faint small">{lookup(t, "role", operator.role)}</span>
          </span>
        </button>
      </Dropdown>
    </div>
  );
}
