import { Select } from "antd";
import { useState } from "react";
import type { Journey, Page, PersonMessage } from "../shared/api-types";
import { EmptyState } from "../shared/EmptyState";
import { MessageState } from "../shared/MessageState";
import { useChannelName, useReason, When } from "../shared/Marks";
import { TraceFor } from "../shared/Trace";
import { useGet, usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { useText } from "./text";

export function PersonMessages({ id }: { id: string }) {
  const t = useText();
  const channelName = useChannelName();
  const reason = useReason();
  const paged = usePaged<PersonMessage>(`/persons/${id}/messages`, {});
  const columns: Column<PersonMessage>[] = [
    { key: "at", title: t("messages.at"), width: 150, render: (row) => <When at={row.at} /> },
    {
      key: "subject",
      title: t("messages.subject"),
      lead: true,
      render: (row) => (
        <span className="ellipsis" title={row.subject ?? row.campaign}>
          {row.subject || row.campaign}
        </span>
      ),
    },
    { key: "channel", title: t("messages.channel"), width: 100, render: (row) => channelName(row.channel) },
    {
      key: "campaign",
      title: t("messages.campaign"),
      width: 140,
      render: (row) => <span className="ellipsis">{row.campaign}</span>,
    },
    { key: "state", title: t("messages.state"), width: 110, render: (row) => <MessageState state={row.state} /> },
    {
      key: "reason",
      title: t("messages.reason"),
      width: 150,
      render: (row) => <span className="dim">{reason(row.reason) || "—"}</span>,
    },
  ];
  return (
    <div className="stack">
      <ResourceTable
        paged={paged}
        columns={columns}
        rowKey={(row) => row.id}
        minWidth={820}
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
