/** Whether somebody is staff, what is kept apart of them, and which stages they have been in. */
import { Dropdown } from "antd";
import { useState } from "react";
import type { StageChange } from "../lifecycle/lifecycle";
import { api } from "../shared/api";
import type { PersonDetail, PersonStaff, Revealed } from "../shared/api-types";
import { useTraitName } from "../shared/catalog";
import { plainValue, useTime } from "../shared/formats";
import { StageTag, When } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { Panel } from "../shared/Page";
import { useChange, useGet } from "../shared/query";
import { useText } from "./text";

export function StaffButton({ person }: { person: PersonDetail }) {
  const t = useText();
  const say = useChange((staff: boolean | null) => api.put<PersonStaff>(`/persons/${person.id}/staff`, { staff }), {
    nouns: ["persons", "overview", "staff"],
    done: t("staff.done"),
  });
  const { staff, why } = person.staff;
  const items = [
    { key: "mark", label: t("staff.mark"), value: true, shown: !staff },
    { key: "unmark", label: t("staff.unmark"), value: false, shown: staff },
    { key: "auto", label: t("staff.auto"), value: null, shown: why === "hand" },
  ].filter(({ shown }) => shown);
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items: items.map(({ key, label }) => ({ key, label })),
        onClick: ({ key }) => say.mutate(items.find((item) => item.key === key)!.value),
      }}
    >
      <ActButton loading={say.isPending}>{t("staff.title")}</ActButton>
    </Dropdown>
  );
}

export function StaffBadge({ staff }: { staff: PersonStaff }) {
  const t = useText();
  if (!staff.staff) return null;
  return (
    <span className="tag warn" title={staff.why ? t(`staff.why.${staff.why}`) : ""}>
      {t("staff.badge")} · {t("staff.yes")}
    </span>
  );
}

export function SensitivePanel({ person }: { person: PersonDetail }) {
  const t = useText();
  const traitName = useTraitName();
  const [opened, setOpened] = useState<Revealed | null>(null);
  const reveal = useChange(() => api.post<Revealed>(`/persons/${person.id}/reveal`, { fields: ["sensitive"] }), {
    nouns: ["audit"],
    done: t("sensitive.opened"),
    onDone: setOpened,
  });
  if (person.sensitive.length === 0) return null;
  const closed = person.sensitive.some(({ consented }) => !consented);
  return (
    <Panel
      title={t("sensitive")}
      extra={
        <ActButton size="small" loading={reveal.isPending} disabled={closed || opened !== null} onClick={() => reveal.mutate(undefined)}>
          {closed ? t("sensitive.closed") : t("sensitive.open")}
        </ActButton>
      }
    >
      <p className="faint small" style={{ marginBottom: 8 }}>
        {t("sensitive.hint")}
      </p>
      <ul className="fact-rows">
        {person.sensitive.map(({ name, kind, source_name, at }) => (
          <li key={name}>
            <span className="dim">{traitName(name)}</span>
            <span className="row" style={{ gap: 6 }}>
              <span className={opened ? "strong" : "faint"}>{opened ? plainValue(opened.sensitive?.[name]) : "••••••"}</span>
              <span className="tag warn">{t(`sensitive.${kind}`)}</span>
            </span>
            <span className="faint small provenance">
              <span className="ellipsis">{source_name}</span>
              <When at={at} to="day" />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

export function StagesPanel({ id }: { id: string }) {
  const t = useText();
  const time = useTime();
  const { data } = useGet<StageChange[]>(`/lifecycle/persons/${id}`);
  if (!data?.length) return null;
  return (
    <Panel title={t("stages")}>
      <ul className="fact-rows">
        {data.slice(0, 12).map(({ stage, since, until }) => (
          <li key={since}>
            <StageTag stage={stage} />
            <span className="num small">
              {time.day(since)} – {until ? time.day(until) : t("stages.now")}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
