/** Values from a file: who would get what is told before anything is saved. */
import { InboxOutlined } from "@ant-design/icons";
import { Button, Modal, Upload } from "antd";
import { useState } from "react";
import { api } from "../shared/api";
import { ErrorState } from "../shared/ErrorState";
import { formatCount } from "../shared/formats";
import { useCommon } from "../shared/i18n/common";
import { lookup } from "../shared/i18n/i18n";
import { useChange } from "../shared/query";
import { useText } from "./text";
import type { ImportReport, Tag } from "./types";

export function ImportFile({ tag, onClose }: { tag: Tag; onClose: () => void }) {
  const t = useText();
  const common = useCommon();
  const [file, setFile] = useState<File | null>(null);
  const [report, setReport] = useState<ImportReport | null>(null);
  const [failure, setFailure] = useState<Error | null>(null);
  const send = (chosen: File, dry: boolean) => {
    const body = new FormData();
    body.append("file", chosen);
    setFailure(null);
    return api.post<ImportReport>(`/tags/${tag.id}/file${dry ? "?dry_run=true" : ""}`, body);
  };
  const failed = (error: Error) => {
    setFailure(error);
    return true;
  };
  const look = useChange((chosen: File) => send(chosen, true), { nouns: [], onDone: setReport, onError: failed });
  const save = useChange(() => send(file!, false), { nouns: ["tags", "persons"], done: common("done.saved"), onDone: onClose, onError: failed });
  return (
    <Modal
      open
      title={t("import")}
      onCancel={onClose}
      footer={[
        <Button key="cancel" onClick={onClose}>
          {common("action.cancel")}
        </Button>,
        <Button key="save" type="primary" disabled={!report?.persons} loading={save.isPending} onClick={() => save.mutate(undefined)}>
          {t("import.save")}
        </Button>,
      ]}
    >
      <div className="stack">
        <Upload.Dragger
          accept=".csv,.txt,.xlsx"
          multiple={false}
          showUploadList={false}
          beforeUpload={(chosen) => {
            setFile(chosen);
            setReport(null);
            look.mutate(chosen);
            return false;
          }}
        >
          <p>
            <InboxOutlined style={{ fontSize: 28 }} />
          </p>
          <p>{file ? file.name : t("import.drop")}</p>
          <p className="faint small">{t("import.hint")}</p>
        </Upload.Dragger>
        {failure && <ErrorState error={failure} />}
        {report && (
          <div className="col" role="status">
            <p>
              {t("import.report", {
                rows: formatCount(report.rows),
                persons: formatCount(report.persons),
                repeated: formatCount(report.repeated),
                faulty: formatCount(report.faulty),
              })}
            </p>
            <ul className="small import-faults">
              {report.faults.slice(0, 50).map((fault) => (
                <li key={fault.row}>
                  {t("import.row", { row: fault.row })} {fault.value}：{lookup(t, "why", fault.why)}
                </li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </Modal>
  );
}
