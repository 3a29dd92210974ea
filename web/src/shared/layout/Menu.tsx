import {
  ApiOutlined,
  BranchesOutlined,
  DashboardOutlined,
  DatabaseOutlined,
  DeploymentUnitOutlined,
  QrcodeOutlined,
  NotificationOutlined,
  SendOutlined,
  SettingOutlined,
  TagsOutlined,
  TeamOutlined,
  UserOutlined,
} from "@ant-design/icons";
import type { ReactNode } from "react";
import { Link, useLocation } from "react-router";
import { useCommon } from "../i18n/common";

export const ROOMS = [
  { to: "/", key: "nav.overview", icon: <DashboardOutlined />, goto: "o" },
  { to: "/sources", key: "nav.sources", icon: <ApiOutlined />, goto: "d", also: ["/debugger", "/quarantine", "/imports", "/connectors"] },
  { to: "/catalog", key: "nav.catalog", icon: <DatabaseOutlined />, goto: "e" },
  { to: "/persons", key: "nav.persons", icon: <UserOutlined />, goto: "p", also: ["/conflicts", "/suggestions"] },
  { to: "/audiences", key: "nav.audiences", icon: <TeamOutlined />, goto: "a", also: ["/packages"] },
  { to: "/tags", key: "nav.tags", icon: <TagsOutlined />, goto: "t" },
  { to: "/lifecycle", key: "nav.lifecycle", icon: <DeploymentUnitOutlined />, goto: "l" },
  { to: "/codes", key: "nav.codes", icon: <QrcodeOutlined />, goto: "q" },
  { to: "/journeys", key: "nav.journeys", icon: <BranchesOutlined />, goto: "j", also: ["/tasks"] },
  { to: "/campaigns", key: "nav.campaigns", icon: <NotificationOutlined />, goto: "c", also: ["/templates", "/reviews"] },
  { to: "/messages", key: "nav.messages", icon: <SendOutlined />, goto: "m" },
  { to: "/settings", key: "nav.settings", icon: <SettingOutlined />, goto: "s" },
] as const satisfies readonly { to: string; key: string; icon: ReactNode; goto: string; also?: string[] }[];

type Room = (typeof ROOMS)[number];

/** Whether this address lies in the room; some rooms have tabs with addresses of their own. */
function isIn(room: Room, pathname: string): boolean {
  const homes: string[] = "also" in room ? [room.to, ...room.also] : [room.to];
  return homes.some((home) => pathname === home || (home !== "/" && pathname.startsWith(`${home}/`)));
}

export function Menu({ brand }: { brand?: string | undefined }) {
  const t = useCommon();
  const { pathname } = useLocation();
  return (
    <>
      <div className="brand">
        <img src="/favicon.svg" width={26} height={26} alt="" />
        <span className="brand-name" title={brand}>
          {brand || t("brand")}
        </span>
      </div>
      <nav className="menu" aria-label={t("nav.main")}>
        {ROOMS.map((room) => {
          const here = isIn(room, pathname);
          return (
            <Link key={room.to} to={room.to} className={here ? "active" : ""} aria-current={here ? "page" : undefined}>
              {room.icon}
              <span>{t(room.key)}</span>
            </Link>
          );
        })}
      </nav>
    </>
  );
}
