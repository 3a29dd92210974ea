/** The page of a thing that has an id. */
const ROOMS: Record<string, string> = { aud: "audiences", tag: "tags", jrn: "journeys", pkg: "packages", cmp: "campaigns", tpl: "templates" };

export function homeOf(id: string): string {
  return `/${ROOMS[id.slice(0, 3)] ?? "journeys"}/${id}`;
}
