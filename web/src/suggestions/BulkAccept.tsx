import { Input, Modal, Select } from "antd";
import { useState } from "react";
import { api } from "../shared/api";
import { formatCount } from "../shared/formats";
import { useCommon } from "../shared/i18n/common";
import { ActButton } from "../shared/may";
import { useChange } from "../shared/query";
import { useText } from "./text";
import type { SuggestionDesk } from "./types";

/** Many at once: an administrator picks a score and types how many pairs that is. */
export function BulkAccept({ desk }: { desk: SuggestionDesk }) {
  const t = useText();
  const common = useCommon();
  const [open, setOpen] = useState(false);
  const [least, setLeast] = useState(0.99);
  const [typed, setTyped] = useState("");
  const count = desk.bands.find((band) => band.score === least)?.count ?? 0;
  const close = () => {
    setOpen(false);
    setTyped("");
  };
  const accept = useChange(
    () => api.post<{ count: number }>("/suggestions/accept", { min_score: least, count }),
    { nouns: ["suggestions", "persons", "overview"], done: t("bulk.done", { count: formatCount(count) }), onDone: close },
  );
  const right = count > 0 && Number(typed.replaceAll(",", "")) === count;
  return (
    <>
      <ActButton need="admin" onClick={() => setOpen(true)}>
        {t("bulk.button")}
      </ActButton>
      <Modal
        open={open}
        title={t("bulk.title")}
        onCancel={close}
        onOk={() => accept.mutate(undefined)}
        okText={t("bulk.do", { count: formatCount(count) })}
        okButtonProps={{ danger: true, disabled: !right, loading: accept.isPending }}
        cancelText={common("action.cancel")}
      >
        <div className="stack">
          <label className="col">
            <span>{t("bulk.from")}</span>
            <Select
              value={least}
              onChange={(score) => {
                setLeast(score);
                setTyped("");
              }}
              options={desk.bands.map((band) => ({
                value: band.score,
                label: `${Math.round(band.score * 1000) / 10}% (${formatCount(band.count)})`,
              }))}
            />
          </label>
          {count === 0 ? (
            <p className="dim">{t("bulk.none")}</p>
          ) : (
            <label className="col">
              <span>{t("bulk.count", { count: formatCount(count) })}</span>
              <Input
                value={typed}
                inputMode="numeric"
                placeholder={formatCount(count)}
                onChange={(event) => setTyped(event.target.value)}
                onPressEnter={() => right && accept.mutate(undefined)}
              />
            </label>
          )}
          <p className="dim small">{t("detail.undo")}</p>
        </div>
      </Modal>
    </>
  );
}
