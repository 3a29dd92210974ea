/** Two languages, flat keys, checked at compile time. Each noun keeps its own pair of files next to its pages. */
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { setRequestLanguage } from "../api";
import type { Bilingual, Language } from "../api-types";

export type Params = Record<string, string | number>;
type Dictionary = Record<string, string>;
export type Translate<K extends string> = (key: K, params?: Params) => string;

/** Each language under its own name, so that everybody finds theirs. */
export const LANGUAGES: { value: Language; label: string }[] = [
  { value: "zh-CN", label: "简体中文" },
  { value: "en", label: "English" },
];

const STORED = "siyu.language";
const LanguageContext = createContext<{ language: Language; setLanguage: (language: Language) => void }>({
  language: "zh-CN",
  setLanguage: () => undefined,
});

function firstLanguage(): Language {
  const stored = localStorage.getItem(STORED);
  if (stored === "zh-CN" || stored === "en") return stored;
  return "zh-CN";
}

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setState] = useState<Language>(() => {
    const first = firstLanguage();
    setRequestLanguage(first);
    return first;
  });
  const setLanguage = useCallback((next: Language) => {
    localStorage.setItem(STORED, next);
    setRequestLanguage(next);
    setState(next);
  }, []);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const value = useMemo(() => ({ language, setLanguage }), [language, setLanguage]);
  return <LanguageContext.Provider value={value}>{children}</LanguageContext.Provider>;
}

export function useLanguage() {
  return useContext(LanguageContext);
}

/** Fills `{name}` and `{n#person|people}` (singular when n is 1). */
export function fill(text: string, params: Params = {}): string {
  return text
    .replace(/\{(\w+)#([^|{}]*)\|([^{}]*)\}/g, (_, name: string, one: string, many: string) =>
      Number(params[name]) === 1 ? one : many,
    )
    .replace(/\{(\w+)\}/g, (whole, name: string) => (name in params ? String(params[name]) : whole));
}

/** Makes the translate hook of one noun. A key missing in either language doesn't compile. */
export function defineText<Z extends Dictionary>(zh: Z, en: { [K in keyof Z]: string }) {
  type Key = keyof Z & string;
  return function useText(): Translate<Key> {
    const { language } = useLanguage();
    return useCallback(
      (key: Key, params?: Params) => fill((language === "en" ? en : zh)[key] ?? key, params),
      [language],
    );
  };
}

/** The wording of an open set of codes (reasons, channels, stages): a code nobody has named yet shows as itself. */
export function lookup<K extends string>(t: Translate<K>, prefix: string, code: string): string {
  const key = `${prefix}.${code}`;
  const text = t(key as K);
  return text === key ? code.replaceAll("_", " ") : text;
}

export function useBilingual(): (text: Bilingual | string | null | undefined) => string {
  const { language } = useLanguage();
  return useCallback(
    (text) => {
      if (text === null || text === undefined) return "";
      if (typeof text === "string") return text;
      return (language === "en" ? text.en : text.zh) || text.zh || text.en || "";
    },
    [language],
  );
}
