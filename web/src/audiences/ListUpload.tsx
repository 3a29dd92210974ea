/** A list of identifiers as a file: who they are is shown before anything is saved. */
import { InboxOutlined } from "@ant-design/icons";
import { Button, Input, Modal, Upload } from "antd";
import { useState } from "react";
import { api } from "../shared/api";
import type { Audience, ListAnswer, ListReport } from "../shared/api-types";
import { ErrorState } from "../shared/ErrorState";
import { formatCount } from "../shared/formats";
import { useChange } from "../shared/query";
import "./rules.css";
import { useText } from "./text";

type Props = { audience?: Audience; onClose: () => void; onDone: (id: string) => void };

export function ListUpload({ audience, onClose, onDone }: Props) {
  const t = useText();
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState(audience?.name ?? "");
  const [report, setReport] = useState<ListReport | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const failed = (error: Error) => {
    setFailure(error);
    return true;
  };
  const form = (chosen: File, title: string) => {
    const body = new FormData();
    body.append("file", chosen);
    body.append("name", title || chosen.name);
    setFailure(null);
    return body;
  };
  const look = useChange((chosen: File) => api.post<ListAnswer>("/audiences/lists?dry_run=true", form(chosen, name)), {
    nouns: [],
    onDone: (answer) => setReport(answer.report),
    onError: failed,
  });
  const save = useChange(
    () =>
      audience
        ? api.put<ListAnswer>(`/audiences/${audience.id}/list`, form(file!, name), { ifMatch: audience.version })
        : api.post<ListAnswer>("/audiences/lists", form(file!, name)),
    { nouns: ["audiences"], onDone: (answer) => onDone(answer.audience!.id), onError: failed },
  );
  const choose = (chosen: File) => {
    setFile(chosen);
    setReport(null);
    if (!name) setName(chosen.name.replace(/\.[^.]+$/, ""));
    look.mutate(chosen);
    return false;
  };
  return (
    <Modal
      open
      title={t(audience ? "list.replace" : "list.new")}
      onCancel={onClose}
      footer={[
        <Button key="cancel" onClick={onClose}>
          {t("form.cancel")}
        </Button>,
        <Button
          key="save"
          type="primary"
          disabled={!report?.persons || !name.trim()}
          loading={save.isPending}
          onClick={() => save.mutate(undefined)}
        >
          {t("list.save")}
        </Button>,
      ]}
    >
      <div className="stack">
        {!audience && (
          <Input value={name} maxLength={100} onChange={({ target }) => setName(target.value)} placeholder={t("form.name")} aria-label={t("form.name")} />
        )}
        <Upload.Dragger accept=".csv,.txt,text/csv,text/plain" multiple={false} showUploadList={false} beforeUpload={choose}>
          <p>
            <InboxOutlined style={{ fontSize: 28 }} />
          </p>
          <p>{file ? file.name : t("list.drop")}</p>
          <p className="faint small">{t("list.hint")}</p>
        </Upload.Dragger>
        {look.isPending && <p className="faint">{t("preview.counting")}</p>}
        {failure !== null && <ErrorState error={failure as Error} />}
        {report && <Report report={report} />}
      </div>
    </Modal>
  );
}

function Report({ report }: { report: ListReport }) {
  const t = useText();
  return (
    <div className="col" role="status">
      <p>
        {t("list.report", {
          rows: formatCount(report.rows),
          persons: formatCount(report.persons),
          repeated: formatCount(report.repeated),
          faulty: formatCount(report.faulty),
        })}
      </p>
      {report.errors.length > 0 && (
        <div style={{ maxHeight: 220, overflow: "auto" }}>
          <table className="insight-table">
            <thead>
              <tr>
                <th>{t("list.value")}</th>
                <th>{t("list.row")}</th>
                <th>{t("list.why")}</th>
              </tr>
            </thead>
            <tbody>
              {report.errors.map((error) => (
                <tr key={error.row}>
                  <td>{error.value}</td>
                  <td>{error.row}</td>
                  <td>{t(`list.${error.why}`)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
