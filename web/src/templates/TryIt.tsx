import { Input } from "antd";
import { useState } from "react";
import { api } from "../shared/api";
import type { TryResult } from "../shared/campaign-types";
import { useBilingual } from "../shared/i18n/i18n";
import { ActButton } from "../shared/may";
import { Panel } from "../shared/Page";
import { useChange } from "../shared/query";
import { useText } from "./text";

/** Sends the saved template to an address now. */
export function TryIt({ id, path }: { id: string | null; path?: string }) {
  const t = useText();
  const say = useBilingual();
  const [address, setAddress] = useState("");
  const [result, setResult] = useState<TryResult | null>(null);
  const send = useChange(() => api.post<TryResult>(path ?? `/templates/${id}/test`, { address }), {
    nouns: ["audit"],
    onDone: setResult,
  });
  return (
    <Panel title={t("try")}>
      {id === null ? (
        <p className="faint">{t("try.save")}</p>
      ) : (
        <div className="stack">
          <Input aria-label={t("try.address")} placeholder={t("try.address")} value={address} maxLength={320} onChange={(event) => setAddress(event.target.value)} />
          <div>
            <ActButton disabled={!address.trim()} loading={send.isPending} onClick={() => send.mutate(undefined)}>
              {t("try.send")}
            </ActButton>
          </div>
          {result && <p className={result.state === "sent" ? "note" : "note warn"}>{say(result.text) || result.state}</p>}
        </div>
      )}
    </Panel>
  );
}
