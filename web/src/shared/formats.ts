/** Numbers, money and time as operators of this field read them. */
import { useMemo } from "react";
import type { Language } from "./api-types";
import { useLanguage } from "./i18n/i18n";
import { useTimezone } from "./timezone";

export const DASH = "—";

export function formatCount(value: number | null | undefined): string {
  return value === null || value === undefined ? DASH : value.toLocaleString("en-US");
}

/** `steps`: unit size, its sign, and from where on it is used when that is not from one unit on. */
function scaled(value: number, steps: [number, string, number?][]): [string, string] {
  for (const [size, unit, from = size] of steps) {
    if (Math.abs(value) >= from) {
      const short = value / size;
      return [short.toLocaleString("en-US", { maximumFractionDigits: Math.abs(short) >= 100 ? 1 : 2 }), unit];
    }
  }
  return [value.toLocaleString("en-US", { maximumFractionDigits: 2 }), ""];
}

/** A card number: `[figure, unit]`, 万/亿 in Chinese, K/M/B in English. */
export function bigNumber(value: number, language: Language): [string, string] {
  if (language === "en") return scaled(value, [[1e9, "B"], [1e6, "M"], [1e3, "K", 1e5]]);
  return scaled(value, [[1e8, "亿"], [1e4, "万"]]);
}

const SYMBOLS: Record<string, string> = { CNY: "¥", USD: "$", EUR: "€", HKD: "HK$", JPY: "JP¥" };

export function currencySymbol(currency = "CNY"): string {
  return SYMBOLS[currency] ?? `${currency} `;
}

/** Integer fen to `¥1,234.56`. */
export function formatMoney(fen: number | null | undefined, currency = "CNY"): string {
  if (fen === null || fen === undefined) return DASH;
  const text = (Math.abs(fen) / 100).toLocaleString("en-US", {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  });
  return `${fen < 0 ? "-" : ""}${currencySymbol(currency)}${text}`;
}

export function formatPercent(ratio: number | null | undefined, digits = 2): string {
  return ratio === null || ratio === undefined || !Number.isFinite(ratio) ? DASH : `${(ratio * 100).toFixed(digits)}%`;
}

export function formatBytes(bytes: number): string {
  const [figure, unit] = scaled(bytes, [[1e9, " GB"], [1e6, " MB"], [1e3, " kB"]]);
  return `${figure}${unit || " B"}`;
}

export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
}

function partsIn(zone: string): Intl.DateTimeFormat {
  // Swedish writes ISO order, which is what operators here expect to read.
  return new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
}

export type TimeFormats = {
  day: (iso: string | null | undefined) => string;
  minute: (iso: string | null | undefined) => string;
  second: (iso: string | null | undefined) => string;
  clock: (iso: string | null | undefined) => string;
  relative: (iso: string | null | undefined) => string;
  weekday: (day: string) => string;
};

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

function relativeTo(now: number, at: number, words: Intl.RelativeTimeFormat): string {
  const seconds = (at - now) / 1000;
  const [unit, size] = STEPS.find(([, step]) => Math.abs(seconds) >= step) ?? ["second", 1];
  return words.format(Math.round(seconds / size), unit);
}

export function timeFormats(zone: string, language: Language): TimeFormats {
  const full = partsIn(zone);
  const words = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const week = new Intl.DateTimeFormat(language, { weekday: "short", timeZone: "UTC" });
  const cut = (iso: string | null | undefined, from: number, to: number) => {
    const at = iso ? Date.parse(iso) : Number.NaN;
    return Number.isNaN(at) ? DASH : full.format(at).slice(from, to);
  };
  return {
    day: (iso) => cut(iso, 0, 10),
    minute: (iso) => cut(iso, 0, 16),
    second: (iso) => cut(iso, 0, 19),
    clock: (iso) => cut(iso, 11, 19),
    relative: (iso) => (iso ? relativeTo(Date.now(), Date.parse(iso), words) : DASH),
    weekday: (day) => week.format(Date.parse(`${day}T00:00:00Z`)),
  };
}

export function useTime(): TimeFormats {
  const { language } = useLanguage();
  const zone = useTimezone();
  return useMemo(() => timeFormats(zone, language), [zone, language]);
}

/** A value of unknown shape on one line. */
export function plainValue(value: unknown): string {
  if (value === null || value === undefined || value === "") return DASH;
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}
