/** What people walk through now: the published version with how many stand and passed where. Nothing can be changed on it. */
import { useState } from "react";
import type { Journey, JourneyVersion } from "../shared/api-types";
import { ErrorState } from "../shared/ErrorState";
import { Bones } from "../shared/Page";
import { useGet } from "../shared/query";
import type { Board } from "./board";
import { EnterPeople } from "./EnterPeople";
import type { Kinds } from "./graph";
import { NOTHING_CHOSEN, Stage } from "./Stage";
import { useText } from "./text";

/** Triggers through which somebody lets people in. */
const BY_HAND = ["trigger_list", "trigger_api"];
const NO_PROBLEMS = new Map();

export function Live({ journey, kinds }: { journey: Journey; kinds: Kinds }) {
  const t = useText();
  const [chosen, setChosen] = useState(NOTHING_CHOSEN);
  const { data, error, refetch } = useGet<JourneyVersion[]>(`/journeys/${journey.id}/versions`);
  const live = data?.find(({ number }) => number === journey.published_version);
  if (!live) return error ? <ErrorState error={error} retry={() => void refetch()} /> : <Bones lines={8} height={480} />;
  const board: Board = { graph: live.graph, kinds, problems: NO_PROBLEMS, flows: journey.nodes_counts, edit: null };
  return (
    <Stage
      board={board}
      chosen={chosen}
      onChoose={setChosen}
      stamp={0}
      onConfig={() => undefined}
      toolbar={
        <>
          <span className="grow faint small">{t("live.hint")}</span>
          {journey.state === "live" && live.graph.nodes.some(({ kind }) => BY_HAND.includes(kind)) && (
            <EnterPeople journeyId={journey.id} />
          )}
        </>
      }
      empty={null}
      keys={{}}
    />
  );
}
