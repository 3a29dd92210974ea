import type { Reason } from "../shared/campaign-types";
import { formatCount, formatPercent } from "../shared/formats";
import { useCommon } from "../shared/i18n/common";
import { useBilingual } from "../shared/i18n/i18n";
import { useText } from "./text";

/** Reasons with their counts and share, the most frequent first. */
export function Reasons({ items, whole }: { items: Reason[]; whole: number }) {
  const t = useText();
  const common = useCommon();
  const say = useBilingual();
  if (items.length === 0) return <p className="faint">{t("review.none")}</p>;
  const short = (one: Reason) => {
    const named = common(`reason.${one.code}` as Parameters<typeof common>[0]);
    return named.startsWith("reason.") ? say(one.text) : named;
  };
  return (
    <ul className="plain-list">
      {items.map((one) => (
        <li key={one.code} className="row">
          <span className="grow" title={say(one.text)}>
            {short(one)}
          </span>
          <span className="num strong">{formatCount(one.count)}</span>
          <span className="num faint" style={{ minWidth: 52, textAlign: "end" }}>
            {whole ? formatPercent(one.count / whole, 1) : ""}
          </span>
        </li>
      ))}
    </ul>
  );
}
