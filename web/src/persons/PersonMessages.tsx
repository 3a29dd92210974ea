import { Select } from "antd";
import { useState } from "react";
import type { Journey, Message, Page } from "../shared/api-types";
import { EmptyState } from "../shared/EmptyState";
import { useBilingual } from "../shared/i18n/i18n";
import { MessageState } from "../shared/MessageState";
import { useChannelName, When } from "../shared/Marks";
import { TraceFor } from "../shared/Trace";
import { useGet, usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { useText } from "./text";

export function PersonMessages({ id }: { id: string }) {
  const t = useText();
  const channelName = useChannelName();
  const say = useBilingual();
  const paged = usePaged<Message>(`/persons/${id}/messages`, {});
  const columns: Column<Message>[] = [
    { key: "at", title: t("messages.at"), width: 150, render: (row) => <When at={row.at} /> },
    {
      key: "subject",
      title: t("messages.subject"),
      lead: true,
      render: (row) => (
        <span className="ellipsis" title={row.subject || row.journey}>
          {row.subject || row.journey}
        </span>
      ),
    },
    { key: "channel", title: t("messages.channel"), width: 100, render: (row) => channelName(row.channel) },
    {
      key: "campaign",
      title: t("messages.campaign"),
      width: 140,
      render: (row) => <span className="ellipsis">{row.journey}</span>,
    },
    { key: "state", title: t("messages.state"), width: 110, render: (row) => <MessageState state={row.state} /> },
    {
      key: "reason",
      title: t("messages.reason"),
      width: 220,
      render: (row) => <span className="dim ellipsis" title={say(row.reason_text)}>{say(row.reason_text) || row.reason || "—"}</span>,
    },
  ];
  return (
    <div className="stack">
      <ResourceTable
        paged={paged}
        columns={columns}
        rowKey={(row) => row.id}
        minWidth={900}
        empty={<EmptyState title={t("messages.empty")} />}
      />
      <WhyNot personId={id} />
    </div>
  );
}

function WhyNot({ personId }: { personId: string }) {
  const t = useText();
  const [journeyId, setJourneyId] = useState<string>();
  const { data } = useGet<Page<Journey>>("/journeys?limit=100");
  return (
    <section className="stack">
      <h3>{t("messages.why")}</h3>
      <p className="dim">{t("messages.why.hint")}</p>
      <Select
        placeholder={t("messages.pick")}
        value={journeyId}
        onChange={(value: string) => setJourneyId(value)}
        options={data?.items.map(({ id, name }) => ({ value: id, label: name })) ?? []}
        style={{ maxWidth: 360, width: "100%" }}
      />
      {journeyId && <TraceFor personId={personId} journeyId={journeyId} />}
    </section>
  );
}
