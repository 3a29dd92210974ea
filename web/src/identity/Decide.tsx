/** The question before every decision about identities: what will happen, why, and a button that says what it does. */
import { Input, Modal } from "antd";
import { useState, type ReactNode } from "react";
import { useCommon } from "../shared/i18n/common";
import { useText } from "./text";

export type Question = {
  title: string;
  says: ReactNode;
  ok: string;
  danger?: boolean;
  act: (reason: string) => Promise<unknown>;
  /** Undoing needs no reason of its own. */
  plain?: boolean;
};

export function Decide({ question, onClose }: { question: Question; onClose: () => void }) {
  const t = useText();
  const common = useCommon();
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = () => {
    setBusy(true);
    // A refusal has been shown in the server's words; the question stays open.
    question.act(reason.trim()).then(onClose, () => setBusy(false));
  };
  return (
    <Modal
      open
      onCancel={onClose}
      onOk={submit}
      title={question.title}
      okText={question.ok}
      cancelText={common("action.cancel")}
      okButtonProps={{ danger: question.danger ?? false, loading: busy }}
      width={460}
    >
      <div className="stack">
        <div className="dim">{question.says}</div>
        {!question.plain && <Reason value={reason} onChange={setReason} onEnter={submit} />}
        <p className="faint small">{t("decide.audited")}</p>
      </div>
    </Modal>
  );
}

type ReasonProps = { value: string; onChange: (text: string) => void; onEnter?: () => void };

export function Reason({ value, onChange, onEnter }: ReasonProps) {
  const t = useText();
  return (
    <Input
      value={value}
      onChange={(event) => onChange(event.target.value)}
      onPressEnter={() => onEnter?.()}
      maxLength={500}
      placeholder={t("reason.example")}
      aria-label={t("reason.label")}
    />
  );
}
