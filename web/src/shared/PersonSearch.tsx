/** Looks somebody up by whatever is known of them, and answers whom the operator chose. */
import { Input } from "antd";
import { useState } from "react";
import { withParams } from "./api";
import type { Page, PersonItem } from "./api-types";
import { ErrorState } from "./ErrorState";
import { useCommon } from "./i18n/common";
import { Identifiers, StageTag } from "./Marks";
import { Bones } from "./Page";
import { useGet } from "./query";

type Props = { person: string | null; onPick: (id: string | null) => void };

export function PersonSearch({ person, onPick }: Props) {
  const t = useCommon();
  const [query, setQuery] = useState("");
  return (
    <>
      <Input.Search
        placeholder={t("pick.search")}
        aria-label={t("pick.search")}
        enterButton
        allowClear
        onSearch={(value) => {
          setQuery(value.trim());
          onPick(null);
        }}
        style={{ maxWidth: 420 }}
      />
      {query && <Matches query={query} person={person} onPick={onPick} />}
    </>
  );
}

function Matches({ query, person, onPick }: Props & { query: string }) {
  const t = useCommon();
  const { data, error, refetch } = useGet<Page<PersonItem>>(withParams("/persons", { q: query, limit: 5 }));
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <Bones lines={3} />;
  if (data.items.length === 0) return <p className="faint">{t("pick.none")}</p>;
  return (
    <div className="col" role="group" aria-label={t("pick.label")}>
      {data.items.map((item) => (
        <button key={item.id} type="button" className="pick" aria-pressed={person === item.id} onClick={() => onPick(item.id)}>
          <span className="strong ellipsis">{item.name || t("value.unnamed")}</span>
          <Identifiers items={item.identifiers} limit={1} />
          <StageTag stage={item.stage} />
        </button>
      ))}
    </div>
  );
}
