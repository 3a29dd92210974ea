/** What can happen and what can be known: names with their labels and types. */
import { useCallback } from "react";
import type { Catalog } from "./api-types";
import { useBilingual } from "./i18n/i18n";
import { useGet } from "./query";

/** Channels on which the brand reaches out by itself. A website waits for the visitor, a webhook hands over to a program. */
export const REACHING = ["official_account", "wecom_friend", "wecom_group", "mini_program", "app", "email", "sms"];

const NONE: Catalog = { events: [], traits: [], channels: [], stages: [] };

export function useCatalog(): Catalog {
  return useGet<Catalog>("/catalog", { staleMs: 60_000 }).data ?? NONE;
}

/** A trait's label, or its own name. */
export function useTraitName(): (name: string) => string {
  const say = useBilingual();
  const { traits } = useCatalog();
  return (name) => say(traits.find((trait) => trait.name === name)?.label) || name.replaceAll("_", " ");
}

/** An event's label, or its own name. */
export function useEventName(): (name: string) => string {
  const say = useBilingual();
  const { events } = useCatalog();
  return useCallback((name) => say(events.find((event) => event.name === name)?.label) || name, [events, say]);
}
