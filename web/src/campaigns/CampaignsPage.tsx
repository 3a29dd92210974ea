import { PlusOutlined } from "@ant-design/icons";
import { Segmented } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import type { Journey } from "../shared/api-types";
import type { Campaign } from "../shared/campaign-types";
import { EmptyState } from "../shared/EmptyState";
import { formatCount } from "../shared/formats";
import { LinkButton } from "../shared/LinkButton";
import { useChannelName, When } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { Page } from "../shared/Page";
import { usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { Calendar } from "./Calendar";
import { CampaignState } from "./CampaignState";
import { HoldoutTab } from "./HoldoutTab";
import { useText } from "./text";

const TABS = ["list", "calendar", "journeys", "holdout"] as const;
type Tab = (typeof TABS)[number];

export default function CampaignsPage() {
  const t = useText();
  const navigate = useNavigate();
  const [tab, setTab] = useState<Tab>("list");
  const paged = usePaged<Campaign>("/campaigns", {}, 50, 10_000);
  const columns = useColumns();
  const button = (
    <ActButton type="primary" icon={<PlusOutlined />} onClick={() => navigate("/campaigns/new")}>
      {t("new")}
    </ActButton>
  );
  return (
    <Page
      title={t("title")}
      hint={t("hint")}
      actions={
        <>
          <Segmented
            value={tab}
            onChange={setTab}
            options={TABS.map((value) => ({ value, label: t(`tab.${value}`) }))}
          />
          <LinkButton to="/templates">{t("templates")}</LinkButton>
          {paged.items.length > 0 && button}
        </>
      }
    >
      {tab === "calendar" && <Calendar />}
      {tab === "journeys" && <JourneyReviews />}
      {tab === "holdout" && <HoldoutTab />}
      {tab === "list" && (
        <div className="panel">
          <ResourceTable
            paged={paged}
            columns={columns}
            rowKey={(one) => one.id}
            onRow={(one) => navigate(`/campaigns/${one.id}`)}
            minWidth={940}
            empty={
              <EmptyState title={t("empty.title")} example={t("empty.example")} action={button}>
                {t("empty.hint")}
              </EmptyState>
            }
          />
        </div>
      )}
    </Page>
  );
}

/** Journeys are reviewed as campaigns are. */
function JourneyReviews() {
  const t = useText();
  const navigate = useNavigate();
  const columns: Column<Journey>[] = [
    { key: "name", title: t("col.name"), lead: true, render: (one) => <span className="strong">{one.name}</span> },
    { key: "sent", title: t("col.sent"), width: 110, end: true, render: (one) => formatCount(one.counts.sent) },
    { key: "refused", title: t("col.refused"), width: 110, end: true, render: (one) => formatCount(one.counts.refused) },
    { key: "held", title: t("col.held"), width: 110, end: true, render: (one) => formatCount(one.counts.holdout) },
  ];
  return (
    <div className="panel">
      <ResourceTable
        paged={usePaged<Journey>("/journeys", {})}
        columns={columns}
        rowKey={(one) => one.id}
        onRow={(one) => navigate(`/reviews/${one.id}`)}
        empty={<EmptyState title={t("journeys.empty")} />}
      />
    </div>
  );
}

function useColumns(): Column<Campaign>[] {
  const t = useText();
  const channelName = useChannelName();
  return [
    {
      key: "name",
      title: t("col.name"),
      lead: true,
      render: (one) => (
        <span className="ellipsis strong" title={one.name}>
          {one.name}
        </span>
      ),
    },
    { key: "state", title: t("col.state"), width: 100, render: (one) => <CampaignState state={one.state} /> },
    { key: "audience", title: t("col.audience"), width: 230, render: (one) => <span className="ellipsis" title={one.audience_name || undefined}>{one.audience_name || "—"}</span> },
    { key: "channel", title: t("col.channel"), width: 90, render: (one) => channelName(one.channel) || "—" },
    { key: "sent", title: t("col.sent"), width: 90, end: true, render: (one) => formatCount(one.progress.messages.sent ?? 0) },
    { key: "refused", title: t("col.refused"), width: 90, end: true, render: (one) => formatCount(one.progress.refused) },
    { key: "held", title: t("col.held"), width: 90, end: true, render: (one) => formatCount(one.progress.held) },
    {
      key: "when",
      title: t("col.when"),
      width: 150,
      end: true,
      render: (one) => <When at={one.started_at ?? one.starts_at ?? one.created_at} />,
    },
  ];
}
