/** What can happen and what can be known: names with their labels and types. */
import { useCallback } from "react";
import type { Catalog } from "./api-types";
import { useCommon } from "./i18n/common";
import { lookup, useBilingual } from "./i18n/i18n";
import { useGet } from "./query";

/** Channels on which the brand reaches out by itself. A website waits for the visitor, a webhook hands over to a program. */
export const REACHING = ["official_account", "wecom_friend", "wecom_group", "mini_program", "app", "email", "sms"];

const NONE: Catalog = { events: [], traits: [], channels: [], stages: [] };

export function useCatalog(): Catalog {
  return useGet<Catalog>("/catalog", { staleMs: 5_000 }).data ?? NONE;
}

/** A trait's label, or its own name. */
export function useTraitName(): (name: string) => string {
  const say = useBilingual();
  const { traits } = useCatalog();
  return (name) => say(traits.find((trait) => trait.name === name)?.label) || name.replaceAll("_", " ");
}

/** What a stage is called in this shop's industry. */
export function useStageName(): (stage: string) => string {
  const say = useBilingual();
  const common = useCommon();
  const { stages } = useCatalog();
  return useCallback(
    (stage) => say(stages.find(({ name }) => name === stage)?.label) || lookup(common, "stage", stage),
    [say, common, stages],
  );
}

/** An event's label, or its own name. */
export function useEventName(): (name: string) => string {
  const say = useBilingual();
  const { events } = useCatalog();
  return useCallback((name) => say(events.find((event) => event.name === name)?.label) || name, [events, say]);
}
