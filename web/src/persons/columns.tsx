import type { PersonItem } from "../shared/api-types";
import { formatCount, formatMoney } from "../shared/formats";
import { ChannelTags, Identifiers, PersonLink, StageTag, When } from "../shared/Marks";
import type { Column } from "../shared/ResourceTable";
import type { useText } from "./text";

/** A person in a list, the same wherever persons are listed. */
export function personColumns(t: ReturnType<typeof useText>): Column<PersonItem>[] {
  return [
    {
      key: "name",
      title: t("col.name"),
      lead: true,
      width: 120,
      render: (person) => (
        <span className="row" style={{ gap: 6 }}>
          <PersonLink id={person.id} name={person.name} />
          {person.staff && <span className="tag warn">{t("staff.badge")}</span>}
        </span>
      ),
    },
    { key: "identifiers", title: t("col.identifiers"), render: (person) => <Identifiers items={person.identifiers} /> },
    { key: "stage", title: t("col.stage"), width: 104, render: (person) => <StageTag stage={person.stage} /> },
    { key: "orders", title: t("col.orders"), end: true, width: 66, render: (person) => formatCount(person.orders) },
    {
      key: "revenue",
      title: t("col.revenue"),
      end: true,
      width: 118,
      render: (person) => formatMoney(person.revenue_fen),
    },
    { key: "channels", title: t("col.channels"), width: 206, render: (person) => <ChannelTags channels={person.channels} /> },
    {
      key: "entered",
      title: t("col.entered"),
      end: true,
      width: 112,
      hideOnPhone: true,
      render: (person) => <When at={person.entered_at} to="day" />,
    },
  ];
}
