/** What the calls of a webhook step are signed with, for who sets up the receiver. */
import { useState } from "react";
import { api } from "../shared/api";
import { CopyButton } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { useChange } from "../shared/query";
import { useText } from "./text";

export function SigningSecret() {
  const t = useText();
  const [secret, setSecret] = useState("");
  const show = useChange(() => api.get<{ secret: string }>("/journeys/webhook-secret"), {
    nouns: [],
    onDone: (found) => setSecret(found.secret),
  });
  return (
    <div className="col">
      <p className="faint small">{t("secret.hint")}</p>
      {secret ? (
        <div className="row">
          <code className="small ellipsis">{secret}</code>
          <CopyButton text={secret} />
        </div>
      ) : (
        <div>
          <ActButton need="admin" size="small" loading={show.isPending} onClick={() => show.mutate(undefined)}>
            {t("secret.show")}
          </ActButton>
        </div>
      )}
    </div>
  );
}
