/** What was published when and by whom, and what each version changed. */
import { Drawer, Select } from "antd";
import { useState } from "react";
import type { Graph, Journey, JourneyVersion } from "../shared/api-types";
import { ErrorState } from "../shared/ErrorState";
import { formatCount } from "../shared/formats";
import { When } from "../shared/Marks";
import { useGet } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { Changes } from "./Changes";
import { differences } from "./compare";
import type { Kinds } from "./graph";
import { useText } from "./text";

const NOTHING: Graph = { nodes: [], edges: [] };

export function Versions({ journey, kinds }: { journey: Journey; kinds: Kinds }) {
  const t = useText();
  const query = useGet<JourneyVersion[]>(`/journeys/${journey.id}/versions`, { everyMs: 10_000 });
  const [open, setOpen] = useState<number | "draft" | null>(null);
  const items = query.data ?? [];
  const columns: Column<JourneyVersion>[] = [
    {
      key: "number",
      title: t("versions.number"),
      lead: true,
      render: ({ number }) => (
        <span className="row">
          {t("versions.n", { n: number })}
          {number === journey.published_version && <span className="tag good">{t("versions.now")}</span>}
        </span>
      ),
    },
    { key: "by", title: t("versions.by"), width: 160, render: (one) => one.published_by },
    { key: "steps", title: t("versions.steps"), end: true, width: 90, render: (one) => formatCount(one.graph.nodes.length) },
    { key: "inside", title: t("versions.inside"), end: true, width: 120, render: (one) => formatCount(one.inside) },
    { key: "at", title: t("versions.at"), end: true, width: 170, render: (one) => <When at={one.published_at} /> },
  ];
  if (query.error && !query.data) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  return (
    <div className="stack">
      <div className="row between wrap">
        <p className="dim">{t("versions.hint")}</p>
        <button type="button" className="link-button" onClick={() => setOpen("draft")}>
          {t("versions.draft")}
        </button>
      </div>
      <div className="panel">
        <ResourceTable
          rows={{ items, isPending: query.isPending, error: null, refetch: () => void query.refetch() }}
          columns={columns}
          rowKey={({ number }) => String(number)}
          onRow={({ number }) => setOpen(number)}
          empty={null}
        />
      </div>
      <Drawer open={open !== null} onClose={() => setOpen(null)} title={t("versions.changes")} size={560} destroyOnHidden>
        {open !== null && <Compare key={open} which={open} journey={journey} versions={items} kinds={kinds} />}
      </Drawer>
    </div>
  );
}

type CompareProps = { which: number | "draft"; journey: Journey; versions: JourneyVersion[]; kinds: Kinds };

function Compare({ which, journey, versions, kinds }: CompareProps) {
  const t = useText();
  const graphOf = (number: number) => versions.find((one) => one.number === number)?.graph ?? NOTHING;
  const latest = which === "draft" ? (journey.published_version ?? 0) : which - 1;
  const [against, setAgainst] = useState(latest);
  const to = which === "draft" ? journey.graph : graphOf(which);
  const from = graphOf(against);
  const others = versions.filter(({ number }) => number !== which);
  return (
    <div className="stack">
      <div className="row wrap">
        <span className="strong">{which === "draft" ? t("tab.draft") : t("versions.n", { n: which })}</span>
        <span className="dim">{t("versions.against")}</span>
        <Select<number>
          aria-label={t("versions.against")}
          value={against}
          onChange={setAgainst}
          style={{ minWidth: 130 }}
          options={[
            ...others.map(({ number }) => ({ value: number, label: t("versions.n", { n: number }) })),
            { value: 0, label: t("versions.empty") },
          ]}
        />
      </div>
      <Changes list={differences(from, to, kinds)} from={from} to={to} kinds={kinds} />
    </div>
  );
}
