import { PlusOutlined } from "@ant-design/icons";
import { Tabs } from "antd";
import { useState, type ReactNode } from "react";
import { useNavigate } from "react-router";
import type { Journey, JourneyCounts } from "../shared/api-types";
import { EmptyState } from "../shared/EmptyState";
import { formatCount } from "../shared/formats";
import { When } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { Page } from "../shared/Page";
import { usePaged, type Paged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { CreateJourney } from "./Gallery";
import { JourneyState } from "./JourneyState";
import { Tasks } from "./Tasks";
import { useText } from "./text";

const COUNTS = ["entered", "waiting", "sent", "refused", "converted", "parked"] as const satisfies (keyof JourneyCounts)[];

export type JourneysTab = "list" | "tasks";
const ADDRESS: Record<JourneysTab, string> = { list: "/journeys", tasks: "/tasks" };

export default function JourneysPage({ tab = "list" }: { tab?: JourneysTab }) {
  const t = useText();
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);
  const paged = usePaged<Journey>("/journeys", {}, 50, 15_000);
  const button = (
    <ActButton type="primary" icon={<PlusOutlined />} onClick={() => setCreating(true)}>
      {t("new")}
    </ActButton>
  );
  return (
    <Page title={t("title")} hint={t("hint")} actions={tab === "list" && paged.items.length > 0 && button}>
      <div>
        <Tabs
          activeKey={tab}
          onChange={(key) => navigate(ADDRESS[key as JourneysTab])}
          items={(["list", "tasks"] as const).map((key) => ({ key, label: t(`tab.${key}`) }))}
        />
        {tab === "tasks" ? <Tasks /> : <JourneyList paged={paged} button={button} />}
      </div>
      <CreateJourney open={creating} onClose={() => setCreating(false)} />
    </Page>
  );
}

function JourneyList({ paged, button }: { paged: Paged<Journey>; button: ReactNode }) {
  const t = useText();
  const navigate = useNavigate();
  const columns: Column<Journey>[] = [
    {
      key: "name",
      title: t("col.name"),
      lead: true,
      render: (journey) => (
        <span className="ellipsis strong" title={journey.name}>
          {journey.name}
        </span>
      ),
    },
    { key: "state", title: t("col.state"), width: 92, render: (journey) => <JourneyState state={journey.state} /> },
    ...COUNTS.map(
      (key): Column<Journey> => ({
        key,
        title: t(`col.${key}`),
        end: true,
        width: key === "converted" ? 134 : 80,
        render: ({ counts }) => (
          <span className={key === "parked" && counts[key] > 0 ? "up" : counts[key] ? "" : "faint"}>
            {formatCount(counts[key])}
          </span>
        ),
      }),
    ),
    {
      key: "created",
      title: t("col.created"),
      end: true,
      width: 108,
      hideOnPhone: true,
      render: (journey) => <When at={journey.created_at} to="day" />,
    },
  ];
  return (
    <div className="panel">
      <ResourceTable
        paged={paged}
        columns={columns}
        rowKey={(journey) => journey.id}
        onRow={(journey) => navigate(`/journeys/${journey.id}`)}
        minWidth={980}
        empty={
          <EmptyState title={t("empty.title")} example={t("empty.example")} action={button}>
            {t("empty.hint")}
          </EmptyState>
        }
      />
    </div>
  );
}
