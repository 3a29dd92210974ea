import { PlusOutlined } from "@ant-design/icons";
import { useState } from "react";
import { useNavigate } from "react-router";
import type { Source } from "../shared/api-types";
import { EmptyState } from "../shared/EmptyState";
import { formatCount, formatPercent } from "../shared/formats";
import { Info, When } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { useGet, usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { CreateSource } from "./CreateSource";
import { DOT, healthOf } from "./health";
import { SourceTree } from "./SourceTree";
import { useText } from "./text";

type Unjoined = { source_id: string; events: number; alone: number };

export function SourceList() {
  const t = useText();
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);
  const paged = usePaged<Source>("/sources", {}, 50, 15_000);
  const unjoined = useGet<Unjoined[]>("/sources/unjoined", { staleMs: 300_000 }).data;
  const share = ({ id }: Source) => {
    const found = unjoined?.find(({ source_id }) => source_id === id);
    return found ? found.alone / found.events : null;
  };
  const columns: Column<Source>[] = [
    {
      key: "name",
      title: t("col.name"),
      lead: true,
      render: (source) => (
        <span className="ellipsis strong" title={source.name}>
          {source.name}
        </span>
      ),
    },
    { key: "kind", title: t("col.kind"), width: 140, render: (source) => t(`kind.${source.kind}`) },
    { key: "health", title: t("col.health"), width: 130, render: (source) => <HealthMark source={source} /> },
    { key: "count", title: t("col.count"), end: true, width: 110, render: (source) => formatCount(source.count_24h) },
    {
      key: "errors",
      title: t("col.errors"),
      end: true,
      width: 110,
      render: (source) => (
        <span className={source.errors_24h > 0 ? "up" : "faint"}>{formatCount(source.errors_24h)}</span>
      ),
    },
    {
      key: "unjoined",
      title: (
        <>
          {t("col.unjoined")} <Info text={t("unjoined.formula")} />
        </>
      ),
      end: true,
      width: 100,
      render: (source) => <span className="num">{formatPercent(share(source))}</span>,
    },
    { key: "last", title: t("col.last"), end: true, width: 150, render: (source) => <When at={source.last_at} /> },
  ];
  const button = (
    <ActButton type="primary" icon={<PlusOutlined />} onClick={() => setCreating(true)}>
      {t("create")}
    </ActButton>
  );
  return (
    <div className="stack">
      <div className="row" style={{ justifyContent: "flex-end" }}>
        {paged.items.length > 0 && button}
      </div>
      <div className="panel">
        <ResourceTable
          paged={paged}
          columns={columns}
          rowKey={(source) => source.id}
          onRow={(source) => navigate(`/sources/${source.id}`)}
          minWidth={960}
          empty={
            <EmptyState title={t("list.empty.title")} example={t("list.empty.example")} action={button}>
              {t("list.empty.hint")}
            </EmptyState>
          }
        />
      </div>
      <SourceTree />
      <CreateSource open={creating} onClose={() => setCreating(false)} />
    </div>
  );
}

export function HealthMark({ source }: { source: Source }) {
  const t = useText();
  const health = healthOf(source);
  return (
    <span className="row" style={{ gap: 7, display: "inline-flex" }}>
      <span className={`dot ${DOT[health]}`} />
      <span className={health === "disabled" ? "faint" : ""}>{t(`health.${health}`)}</span>
    </span>
  );
}
