/** A person's tags: value, since when, and why; and giving one by hand. */
import { PlusOutlined } from "@ant-design/icons";
import { Button, Drawer, Modal, Select } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { api } from "../shared/api";
import type { Page as Paged } from "../shared/api-types";
import { useEventName } from "../shared/catalog";
import { ErrorState } from "../shared/ErrorState";
import { formatCount, formatMoney, useTime } from "../shared/formats";
import { useCommon } from "../shared/i18n/common";
import { lookup, useBilingual } from "../shared/i18n/i18n";
import { When } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { Bones, Panel } from "../shared/Page";
import { useChange, useGet } from "../shared/query";
import { ValuePick } from "./TagPage";
import "./tags.css";
import { useText } from "./text";
import type { Evidence, PersonTag, Tag } from "./types";
import { useValueText } from "./Value";

export function PersonTags({ person }: { person: string }) {
  const t = useText();
  const text = useValueText();
  const time = useTime();
  const [shown, setShown] = useState<PersonTag | null>(null);
  const [giving, setGiving] = useState(false);
  const { data } = useGet<PersonTag[]>(`/tags/persons/${person}`);
  const give = (
    <ActButton size="small" icon={<PlusOutlined />} onClick={() => setGiving(true)}>
      {t("give")}
    </ActButton>
  );
  return (
    <Panel title={t("title")} extra={give}>
      {data?.length === 0 && <p className="faint">{t("person.none")}</p>}
      <ul className="fact-rows">
        {(data ?? []).map((tag) => (
          <li key={tag.tag}>
            <span className="dim ellipsis" title={tag.name}>
              {tag.name}
            </span>
            <button type="button" className="link ellipsis" onClick={() => setShown(tag)} title={t("why")}>
              {tag.values.map((value) => text(value, tag.unit, tag.labels)).join("、")}
            </button>
            <span className="faint small provenance">{time.day(tag.since)}</span>
          </li>
        ))}
      </ul>
      {shown && <Why tag={shown} person={person} onClose={() => setShown(null)} />}
      {giving && <Give person={person} onClose={() => setGiving(false)} />}
    </Panel>
  );
}

function Why({ tag, person, onClose }: { tag: PersonTag; person: string; onClose: () => void }) {
  const t = useText();
  const text = useValueText();
  const { data, error } = useGet<Evidence>(`/tags/${tag.tag}/persons/${person}`, { staleMs: 0 });
  const title = `${tag.name}：${tag.values.map((value) => text(value, tag.unit, tag.labels)).join("、")}`;
  return (
    <Drawer open onClose={onClose} title={title} size={520} extra={<Link to={`/tags/${tag.tag}`}>{t("open")}</Link>}>
      {error ? <ErrorState error={error} /> : data ? <Reasons evidence={data} tag={tag} /> : <Bones lines={6} />}
    </Drawer>
  );
}

function Reasons({ evidence, tag }: { evidence: Evidence; tag: PersonTag }) {
  const t = useText();
  const say = useBilingual();
  const text = useValueText();
  const eventName = useEventName();
  return (
    <div className="stack">
      {evidence.since && (
        <p>
          {t("why.since")} <When at={evidence.since} to="second" />
        </p>
      )}
      {evidence.rule && <p className="reading">{say(evidence.rule)}</p>}
      {evidence.facts.length > 0 && (
        <dl className="tag-facts">
          {evidence.facts.map(({ name, value }) => (
            <div key={name}>
              <dt className="faint">{lookup(t, "fact", name)}</dt>
              <dd className="num">{name === "money" ? formatMoney(Number(value)) : value}</dd>
            </div>
          ))}
        </dl>
      )}
      {evidence.words.map((word) => (
        <p key={word.at + word.identifier}>
          {t("why.word", { by: word.by, value: word.value || t("why.taken") })} <When at={word.at} />{" "}
          <span className="faint small">{word.identifier}</span>
        </p>
      ))}
      {evidence.events.length > 0 && (
        <div className="col">
          <p className="strong">{t("why.events", { n: formatCount(evidence.counted) })}</p>
          <ul className="tag-events">
            {evidence.events.map((event, place) => (
              <li key={event.time + String(place)}>
                <When at={event.time} /> <span>{eventName(event.event)}</span>{" "}
                {event.amount_fen > 0 && <span className="num">{formatMoney(event.amount_fen)}</span>}{" "}
                <span className="faint">{event.value !== String(event.amount_fen) ? event.value : ""}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
      <div className="col">
        <p className="strong">{t("why.history")}</p>
        <ul className="tag-events">
          {evidence.history.map(({ values, since }) => (
            <li key={since + values.join()}>
              <When at={since} /> {values.length > 0 ? values.map((value) => text(value, tag.unit, tag.labels)).join("、") : t("why.cleared")}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

function Give({ person, onClose }: { person: string; onClose: () => void }) {
  const t = useText();
  const common = useCommon();
  const { data } = useGet<Paged<Tag>>("/tags");
  const [id, setId] = useState("");
  const [value, setValue] = useState("");
  const given = (data?.items ?? []).filter((tag) => tag.given);
  const tag = given.find((one) => one.id === id);
  const save = useChange((next: string) => api.put<Evidence>(`/tags/${id}/persons/${person}`, { value: next }), {
    nouns: ["tags", "persons"],
    done: common("done.saved"),
    onDone: onClose,
  });
  return (
    <Modal
      open
      title={t("give")}
      onCancel={onClose}
      footer={[
        <Button key="clear" disabled={!tag} loading={save.isPending} onClick={() => save.mutate("")}>
          {t("give.clear")}
        </Button>,
        <Button key="save" type="primary" disabled={!tag || !value.trim()} loading={save.isPending} onClick={() => save.mutate(value)}>
          {t("give")}
        </Button>,
      ]}
    >
      <div className="stack">
        {data && given.length === 0 && (
          <p className="faint">
            {t("give.none")} <Link to="/tags/new?kind=manual">{t("new")}</Link>
          </p>
        )}
        <Select
          value={id || null}
          onChange={(next: string) => {
            setId(next);
            setValue("");
          }}
          options={given.map((one) => ({ value: one.id, label: one.name }))}
          placeholder={t("give.pick")}
          aria-label={t("give.pick")}
        />
        {tag && <ValuePick tag={tag} value={value} onChange={setValue} />}
      </div>
    </Modal>
  );
}
