/** How many persons have which value, as bars; quarters where values are numbers. */
import { formatCount, formatPercent } from "../shared/formats";
import { useText } from "./text";
import type { Labels, ValueCount } from "./types";
import { useValueText } from "./Value";

type Props = { values: ValueCount[]; levels: number[] | null; unit: string; onPick?: (value: string) => void; picked?: string | null };
const SHOWN = 20;

export function Counts({ values, levels, unit, onPick, picked }: Props) {
  const t = useText();
  const text = useValueText();
  const labels: Labels = Object.fromEntries(values.flatMap(({ value, label }) => (label ? [[value, label]] : [])));
  if (values.length === 0) return <p className="faint">{t("values.none")}</p>;
  const most = Math.max(...values.map(({ persons }) => persons));
  return (
    <div className="col">
      {levels && (
        <p className="small num">
          {t("values.levels", {
            low: text(String(levels[0]), unit, {}),
            first: text(String(levels[1]), unit, {}),
            middle: text(String(levels[2]), unit, {}),
            third: text(String(levels[3]), unit, {}),
            high: text(String(levels[4]), unit, {}),
          })}
        </p>
      )}
      <ul className="tag-counts">
        {values.slice(0, SHOWN).map(({ value, persons, share }) => (
          <li key={value}>
            {onPick ? (
              <button type="button" className="link ellipsis" aria-pressed={picked === value} onClick={() => onPick(value)}>
                {text(value, unit, labels)}
              </button>
            ) : (
              <span className="ellipsis" title={value}>
                {text(value, unit, labels)}
              </span>
            )}
            <span className="meter" aria-hidden>
              <span style={{ width: `${(persons / most) * 100}%` }} />
            </span>
            <span className="num small">
              {formatCount(persons)} <span className="faint">{formatPercent(share, 1)}</span>
            </span>
          </li>
        ))}
      </ul>
      {values.length > SHOWN && <p className="faint small">{t("values.more", { n: values.length - SHOWN })}</p>}
    </div>
  );
}
