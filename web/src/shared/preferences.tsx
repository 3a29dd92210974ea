/** What each operator sets for this browser: density. Dark mode follows the system. */
import { createContext, useContext, useMemo, useState, useSyncExternalStore, type ReactNode } from "react";

export type Density = "comfortable" | "compact";

const STORED = "siyu.density";
const Context = createContext<{ density: Density; setDensity: (density: Density) => void }>({
  density: "comfortable",
  setDensity: () => undefined,
});

export function PreferencesProvider({ children }: { children: ReactNode }) {
  const [density, setState] = useState<Density>(
    localStorage.getItem(STORED) === "compact" ? "compact" : "comfortable",
  );
  const value = useMemo(
    () => ({
      density,
      setDensity: (next: Density) => {
        localStorage.setItem(STORED, next);
        setState(next);
      },
    }),
    [density],
  );
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

export function useDensity() {
  return useContext(Context);
}

function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = window.matchMedia(query);
      media.addEventListener("change", listener);
      return () => media.removeEventListener("change", listener);
    },
    () => window.matchMedia(query).matches,
  );
}

export function useDark(): boolean {
  return useMedia("(prefers-color-scheme: dark)");
}

/** The system is set to show less motion. */
export function useStill(): boolean {
  return useMedia("(prefers-reduced-motion: reduce)");
}

/** Narrow enough that tables become cards and the menu becomes a drawer. */
export function usePhone(): boolean {
  return useMedia("(max-width: 767px)");
}
