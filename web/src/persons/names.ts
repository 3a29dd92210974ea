import type { Catalog } from "../shared/api-types";
import { useBilingual } from "../shared/i18n/i18n";
import { useGet } from "../shared/query";

/** A trait's label from the catalog, or its own name. */
export function useFieldName(): (name: string) => string {
  const say = useBilingual();
  const { data } = useGet<Catalog>("/catalog", { staleMs: 300_000 });
  return (name) => say(data?.traits.find((trait) => trait.name === name)?.label) || name.replaceAll("_", " ");
}
