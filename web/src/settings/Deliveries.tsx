import { useState } from "react";
import { api } from "../shared/api";
import { EmptyState } from "../shared/EmptyState";
import { lookup } from "../shared/i18n/i18n";
import { JsonView, When } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { useChange, usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { useText } from "./text";
import type { Webhook, WebhookDelivery } from "./webhooks";

const STATES = ["waiting", "sent", "failed"] as const;
const TAG = { waiting: "warn", sent: "good", failed: "bad" } as const;

/** What a webhook was told; a click shows the body, and posts it again. */
export function Deliveries({ webhook }: { webhook: Webhook }) {
  const t = useText();
  const [state, setState] = useState<string | null>(null);
  const [open, setOpen] = useState<WebhookDelivery | null>(null);
  const paged = usePaged<WebhookDelivery>(`/webhooks/${webhook.id}/deliveries`, { state }, 20, 5_000);
  const replay = useChange((ids: string[]) => api.post(`/webhooks/${webhook.id}/replay`, { ids }), {
    nouns: ["webhooks", "audit"],
    done: t("webhooks.replayed"),
    onDone: () => setOpen(null),
  });
  const columns: Column<WebhookDelivery>[] = [
    { key: "at", title: t("webhooks.at"), width: 150, render: (one) => <When at={one.at} /> },
    { key: "topic", title: t("webhooks.topic"), lead: true, render: (one) => lookup(t, "topic", one.topic) },
    {
      key: "state",
      title: t("webhooks.state"),
      width: 100,
      render: (one) => <span className={`tag ${TAG[one.state]}`}>{lookup(t, "delivery", one.state)}</span>,
    },
    { key: "tries", title: t("webhooks.attempts"), end: true, width: 70, render: (one) => one.attempts },
  ];
  if (open) {
    return (
      <div className="stack">
        <button type="button" className="plain-button dim" onClick={() => setOpen(null)}>
          ← {t("webhooks.deliveries")}
        </button>
        {open.answer && <p className="note bad">{open.answer}</p>}
        <dl className="facts">
          <dt>{t("webhooks.at")}</dt>
          <dd>
            <When at={open.at} to="second" />
          </dd>
          <dt>{t("webhooks.state")}</dt>
          <dd>{lookup(t, "delivery", open.state)}</dd>
          {open.due_at && (
            <>
              <dt>{t("webhooks.due")}</dt>
              <dd>
                <When at={open.due_at} to="second" />
              </dd>
            </>
          )}
        </dl>
        <JsonView value={open.body} />
        <div>
          <ActButton need="admin" loading={replay.isPending} onClick={() => replay.mutate([open.id])}>
            {t("webhooks.replay")}
          </ActButton>
        </div>
      </div>
    );
  }
  return (
    <div className="stack">
      <div className="filters">
        <div className="chips grow" role="group" aria-label={t("webhooks.state")}>
          <button type="button" className="chip" aria-pressed={state === null} onClick={() => setState(null)}>
            {t("webhooks.all")}
          </button>
          {STATES.map((one) => (
            <button key={one} type="button" className="chip" aria-pressed={state === one} onClick={() => setState(one)}>
              {lookup(t, "delivery", one)}
            </button>
          ))}
        </div>
        {webhook.failed > 0 && (
          <ActButton need="admin" size="small" onClick={() => replay.mutate([])}>
            {t("webhooks.replay.failed")}
          </ActButton>
        )}
      </div>
      <div className="panel">
        <ResourceTable
          paged={paged}
          columns={columns}
          rowKey={(one) => one.id}
          onRow={setOpen}
          minWidth={420}
          empty={<EmptyState title={t("webhooks.none")}>{t("webhooks.none.hint")}</EmptyState>}
        />
      </div>
    </div>
  );
}
