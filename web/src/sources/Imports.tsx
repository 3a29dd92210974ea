import { UploadOutlined } from "@ant-design/icons";
import { useState } from "react";
import type { ImportJob } from "../shared/api-types";
import { EmptyState } from "../shared/EmptyState";
import { formatCount } from "../shared/formats";
import { When } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { ImportWizard } from "./ImportWizard";
import { useText } from "./text";

const TAG: Record<ImportJob["state"], string> = {
  uploaded: "",
  running: "accent",
  done: "good",
  failed: "bad",
  dry_run_done: "",
};

export default function Imports() {
  const t = useText();
  const [wizard, setWizard] = useState(false);
  const paged = usePaged<ImportJob>("/imports", {}, 50, 5000);
  const columns: Column<ImportJob>[] = [
    {
      key: "file",
      title: t("imports.file"),
      lead: true,
      render: (job) => (
        <span className="ellipsis strong" title={job.file_name}>
          {job.file_name}
        </span>
      ),
    },
    {
      key: "entity",
      title: t("imports.entity"),
      width: 110,
      render: (job) => (job.entity ? t(`entity.${job.entity}`) : "—"),
    },
    {
      key: "state",
      title: t("imports.state"),
      width: 130,
      render: (job) => <span className={`tag ${TAG[job.state]}`}>{t(`import.${job.state}`)}</span>,
    },
    { key: "rows", title: t("imports.rows"), end: true, width: 100, render: (job) => formatCount(job.rows_total) },
    { key: "ok", title: t("imports.ok"), end: true, width: 100, render: (job) => formatCount(job.rows_ok) },
    {
      key: "bad",
      title: t("imports.bad"),
      end: true,
      width: 100,
      render: (job) =>
        job.rows_bad + job.ids_ignored > 0 ? (
          <a href={`/api/imports/${job.id}/errors.csv`} download title={t("imports.errors")} className="up">
            {formatCount(job.rows_bad)} ↓
          </a>
        ) : (
          <span className="faint">0</span>
        ),
    },
    { key: "started", title: t("imports.started"), end: true, width: 160, render: (job) => <When at={job.started_at} /> },
  ];
  const button = (
    <ActButton type="primary" icon={<UploadOutlined />} onClick={() => setWizard(true)}>
      {t("imports.start")}
    </ActButton>
  );
  return (
    <div className="stack">
      <div className="row wrap between">
        <p className="dim">{t("imports.hint")}</p>
        {paged.items.length > 0 && button}
      </div>
      <div className="panel">
        <ResourceTable
          paged={paged}
          columns={columns}
          rowKey={(job) => job.id}
          minWidth={900}
          empty={
            <EmptyState title={t("imports.empty.title")} example={t("imports.empty.example")} action={button}>
              {t("imports.empty.hint")}
            </EmptyState>
          }
        />
      </div>
      {wizard && <ImportWizard onClose={() => setWizard(false)} />}
    </div>
  );
}
