/** Four steps: upload, match the columns, try without writing, run. Closing it never stops a running import. */
import { InboxOutlined } from "@ant-design/icons";
import { Button, Modal, Progress, Steps, Upload } from "antd";
import { useState } from "react";
import { api } from "../shared/api";
import type { ImportEntity, ImportJob, ImportUpload } from "../shared/api-types";
import { ErrorState } from "../shared/ErrorState";
import { formatCount, formatPercent } from "../shared/formats";
import { lookup } from "../shared/i18n/i18n";
import { LinkButton } from "../shared/LinkButton";
import { Bones } from "../shared/Page";
import { useChange, useGet } from "../shared/query";
import { ImportMapping, type ImportPlan } from "./ImportMapping";
import { fieldsOf } from "./importFields";
import { useText } from "./text";

type Step = 0 | 1 | 2 | 3;

function firstPlan(upload: ImportUpload): ImportPlan {
  const entity: ImportEntity = upload.kind ?? "orders";
  const mapping: Record<string, string> = {};
  for (const column of upload.columns) {
    if (column.guess && fieldsOf(entity).includes(column.guess)) mapping[column.guess] ??= column.name;
  }
  return { entity, mapping, options: { identifier_type: "auto", currency_unit: "yuan" } };
}

export function ImportWizard({ onClose }: { onClose: () => void }) {
  const t = useText();
  const [step, setStep] = useState<Step>(0);
  const [upload, setUpload] = useState<ImportUpload | null>(null);
  const [plan, setPlan] = useState<ImportPlan | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const start = useChange(
    ({ dryRun }: { dryRun: boolean }) => api.put<ImportJob>(`/imports/${upload!.id}`, { ...plan!, dry_run: dryRun }),
    { nouns: ["imports"] },
  );
  const send = useChange(
    (file: File) => {
      const body = new FormData();
      body.append("file", file);
      setFailure(null);
      return api.post<ImportUpload>("/imports", body);
    },
    {
      nouns: ["imports"],
      onDone: (answer) => {
        setUpload(answer);
        setPlan(firstPlan(answer));
        setStep(1);
      },
      onError: (error) => {
        setFailure(error);
        return true;
      },
    },
  );
  const go = (next: Step, dryRun: boolean) => start.mutate({ dryRun }, { onSuccess: () => setStep(next) });
  return (
    <Modal open onCancel={onClose} footer={null} title={t("wizard.title")} width={820} mask={{ closable: false }}>
      <div className="stack">
        <Steps
          size="small"
          current={step}
          items={[t("wizard.upload"), t("wizard.map"), t("wizard.check"), t("wizard.run")].map((title) => ({ title }))}
        />
        {step === 0 && (
          <>
            <Upload.Dragger
              accept=".csv,.tsv,.txt,.xlsx,.xls,.jsonl,.ndjson,.parquet"
              showUploadList={false}
              disabled={send.isPending}
              beforeUpload={(file) => {
                send.mutate(file);
                return false;
              }}
            >
              <p style={{ fontSize: 32, color: "var(--accent)" }}>
                <InboxOutlined />
              </p>
              <p>{send.isPending ? t("wizard.uploading") : t("wizard.drop")}</p>
              <p className="faint small">{t("wizard.formats")}</p>
            </Upload.Dragger>
            {failure !== null && <ErrorState error={failure} />}
          </>
        )}
        {step === 1 && upload && plan && (
          <ImportMapping
            upload={upload}
            plan={plan}
            onPlan={setPlan}
            busy={start.isPending}
            onDryRun={() => go(2, true)}
          />
        )}
        {step === 2 && upload && (
          <DryRun id={upload.id} onBack={() => setStep(1)} onRun={() => go(3, false)} busy={start.isPending} />
        )}
        {step === 3 && upload && <Running id={upload.id} onClose={onClose} />}
      </div>
    </Modal>
  );
}

