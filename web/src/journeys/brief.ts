/** One line about a step from its own settings, for the canvas. */
import type { GraphNode, Language } from "../shared/api-types";

export function minutesText(minutes: number, language: Language): string {
  const [amount, unit] =
    minutes % 1440 === 0 && minutes > 0
      ? [minutes / 1440, "day"]
      : minutes % 60 === 0 && minutes > 0
        ? [minutes / 60, "hour"]
        : [minutes, "minute"];
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(amount);
}

export type Names = {
  event: (code: string) => string;
  channel: (code: string) => string;
  trait: (code: string) => string;
  audience: (id: string) => string;
  journey: (id: string) => string;
  template: (id: string) => string;
};

function rowText(row: unknown): string {
  const { name, percent } = row as { name?: unknown; percent?: unknown };
  return [name, typeof percent === "number" ? `${percent}%` : ""].filter(Boolean).join(" ");
}

/** The most telling settings first; a kind nobody thought of shows its first text. */
export function briefOf({ config }: GraphNode, language: Language, names: Names): string {
  const text = (key: string) => (typeof config[key] === "string" ? config[key] : "");
  const list = (key: string) => (Array.isArray(config[key]) ? (config[key] as unknown[]) : []);
  const span = typeof config.minutes === "number" ? minutesText(config.minutes, language) : "";
  const events = [...list("until"), ...list("absent")].map((code) => names.event(String(code)));
  const happens = text("event") && names.event(text("event"));
  if (span || happens) return [happens, span, events.join(" / ")].filter(Boolean).join(" · ");
  if (typeof config.percent === "number") return `${config.percent}%`;
  if (text("template")) {
    return [names.channel(text("channel")), names.template(text("template").replace(/@.*$/, ""))].filter(Boolean).join(" · ");
  }
  if (text("subject") || text("body")) {
    return [names.channel(text("channel")), text("subject") || text("body")].filter(Boolean).join(" · ");
  }
  const rows = [...list("branches"), ...list("results")].map(rowText).filter(Boolean).join(" / ");
  const whom = (text("audience") && names.audience(text("audience"))) || (text("journey") && names.journey(text("journey")));
  const when = [text("on").match(/^\d/) ? text("on") : "", text("at")].filter(Boolean).join(" ");
  const told = [whom, text("trait") && names.trait(text("trait")), when, text("title") || text("name"), rows].filter(Boolean);
  return told.join(" · ") || text("outcome") || text("url") || names.channel(text("channel"));
}
