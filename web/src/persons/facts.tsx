import { Tooltip } from "antd";
import { Link } from "react-router";
import type { MaskedIdentifier, PersonDetail } from "../shared/api-types";
import { plainValue, useTime } from "../shared/formats";
import { lookup, useBilingual } from "../shared/i18n/i18n";
import { CopyButton, useChannelName, useIdentifierName, useIdentifierValue, When } from "../shared/Marks";
import { Panel } from "../shared/Page";
import { useText } from "./text";

type IdentifiersProps = { person: PersonDetail; revealed: MaskedIdentifier[] | null };

export function IdentifiersPanel({ person, revealed }: IdentifiersProps) {
  const t = useText();
  const typeName = useIdentifierName();
  const time = useTime();
  const seenText = (item: PersonDetail["identifiers"][number]) => {
    const first = `${t("identifiers.first")} ${time.minute(item.first_seen_at)}`;
    return item.last_seen_at ? `${first} · ${t("identifiers.last")} ${time.minute(item.last_seen_at)}` : first;
  };
  const shown = useIdentifierValue();
  const rows = person.identifiers.map((item, index) => ({ ...item, value: revealed?.[index]?.value ?? item.value }));
  return (
    <Panel title={t("identifiers")}>
      <ul className="fact-rows">
        {rows.map((item) => (
          <li key={item.type + item.value}>
            <span className="dim">{typeName(item.type)}</span>
            <Tooltip
              title={seenText(item)}
            >
              <span className="num" tabIndex={0}>
                {shown(item.value)}
                {revealed && <CopyButton text={item.value} />}
              </span>
            </Tooltip>
            <span className="faint small provenance">
              <span className="ellipsis" title={item.source_name}>
                {item.source_name}
              </span>
            </span>
          </li>
        ))}
      </ul>
      {person.merged_from.length > 0 && (
        <p className="faint small" style={{ marginTop: 8 }} title={person.merged_from.join(" ")}>
          {t("identifiers.merged", { n: person.merged_from.length + 1 })}
        </p>
      )}
    </Panel>
  );
}

export function ReachPanel({ rows }: { rows: PersonDetail["reachable"] }) {
  const t = useText();
  const name = useChannelName();
  const say = useBilingual();
  const sorted = rows.toSorted((one, other) => Number(other.reachable) - Number(one.reachable));
  return (
    <Panel title={t("reach")}>
      <ul className="fact-rows reach-rows">
        {sorted.map((row) => (
          <li key={row.channel}>
            <span className="row">
              <span className={row.reachable ? "dot good" : "dot"} />
              <span className={row.reachable ? "strong" : "dim"}>{name(row.channel)}</span>
            </span>
            <span className={row.reachable ? "num" : "faint"} title={say(row.text)}>
              {(row.reachable && row.address) || say(row.text)}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

export function AudiencesPanel({ rows }: { rows: PersonDetail["audiences"] }) {
  const t = useText();
  const time = useTime();
  return (
    <Panel title={t("audiences")}>
      {rows.length === 0 ? (
        <p className="faint">{t("audiences.none")}</p>
      ) : (
        <ul className="col">
          {rows.map((audience) => (
            <li key={audience.id} className="row between">
              <Link to={`/audiences/${audience.id}`} className="ellipsis" title={audience.name}>
                {audience.name}
              </Link>
              <span className="faint small nowrap">{t("audiences.since", { at: time.day(audience.entered_at) })}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

export function ConsentPanel({ rows }: { rows: PersonDetail["consent"] }) {
  const t = useText();
  const name = useChannelName();
  return (
    <Panel title={t("consent")}>
      {rows.length === 0 ? (
        <p className="faint">{t("consent.none")}</p>
      ) : (
        <ul className="fact-rows">
          {rows.map((row, index) => (
            <li key={index}>
              <span className="dim">{name(row.channel)}</span>
              <span className={row.state === "granted" ? "down" : "up"}>{lookup(t, "state", row.state)}</span>
              <span className="faint small provenance" title={plainValue(row.evidence)}>
                <When at={row.at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
