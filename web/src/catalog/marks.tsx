import type { Documented, EntryRow } from "./catalog";
import { useText } from "./text";

export function useTypeName(): (type: string) => string {
  const t = useText();
  return (type) => t(`type.${type as Documented}`);
}

export function Flags({ row }: { row: EntryRow }) {
  const t = useText();
  if (row.merged_into) return <span className="tag">{t("state.merged", { into: row.merged_into })}</span>;
  if (row.hidden) return <span className="tag">{t("state.hidden")}</span>;
  if (row.flags.length === 0) return <span className="faint">{row.last_at ? t("flag.ok") : "—"}</span>;
  return (
    <span className="chips">
      {row.flags.map((flag) => (
        <span key={flag} className={`tag ${flag === "rose" ? "warn" : "bad"}`}>
          {t(`flag.${flag}`)}
        </span>
      ))}
    </span>
  );
}

/** Days as thin bars. */
export function Spark({ values, label, height = 26, width = 132 }: { values: number[]; label: string; height?: number; width?: number }) {
  const top = Math.max(1, ...values);
  const slot = width / Math.max(1, values.length);
  return (
    <svg width={width} height={height} role="img" aria-label={label} className="spark" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none">
      {values.map((value, index) => {
        const tall = value ? Math.max(1.5, (value / top) * (height - 2)) : 0;
        return <rect key={index} x={index * slot} y={height - tall} width={Math.max(1, slot - 1.2)} height={tall} />;
      })}
    </svg>
  );
}
