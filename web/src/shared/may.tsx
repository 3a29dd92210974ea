/** What the signed-in operator may do, and a button that says why it is disabled. */
import { Button, Tooltip, type ButtonProps } from "antd";
import { createContext, useContext } from "react";
import type { Operator } from "./api-types";
import { useCommon } from "./i18n/common";

export const OperatorContext = createContext<Operator | null>(null);

export type Need = "operator" | "admin";

export function useMay(): (need: Need) => boolean {
  const role = useContext(OperatorContext)?.role;
  return (need) => role === "admin" || (need === "operator" && role === "operator");
}

export function ActButton({ need = "operator", ...props }: ButtonProps & { need?: Need }) {
  const t = useCommon();
  const may = useMay();
  if (may(need)) return <Button {...props} />;
  return (
    <Tooltip title={may("operator") ? t("hint.admin") : t("hint.viewer")}>
      <Button {...props} disabled />
    </Tooltip>
  );
}
