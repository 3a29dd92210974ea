/** A value as people read it: named, as money, as a date, with its unit. */
import { formatMoney, useTime } from "../shared/formats";
import { useBilingual } from "../shared/i18n/i18n";
import type { Labels } from "./types";
import { useText } from "./text";

export function useValueText(): (value: string, unit: string, labels: Labels) => string {
  const t = useText();
  const say = useBilingual();
  const time = useTime();
  return (value, unit, labels) => {
    const label = labels[value];
    if (label) return say(label);
    if (unit === "money") return formatMoney(Number(value));
    if (unit === "days") return t("unit.days", { n: value });
    if (unit === "time") return time.minute(value);
    return value;
  };
}
