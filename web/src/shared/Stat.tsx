import type { ReactNode } from "react";
import { Link } from "react-router";
import { bigNumber, currencySymbol, formatCount, formatMoney } from "./formats";
import { useLanguage } from "./i18n/i18n";
import { Delta, Info } from "./Marks";

type Props = {
  label: string;
  value: number;
  previous?: number | null;
  money?: boolean;
  currency?: string;
  formula?: ReactNode;
  to?: string;
  foot?: ReactNode;
};

/** One big number with its formula, its change, and a door to the people behind it. */
export function Stat({ label, value, previous, money, currency = "CNY", formula, to, foot }: Props) {
  const { language } = useLanguage();
  const [figure, unit] = bigNumber(money ? value / 100 : value, language);
  const exact = money ? formatMoney(value, currency) : formatCount(value);
  const body = (
    <span className="figure" title={exact}>
      {money ? currencySymbol(currency) : ""}
      {figure}
      {unit && <small>{unit}</small>}
    </span>
  );
  return (
    <div className="panel stat">
      <span className="label">
        {label}
        {formula && <Info text={formula} />}
      </span>
      {to ? (
        <Link to={to} className="stat-link">
          {body}
        </Link>
      ) : (
        body
      )}
      <div className="foot">{foot ?? <Delta now={value} before={previous} />}</div>
    </div>
  );
}

export function StatBones({ count = 4 }: { count?: number }) {
  return (
    <div className="stats" aria-busy="true">
      {Array.from({ length: count }, (_, index) => (
        <div key={index} className="panel stat">
          <div className="bone" style={{ width: "40%", margin: "4px 0" }} />
          <div className="bone" style={{ width: "70%", height: 28, margin: "5px 0" }} />
          <div className="bone" style={{ width: "50%", margin: "3px 0" }} />
        </div>
      ))}
    </div>
  );
}
