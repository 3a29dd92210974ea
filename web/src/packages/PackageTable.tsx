/** Packages, all or those of one audience, and the way to a new one. */
import { PlusOutlined } from "@ant-design/icons";
import { useState } from "react";
import { useNavigate } from "react-router";
import type { Audience } from "../shared/api-types";
import { EmptyState } from "../shared/EmptyState";
import { When } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import type { Package } from "./contract";
import { PackageForm } from "./PackageForm";
import { StateTag, useContentWords } from "./Runs";
import { useText } from "./text";

export function PackageTable({ audience }: { audience?: Audience }) {
  const t = useText();
  const navigate = useNavigate();
  const words = useContentWords();
  const [making, setMaking] = useState(false);
  const paged = usePaged<Package>("/packages", { audience: audience?.id }, 50, 10_000);
  const columns: Column<Package>[] = [
    {
      key: "name",
      title: t("col.name"),
      lead: true,
      render: (one) => (
        <span className="col" style={{ gap: 0 }}>
          <span className="ellipsis strong">{one.name}</span>
          <span className="ellipsis faint small">{audience ? words(one.content) : `${one.audience_name} · ${words(one.content)}`}</span>
        </span>
      ),
    },
    { key: "to", title: t("col.to"), width: 120, render: (one) => t(`kind.${one.destination?.kind ?? "none"}`) },
    { key: "next", title: t("col.next"), width: 150, render: (one) => (one.next_at ? <When at={one.next_at} /> : <span className="faint">{t("when.asked")}</span>) },
    { key: "state", title: t("col.last"), width: 120, render: (one) => (one.last ? <StateTag run={one.last} /> : <span className="faint">—</span>) },
    { key: "at", title: t("col.at"), end: true, width: 150, render: (one) => (one.last ? <When at={one.last.created_at} /> : "—") },
  ];
  const button = (
    <ActButton type="primary" icon={<PlusOutlined />} onClick={() => setMaking(true)}>
      {t("new")}
    </ActButton>
  );
  return (
    <>
      {paged.items.length > 0 && <div className="row" style={{ justifyContent: "flex-end", paddingBottom: audience ? 8 : 0 }}>{button}</div>}
      <div className={audience ? "" : "panel"}>
        <ResourceTable
          paged={paged}
          columns={columns}
          rowKey={(one) => one.id}
          onRow={(one) => navigate(`/packages/${one.id}`)}
          minWidth={760}
          empty={
            <EmptyState title={t("empty.title")} example={t("empty.example")} action={button}>
              {t("empty.hint")}
            </EmptyState>
          }
        />
      </div>
      {making && <PackageForm audience={audience} onClose={() => setMaking(false)} />}
    </>
  );
}
