/** What people walk through now: the published version with how many stand and passed where. Nothing can be changed on it. */
import { useState } from "react";
import type { Journey } from "../shared/api-types";
import type { Board } from "./board";
import type { Kinds } from "./graph";
import { NOTHING_CHOSEN, Stage } from "./Stage";
import { useText } from "./text";

const NO_PROBLEMS = new Map();

export function Live({ journey, kinds }: { journey: Journey; kinds: Kinds }) {
  const t = useText();
  const [chosen, setChosen] = useState(NOTHING_CHOSEN);
  const board: Board = { graph: journey.graph, kinds, problems: NO_PROBLEMS, flows: journey.nodes_counts, edit: null };
  return (
    <Stage
      board={board}
      chosen={chosen}
      onChoose={setChosen}
      stamp={0}
      onConfig={() => undefined}
      toolbar={<span className="grow faint small">{t("live.hint")}</span>}
      empty={null}
      keys={{}}
    />
  );
}
