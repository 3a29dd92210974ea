/** Two persons are one: find the other, look at both side by side, confirm. */
import { Drawer, Input } from "antd";
import { useState } from "react";
import { api, withParams } from "../shared/api";
import type { Page, PersonDetail, PersonItem } from "../shared/api-types";
import { ErrorState } from "../shared/ErrorState";
import { formatCount, formatMoney, useTime } from "../shared/formats";
import { useCommon } from "../shared/i18n/common";
import { Identifiers, PersonLink, StageTag } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { Bones } from "../shared/Page";
import { useChange, useGet } from "../shared/query";
import { Reason } from "./Decide";
import { NOUNS, type Decided } from "./identity";
import { useText } from "./text";

export function MergeDrawer({ person, onClose }: { person: string; onClose: () => void }) {
  const t = useText();
  const [text, setText] = useState("");
  const [other, setOther] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  const merge = useChange(() => api.post<Decided>("/identity/merge", { person, other, reason: reason.trim() }), {
    nouns: NOUNS,
    done: t("merge.done"),
    onDone: onClose,
  });
  return (
    <Drawer open onClose={onClose} title={t("merge")} size={640}>
      <div className="stack">
        <p className="dim">{t("merge.hint")}</p>
        <Input.Search
          autoFocus
          allowClear
          placeholder={t("merge.search")}
          aria-label={t("merge.search")}
          onSearch={(value) => {
            setText(value.trim());
            setOther(null);
          }}
        />
        {other === null ? (
          text && <Found text={text} person={person} onPick={setOther} />
        ) : (
          <>
            <div className="beside">
              <Side id={person} title={t("merge.this")} />
              <Side id={other} title={t("merge.that")} />
            </div>
            <p className="note">{t("merge.effect")}</p>
            <Reason value={reason} onChange={setReason} />
            <p className="faint small">{t("decide.audited")}</p>
            <div>
              <ActButton type="primary" loading={merge.isPending} onClick={() => merge.mutate(undefined)}>
                {t("merge.do")}
              </ActButton>
            </div>
          </>
        )}
      </div>
    </Drawer>
  );
}

type FoundProps = { text: string; person: string; onPick: (id: string) => void };

function Found({ text, person, onPick }: FoundProps) {
  const t = useText();
  const common = useCommon();
  const { data, error, refetch } = useGet<Page<PersonItem>>(withParams("/persons", { q: text, limit: 20 }));
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <Bones lines={4} />;
  const others = data.items.filter(({ id }) => id !== person);
  if (others.length === 0) return <p className="dim">{t("merge.nobody")}</p>;
  return (
    <div className="col">
      {others.map((one) => (
        <button key={one.id} type="button" className="pick" onClick={() => onPick(one.id)}>
          <span className="strong ellipsis">{one.name ?? common("value.unnamed")}</span>
          <Identifiers items={one.identifiers} />
          <StageTag stage={one.stage} />
        </button>
      ))}
    </div>
  );
}

function Side({ id, title }: { id: string; title: string }) {
  const t = useText();
  const time = useTime();
  const { data } = useGet<PersonDetail>(`/persons/${id}`);
  if (!data) return <Bones lines={5} />;
  return (
    <div>
      <div className="faint small">{title}</div>
      <div className="strong">
        <PersonLink id={data.id} name={data.name} />
      </div>
      <dl className="facts">
        <dt>{t("side.identifiers")}</dt>
        <dd>
          <Identifiers items={data.identifiers} limit={4} />
        </dd>
        <dt>{t("side.stage")}</dt>
        <dd>
          <StageTag stage={data.stage.stage} />
        </dd>
        <dt>{t("side.orders")}</dt>
        <dd className="num">
          {formatCount(data.orders)} · {formatMoney(data.revenue_fen)}
        </dd>
        <dt>{t("side.since")}</dt>
        <dd className="num">{time.day(data.created_at)}</dd>
      </dl>
    </div>
  );
}
