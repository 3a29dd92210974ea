/** How complete the base portrait is, field by field, with where it comes from. */
import { EmptyState } from "../shared/EmptyState";
import { ErrorState } from "../shared/ErrorState";
import { formatCount, formatPercent, useTime } from "../shared/formats";
import { useBilingual } from "../shared/i18n/i18n";
import { LinkButton } from "../shared/LinkButton";
import { When } from "../shared/Marks";
import { Bones } from "../shared/Page";
import { useGet } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import type { BasePortrait } from "./catalog";
import { useText } from "./text";

type Field = BasePortrait["fields"][number];

export function PortraitBase() {
  const t = useText();
  const { data, error, refetch } = useGet<BasePortrait>("/portrait");
  if (!data) return error ? <ErrorState error={error} retry={() => void refetch()} /> : <Bones lines={7} height={360} />;
  if (data.persons === 0) {
    return (
      <div className="panel">
        <EmptyState
          title={t("empty.title")}
          action={
            <LinkButton type="primary" to="/sources">
              {t("empty.action")}
            </LinkButton>
          }
        >
          {t("empty.hint")}
        </EmptyState>
      </div>
    );
  }
  return <Table data={data} />;
}

function Table({ data }: { data: BasePortrait }) {
  const t = useText();
  const say = useBilingual();
  const time = useTime();
  const columns: Column<Field>[] = [
    { key: "field", title: t("portrait.field"), lead: true, width: 120, render: ({ label }) => <span className="strong">{say(label)}</span> },
    {
      key: "share",
      title: t("portrait.share"),
      width: 180,
      render: ({ completeness }) => (
        <span className="portrait-meter">
          <span className="meter">
            <span style={{ width: `${completeness * 100}%` }} />
          </span>
          <span className="num end">{formatPercent(completeness, 1)}</span>
        </span>
      ),
    },
    { key: "persons", title: t("portrait.known"), width: 150, end: true, render: ({ persons }) => formatCount(persons) },
    {
      key: "from",
      title: t("portrait.from"),
      render: ({ sources }) =>
        sources.length === 0 ? (
          <span className="faint">{t("portrait.unknown")}</span>
        ) : (
          <span className="chips">
            {sources.map(({ name, persons, last_at }) => (
              <span key={name} className="tag" title={time.minute(last_at)}>
                {name} {formatCount(persons)} · {time.day(last_at)}
              </span>
            ))}
          </span>
        ),
    },
    { key: "last", title: t("portrait.last"), width: 140, end: true, render: ({ last_at }) => <When at={last_at} /> },
  ];
  const sums = [
    { label: t("portrait.all"), value: formatPercent(data.completeness, 1) },
    { label: t("portrait.whole"), value: formatCount(data.whole) },
    { label: t("portrait.persons"), value: formatCount(data.persons) },
  ];
  return (
    <div className="stack">
      <p className="dim">{t("portrait.hint")}</p>
      <dl className="panel figures-strip" style={{ gridTemplateColumns: "repeat(3, minmax(0, 1fr))" }}>
        {sums.map(({ label, value }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd className="num">{value}</dd>
          </div>
        ))}
      </dl>
      <div className="panel">
        <ResourceTable
          rows={{ items: data.fields, isPending: false, error: null, refetch: () => undefined }}
          columns={columns}
          rowKey={({ field }) => field}
          minWidth={860}
          empty={null}
        />
      </div>
    </div>
  );
}
