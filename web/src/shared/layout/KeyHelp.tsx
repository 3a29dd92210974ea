import { Modal } from "antd";
import type { ReactNode } from "react";
import { useCommon } from "../i18n/common";
import { ROOMS } from "./Menu";

export function KeyHelp({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useCommon();
  const rows: [string, ReactNode][] = [
    [t("keys.search"), <kbd key="k">/</kbd>],
    [t("keys.help"), <kbd key="k">?</kbd>],
    [t("keys.submit"), <kbd key="k">Enter</kbd>],
    [t("keys.close"), <kbd key="k">Esc</kbd>],
    ...ROOMS.map(({ key, goto }): [string, ReactNode] => [
      `${t("keys.goto")} ${t(key)}`,
      <span key="k">
        <kbd>g</kbd> <span className="faint small">{t("keys.then")}</span> <kbd>{goto}</kbd>
      </span>,
    ]),
  ];
  return (
    <Modal open={open} onCancel={onClose} footer={null} title={t("keys.title")} width={420}>
      <table className="plain-table">
        <tbody>
          {rows.map(([label, keys]) => (
            <tr key={label}>
              <td>{label}</td>
              <td className="end">{keys}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Modal>
  );
}
