/** The page of a thing that has an id. */
export function homeOf(id: string): string {
  const room = { aud: "audiences", tag: "tags", jrn: "journeys" }[id.slice(0, 3)] ?? "journeys";
  return `/${room}/${id}`;
}
