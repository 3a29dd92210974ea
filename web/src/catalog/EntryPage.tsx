/** One event or trait: what it looks like, who uses it, what operators say of it. */
import { Link, useParams } from "react-router";
import { ErrorState } from "../shared/ErrorState";
import { formatCount } from "../shared/formats";
import { useBilingual } from "../shared/i18n/i18n";
import { When } from "../shared/Marks";
import { Bones, Page, Panel } from "../shared/Page";
import { useGet } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import type { EntryView, PropertyView } from "./catalog";
import "./catalog.css";
import { Flags, Spark, useTypeName } from "./marks";
import { ClassPanel, MergePanel } from "./Doing";
import { NoteForm } from "./NoteForm";
import { useText } from "./text";

export default function EntryPage() {
  const t = useText();
  const say = useBilingual();
  const { kind = "event", name = "" } = useParams();
  const path = `/catalog/entry?kind=${kind}&name=${encodeURIComponent(name)}`;
  const { data, error, refetch } = useGet<EntryView>(path, { everyMs: 15_000 });
  const back = { to: kind === "trait" ? "/catalog/traits" : "/catalog", label: t("title") };
  if (!data) {
    return (
      <Page title={name} back={back}>
        {error ? <ErrorState error={error} retry={() => void refetch()} /> : <Bones lines={10} height={560} />}
      </Page>
    );
  }
  return (
    <Page
      title={say(data.row.label)}
      back={back}
      hint={
        <span className="row wrap">
          <span className="mono">{name}</span>
          <Flags row={data.row} />
          {data.merging && <span className="tag warn">{t("state.merging")}</span>}
        </span>
      }
    >
      <div className="columns">
        <div className="two-thirds stack">
          <Volume view={data} />
          <Properties rows={data.properties} />
        </div>
        <div className="third stack">
          <NoteForm key={data.version} view={data} path={path} />
          <Usages view={data} />
          {kind === "trait" ? <ClassPanel name={name} /> : <MergePanel view={data} />}
        </div>
      </div>
    </Page>
  );
}

function Volume({ view }: { view: EntryView }) {
  const t = useText();
  const { row, anomaly } = view;
  return (
    <Panel title={view.row.kind === "event" ? t("col.volume") : t("sources")}>
      {anomaly && (
        <p className="note warn" style={{ marginBottom: 12 }}>
          {t(`anomaly.${anomaly.way}`, { count: formatCount(anomaly.count), usual: formatCount(Math.round(anomaly.usual)) })}{" "}
          <span className="faint small">{t("anomaly.before", { before: anomaly.before.map(formatCount).join("、") })}</span>
        </p>
      )}
      {row.daily.length > 0 && (
        <div style={{ width: "100%", overflow: "hidden" }} className="wide-spark">
          <Spark values={row.daily} label={t("spark", { name: row.name })} width={640} height={90} />
        </div>
      )}
      <dl className="facts" style={{ marginTop: 12 }}>
        {row.kind === "event" && (
          <>
            <dt>{t("col.count")}</dt>
            <dd className="num">{formatCount(row.count_30d)}</dd>
          </>
        )}
        <dt>{t("col.first")}</dt>
        <dd>
          <When at={row.first_at} />
        </dd>
        <dt>{t("col.last")}</dt>
        <dd>
          <When at={row.last_at} />
        </dd>
        <dt>{t("sources")}</dt>
        <dd>{view.sources.join("、") || "—"}</dd>
      </dl>
      {view.merged.length > 0 && <p className="faint small">{t("merged", { names: view.merged.join("、") })}</p>}
    </Panel>
  );
}

function Properties({ rows }: { rows: PropertyView[] }) {
  const t = useText();
  const typeName = useTypeName();
  const say = useBilingual();
  const columns: Column<PropertyView>[] = [
    {
      key: "name",
      title: t("prop.name"),
      lead: true,
      render: (row) => (
        <span className="entry-name">
          <span className="strong ellipsis">{say(row.label)}</span>
          {row.name && say(row.label) !== row.name && <span className="faint small mono ellipsis">{row.name}</span>}
        </span>
      ),
    },
    {
      key: "type",
      title: t("prop.type"),
      width: 96,
      render: (row) => (
        <span className="chips">
          <span>{typeName(row.type)}</span>
          {row.drift && <span className="tag bad">{t("flag.drift")}</span>}
          {row.unlike_note && <span className="tag bad">{t("flag.unlike_note")}</span>}
        </span>
      ),
    },
    {
      key: "sources",
      title: t("prop.sources"),
      width: 210,
      render: ({ types }) => (
        <span className="col small" style={{ gap: 0, whiteSpace: "normal" }}>
          {[...new Set(types.map(({ type }) => type))].map((type) => (
            <span key={type}>
              {types.some((one) => one.type !== type) && <span className="strong">{typeName(type)}：</span>}
              {types
                .filter((one) => one.type === type)
                .map((one) => t("prop.seen", { source: one.source_name, n: formatCount(one.seen) }))
                .join("、")}
            </span>
          ))}
        </span>
      ),
    },
    {
      key: "examples",
      title: t("prop.examples"),
      render: ({ examples }) => (
        <span className="examples">
          {examples.slice(0, 4).map((one) => (
            <code key={one} title={one}>
              {one}
            </code>
          ))}
        </span>
      ),
    },
  ];
  return (
    <Panel title={t("props")} flush>
      <ResourceTable
        rows={{ items: rows, isPending: false, error: null, refetch: () => undefined }}
        columns={columns}
        rowKey={({ name }) => name}
        minWidth={620}
        empty={
          <p className="faint" style={{ padding: 18 }}>
            {t("props.none")}
          </p>
        }
      />
    </Panel>
  );
}

function Usages({ view }: { view: EntryView }) {
  const t = useText();
  const door = { audience: "/audiences", journey: "/journeys" };
  return (
    <Panel title={t("usages")}>
      {view.usages.length === 0 ? (
        <p className="faint">{t("usages.none")}</p>
      ) : (
        <ul className="col">
          {view.usages.map(({ kind, id, name }) => (
            <li key={id} className="row between">
              <Link to={`${door[kind]}/${id}`} className="ellipsis">
                {name}
              </Link>
              <span className="faint small nowrap">{t(`usage.${kind}`)}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

