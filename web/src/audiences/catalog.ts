import type { Catalog } from "../shared/api-types";
import { useGet } from "../shared/query";

const NONE: Catalog = { events: [], traits: [], channels: [], stages: [] };

/** What can be asked about: event and trait names with their labels and types. */
export function useCatalog(): Catalog {
  return useGet<Catalog>("/catalog", { staleMs: 60_000 }).data ?? NONE;
}
