import {
  ApiOutlined,
  BranchesOutlined,
  DashboardOutlined,
  SendOutlined,
  SettingOutlined,
  TeamOutlined,
  UserOutlined,
} from "@ant-design/icons";
import type { ReactNode } from "react";
import { NavLink } from "react-router";
import { useCommon } from "../i18n/common";

export const ROOMS = [
  { to: "/", key: "nav.overview", icon: <DashboardOutlined />, goto: "o" },
  { to: "/sources", key: "nav.sources", icon: <ApiOutlined />, goto: "d" },
  { to: "/persons", key: "nav.persons", icon: <UserOutlined />, goto: "p" },
  { to: "/audiences", key: "nav.audiences", icon: <TeamOutlined />, goto: "a" },
  { to: "/journeys", key: "nav.journeys", icon: <BranchesOutlined />, goto: "j" },
  { to: "/messages", key: "nav.messages", icon: <SendOutlined />, goto: "m" },
  { to: "/settings", key: "nav.settings", icon: <SettingOutlined />, goto: "s" },
] as const satisfies readonly { to: string; key: string; icon: ReactNode; goto: string }[];

export function Menu({ brand }: { brand?: string | undefined }) {
  const t = useCommon();
  return (
    <>
      <div className="brand">
        <img src="/favicon.svg" width={26} height={26} alt="" />
        <span className="ellipsis" title={brand}>
          {brand || t("brand")}
        </span>
      </div>
      <nav className="menu" aria-label={t("nav.main")}>
        {ROOMS.map((room) => (
          <NavLink key={room.to} to={room.to} end={room.to === "/"}>
            {room.icon}
            <span>{t(room.key)}</span>
          </NavLink>
        ))}
      </nav>
    </>
  );
}
