/** One line about a step from its own settings, for the canvas. */
import type { GraphNode, Language } from "../shared/api-types";

function minutesText(minutes: number, language: Language): string {
  const [amount, unit] =
    minutes % 1440 === 0 && minutes > 0
      ? [minutes / 1440, "day"]
      : minutes % 60 === 0 && minutes > 0
        ? [minutes / 60, "hour"]
        : [minutes, "minute"];
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(amount);
}

export type Names = { event: (code: string) => string; channel: (code: string) => string };

export function briefOf({ config }: GraphNode, language: Language, names: Names): string {
  const text = (key: string) => (typeof config[key] === "string" ? config[key] : "");
  if (typeof config.minutes === "number") return minutesText(config.minutes, language);
  if (typeof config.percent === "number") return `${config.percent}%`;
  if (text("subject") || text("body")) return [names.channel(text("channel")), text("subject") || text("body")].filter(Boolean).join(" · ");
  return names.event(text("event")) || text("outcome") || names.channel(text("channel"));
}
