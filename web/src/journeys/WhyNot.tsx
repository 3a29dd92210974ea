import { useState } from "react";
import { Panel } from "../shared/Page";
import { PersonSearch } from "../shared/PersonSearch";
import { TraceFor } from "../shared/Trace";
import { useText } from "./text";

/** Look anybody up: why they got the message of this journey, or why not. */
export function WhyNot({ journeyId }: { journeyId: string }) {
  const t = useText();
  const [person, setPerson] = useState<string | null>(null);
  return (
    <Panel>
      <div className="stack" style={{ maxWidth: 760 }}>
        <p className="dim">{t("why.hint")}</p>
        <PersonSearch person={person} onPick={setPerson} />
        {person && <TraceFor personId={person} journeyId={journeyId} />}
      </div>
    </Panel>
  );
}
