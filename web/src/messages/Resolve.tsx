import { api } from "../shared/api";
import type { Message } from "../shared/api-types";
import { ActButton } from "../shared/may";
import { useChange } from "../shared/query";
import { useText } from "./text";

/** A message nobody knows the fate of: a person decides. */
export function Resolve({ message, onDone }: { message: Message; onDone: () => void }) {
  const t = useText();
  const resolve = useChange(
    (action: "resend" | "drop") => api.post<Message>(`/messages/${message.id}/resolve`, { action }),
    { nouns: ["messages", "overview", "persons"], done: t("resolve.done"), onDone },
  );
  return (
    <section className="note warn stack">
      <h3>{t("resolve.title")}</h3>
      <p>{t("resolve.hint")}</p>
      <div className="row wrap">
        <ActButton loading={resolve.isPending} onClick={() => resolve.mutate("resend")}>
          {t("resolve.resend")}
        </ActButton>
        <ActButton danger loading={resolve.isPending} onClick={() => resolve.mutate("drop")}>
          {t("resolve.drop")}
        </ActButton>
      </div>
    </section>
  );
}