function useJob(id: string, settled: (job: ImportJob) => boolean) {
  const [done, setDone] = useState(false);
  const query = useGet<ImportJob>(`/imports/${id}`, { everyMs: done ? false : 800, staleMs: 0 });
  if (query.data && settled(query.data) !== done) setDone(settled(query.data));
  return { job: query.data, done, error: query.error };
}

function JobProgress({ job }: { job: ImportJob }) {
  const t = useText();
  const share = job.rows_total ? job.rows_done / job.rows_total : 0;
  return (
    <>
      <Progress percent={Math.floor(share * 100)} format={() => formatPercent(share, 0)} />
      <p className="dim num">
        {t("wizard.running", { done: formatCount(job.rows_done), total: formatCount(job.rows_total) })}
      </p>
    </>
  );
}

type DryRunProps = { id: string; onBack: () => void; onRun: () => void; busy: boolean };

function DryRun({ id, onBack, onRun, busy }: DryRunProps) {
  const t = useText();
  const { job, done, error } = useJob(id, (current) => ["dry_run_done", "failed"].includes(current.state));
  if (error) return <ErrorState error={error} />;
  if (!job) return <Bones height={200} />;
  if (!done) return <JobProgress job={job} />;
  return (
    <>
      <p className={job.rows_bad > 0 ? "note warn" : "note"}>
        {job.state === "failed" && job.error
          ? job.error
          : t("wizard.checked", {
              total: formatCount(job.rows_total ?? job.rows_done),
              ok: formatCount(job.rows_ok),
              bad: formatCount(job.rows_bad),
            })}
      </p>
      <RowErrors job={job} />
      <div className="row wrap">
        <Button onClick={onBack}>{t("wizard.remap")}</Button>
        <Button type="primary" onClick={onRun} loading={busy} disabled={job.rows_ok === 0}>
          {t("wizard.goRun", { n: formatCount(job.rows_ok) })}
        </Button>
      </div>
    </>
  );
}

function Running({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useText();
  const { job, done, error } = useJob(id, (current) => ["done", "failed"].includes(current.state));
  if (error) return <ErrorState error={error} />;
  if (!job) return <Bones height={200} />;
  if (!done) {
    return (
      <>
        <JobProgress job={job} />
        <p className="faint small">{t("wizard.leave")}</p>
      </>
    );
  }
  return (
    <>
      <p className={job.state === "failed" ? "note bad" : "note"}>
        {job.state === "failed" && job.error
          ? job.error
          : t("wizard.doneText", { ok: formatCount(job.rows_ok), bad: formatCount(job.rows_bad) })}
      </p>
      <RowErrors job={job} />
      <div className="row wrap">
        <LinkButton type="primary" to="/persons" onClick={onClose}>
          {t("wizard.seePersons")}
        </LinkButton>
      </div>
    </>
  );
}

function RowErrors({ job }: { job: ImportJob }) {
  const t = useText();
  if (job.first_errors.length === 0) return null;
  return (
    <>
      {job.ids_ignored > 0 && <p className="dim">{t("wizard.ignored", { n: formatCount(job.ids_ignored) })}</p>}
      <div className="scroll-x" style={{ maxHeight: 280, overflowY: "auto" }}>
        <table className="plain-table num">
          <thead>
            <tr>
              <th className="end">{t("wizard.err.row")}</th>
              <th>{t("wizard.err.column")}</th>
              <th>{t("wizard.err.reason")}</th>
              <th>{t("wizard.err.value")}</th>
            </tr>
          </thead>
          <tbody>
            {job.first_errors.map((error, index) => (
              <tr key={index}>
                <td className="end">{formatCount(error.row)}</td>
                <td>{error.column}</td>
                <td>
                  {lookup(t, "reason", error.reason)}
                  {error.taken && <span className="faint"> · {t("wizard.err.taken")}</span>}
                </td>
                <td>
                  <code>{error.value}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <a href={`/api/imports/${job.id}/errors.csv`} download>
        {t("imports.errors")}
      </a>
    </>
  );
}
