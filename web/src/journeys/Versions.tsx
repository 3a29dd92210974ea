import type { Journey } from "../shared/api-types";
import type { Kinds } from "./graph";

export function Versions({ journey }: { journey: Journey; kinds: Kinds }) {
  return <p>{journey.published_version}</p>;
}
