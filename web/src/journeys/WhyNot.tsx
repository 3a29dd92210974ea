import { Input } from "antd";
import { useState } from "react";
import { withParams } from "../shared/api";
import type { Page, PersonItem } from "../shared/api-types";
import { ErrorState } from "../shared/ErrorState";
import { useCommon } from "../shared/i18n/common";
import { Identifiers, StageTag } from "../shared/Marks";
import { Bones, Panel } from "../shared/Page";
import { useGet } from "../shared/query";
import { TraceFor } from "../shared/Trace";
import { useText } from "./text";

/** Look anybody up: why they got the message of this journey, or why not. */
export function WhyNot({ journeyId }: { journeyId: string }) {
  const t = useText();
  const [query, setQuery] = useState("");
  const [person, setPerson] = useState<string | null>(null);
  return (
    <Panel>
      <div className="stack" style={{ maxWidth: 760 }}>
        <p className="dim">{t("why.hint")}</p>
        <Input.Search
          placeholder={t("why.search")}
          enterButton
          onSearch={(value) => {
            setQuery(value.trim());
            setPerson(null);
          }}
          style={{ maxWidth: 420 }}
        />
        {query && <Matches query={query} person={person} onPick={setPerson} />}
        {person && <TraceFor personId={person} journeyId={journeyId} />}
      </div>
    </Panel>
  );
}

type MatchProps = { query: string; person: string | null; onPick: (id: string) => void };

function Matches({ query, person, onPick }: MatchProps) {
  const t = useText();
  const common = useCommon();
  const { data, error, refetch } = useGet<Page<PersonItem>>(withParams("/persons", { q: query, limit: 5 }));
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <Bones lines={3} />;
  if (data.items.length === 0) return <p className="faint">{t("why.none")}</p>;
  return (
    <div className="col" role="group" aria-label={t("why.pick")}>
      {data.items.map((item) => (
        <button
          key={item.id}
          type="button"
          className="pick"
          aria-pressed={person === item.id}
          onClick={() => onPick(item.id)}
        >
          <span className="strong ellipsis">{item.name || common("value.unnamed")}</span>
          <Identifiers items={item.identifiers} limit={1} />
          <StageTag stage={item.stage} />
        </button>
      ))}
    </div>
  );
}
