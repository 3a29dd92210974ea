import { PlusOutlined } from "@ant-design/icons";
import { useState } from "react";
import { useNavigate } from "react-router";
import { EmptyState } from "../shared/EmptyState";
import { formatCount } from "../shared/formats";
import { useBilingual } from "../shared/i18n/i18n";
import { When } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { InstallForm } from "./InstallForm";
import { useText } from "./text";
import type { Install } from "./types";

/** What is set up, and how it does. */
export default function ConnectorList() {
  const t = useText();
  const say = useBilingual();
  const navigate = useNavigate();
  const [adding, setAdding] = useState(false);
  const paged = usePaged<Install>("/connectors", {}, 50, 10_000);
  const columns: Column<Install>[] = [
    {
      key: "name",
      title: t("name"),
      lead: true,
      render: (one) => (
        <span className="col" style={{ gap: 0 }}>
          <span className="strong ellipsis">{one.name}</span>
          <span className="faint small ellipsis">{say(one.label)}</span>
        </span>
      ),
    },
    { key: "status", title: t("status"), width: 120, render: (one) => <InstallStatus status={one.status} /> },
    { key: "grade", title: t("grade"), width: 140, render: (one) => t(`grade.${one.grade}`) },
    {
      key: "count",
      title: t("count"),
      end: true,
      width: 110,
      render: (one) => <span className="num">{formatCount(one.count_24h)}</span>,
    },
    {
      key: "trouble",
      title: t("trouble"),
      end: true,
      width: 110,
      render: (one) => (
        <span className={one.aside + one.tasks_failed ? "num up" : "num faint"}>
          {formatCount(one.aside + one.tasks_failed)}
        </span>
      ),
    },
    { key: "last", title: t("last"), end: true, width: 150, render: (one) => <When at={one.last_event_at} /> },
  ];
  const button = (
    <ActButton need="admin" type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
      {t("add")}
    </ActButton>
  );
  return (
    <div className="stack">
      <div className="row wrap between">
        <p className="dim">{t("hint")}</p>
        {paged.items.length > 0 && button}
      </div>
      <div className="panel">
        <ResourceTable
          paged={paged}
          columns={columns}
          rowKey={(one) => one.id}
          onRow={(one) => navigate(`/connectors/${one.id}`)}
          minWidth={860}
          empty={
            <EmptyState title={t("empty")} example={t("empty.example")} action={button}>
              {t("empty.hint")}
            </EmptyState>
          }
        />
      </div>
      {adding && <InstallForm onClose={() => setAdding(false)} />}
    </div>
  );
}

const TAG = { ok: "good", waiting: "", failing: "bad", paused: "warn" } as const;

export function InstallStatus({ status }: { status: Install["status"] }) {
  const t = useText();
  return <span className={`tag ${TAG[status]}`}>{t(`status.${status}`)}</span>;
}
