/** Everything that can happen and be known, with its volume and what looks wrong with it. */
import { Input, Tabs } from "antd";
import { useNavigate, useSearchParams } from "react-router";
import { EmptyState } from "../shared/EmptyState";
import { formatCount, formatPercent } from "../shared/formats";
import { useBilingual } from "../shared/i18n/i18n";
import { LinkButton } from "../shared/LinkButton";
import { When } from "../shared/Marks";
import { Page } from "../shared/Page";
import { useGet } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { doorOf, type EntryRow, type Kind } from "./catalog";
import "./catalog.css";
import { Flags, Spark } from "./marks";
import { PortraitBase } from "./PortraitBase";
import { useText } from "./text";

const TABS = { event: "/catalog", trait: "/catalog/traits", portrait: "/catalog/portrait" } as const;
const FILTERS = ["flagged", "undocumented", "hidden"] as const;

export default function CatalogPage({ kind }: { kind: Kind | "portrait" }) {
  const t = useText();
  const navigate = useNavigate();
  return (
    <Page title={t("title")} hint={t("hint")}>
      <div>
        <Tabs
          activeKey={kind}
          onChange={(key) => navigate(TABS[key as keyof typeof TABS])}
          items={Object.keys(TABS).map((key) => ({ key, label: t(`tab.${key as keyof typeof TABS}`) }))}
        />
        {kind === "portrait" ? <PortraitBase /> : <Entries key={kind} kind={kind} />}
      </div>
    </Page>
  );
}

function fits(row: EntryRow, params: URLSearchParams): boolean {
  const away = row.hidden || row.merged_into !== "";
  if (away !== params.has("hidden")) return false;
  if (params.has("flagged") && row.flags.length === 0) return false;
  if (params.has("undocumented") && row.documented) return false;
  const text = (params.get("q") ?? "").toLowerCase();
  return [row.name, row.label.zh, row.label.en, row.owner].some((word) => word.toLowerCase().includes(text));
}

function Entries({ kind }: { kind: Kind }) {
  const t = useText();
  const navigate = useNavigate();
  const [params, setParams] = useSearchParams();
  const query = useGet<EntryRow[]>(`/catalog/entries?kind=${kind}`);
  const all = query.data ?? [];
  const rows = all.filter((row) => fits(row, params));
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(params);
    if (value) next.set(name, value);
    else next.delete(name);
    setParams(next, { replace: true });
  };
  return (
    <div className="stack">
      <div className="filters">
        <Input.Search
          allowClear
          placeholder={t("search")}
          defaultValue={params.get("q") ?? ""}
          onChange={(event) => set("q", event.target.value.trim())}
          style={{ width: 280, maxWidth: "100%" }}
        />
        <div className="chips">
          {FILTERS.map((name) => (
            <button key={name} type="button" className="chip" aria-pressed={params.has(name)} onClick={() => set(name, params.has(name) ? "" : "1")}>
              {t(`show.${name}`)}
            </button>
          ))}
        </div>
      </div>
      <div className="panel">
        <ResourceTable
          rows={{ items: rows, isPending: query.isPending, error: query.error, refetch: () => void query.refetch() }}
          columns={useColumns(kind)}
          rowKey={({ name }) => name}
          onRow={(row) => navigate(doorOf(row))}
          minWidth={860}
          empty={all.some(({ last_at }) => last_at) || kind === "event" ? <EmptyState title={t("none")} /> : <Nothing />}
        />
      </div>
    </div>
  );
}

function Nothing() {
  const t = useText();
  return (
    <EmptyState
      title={t("empty.title")}
      example={t("empty.example")}
      action={
        <LinkButton type="primary" to="/sources">
          {t("empty.action")}
        </LinkButton>
      }
    >
      {t("empty.hint")}
    </EmptyState>
  );
}

function useColumns(kind: Kind): Column<EntryRow>[] {
  const t = useText();
  const say = useBilingual();
  const name: Column<EntryRow> = {
    key: "name",
    title: t("col.name"),
    lead: true,
    render: (row) => (
      <span className="entry-name">
        <span className="strong ellipsis">{say(row.label)}</span>
        {say(row.label) !== row.name && <span className="faint small mono ellipsis">{row.name}</span>}
      </span>
    ),
  };
  const rest: Column<EntryRow>[] = [
    { key: "flags", title: t("col.flags"), width: 150, render: (row) => <Flags row={row} /> },
    { key: "owner", title: t("col.owner"), width: 100, hideOnPhone: true, render: ({ owner }) => owner || <span className="faint">—</span> },
    { key: "first", title: t("col.first"), width: 116, end: true, hideOnPhone: true, render: ({ first_at }) => <When at={first_at} to="day" /> },
    { key: "last", title: t("col.last"), width: 140, end: true, render: ({ last_at }) => <When at={last_at} /> },
  ];
  if (kind === "trait") {
    return [
      name,
      { key: "coverage", title: t("col.coverage"), width: 110, end: true, render: ({ coverage }) => formatPercent(coverage, 1) },
      ...rest,
    ];
  }
  return [
    name,
    {
      key: "volume",
      title: t("col.volume"),
      width: 160,
      render: (row) => (row.daily.length ? <Spark values={row.daily} label={t("spark", { name: row.name })} /> : <span className="faint">—</span>),
    },
    { key: "count", title: t("col.count"), width: 100, end: true, render: ({ count_30d }) => <span className="num">{formatCount(count_30d)}</span> },
    ...rest,
  ];
}
