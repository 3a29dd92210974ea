import { Tooltip } from "antd";
import { formatCount } from "../shared/formats";
import { useCommon } from "../shared/i18n/common";
import { lookup } from "../shared/i18n/i18n";
import { useText } from "./text";

/** How many were held back at a step, and why. */
export function Refusals({ refused }: { refused: Record<string, number> | undefined }) {
  const t = useText();
  const common = useCommon();
  const reasons = Object.entries(refused ?? {}).sort(([, a], [, b]) => b - a);
  if (reasons.length === 0) return null;
  const total = reasons.reduce((sum, [, count]) => sum + count, 0);
  const lines = reasons.map(([reason, count]) => `${lookup(common, "reason", reason)} ${formatCount(count)}`);
  return (
    <Tooltip title={<span style={{ whiteSpace: "pre-line" }}>{lines.join("\n")}</span>}>
      <div className="refused" tabIndex={0}>
        <dt>{t("node.refused")}</dt>
        <dd className="warn">{formatCount(total)}</dd>
      </div>
    </Tooltip>
  );
}
