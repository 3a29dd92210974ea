import { PlusOutlined } from "@ant-design/icons";
import { Segmented } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import type { Template } from "../shared/campaign-types";
import { EmptyState } from "../shared/EmptyState";
import { lookup } from "../shared/i18n/i18n";
import { useChannelName, When } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { Page } from "../shared/Page";
import { usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { useText } from "./text";

export default function TemplatesPage() {
  const t = useText();
  const navigate = useNavigate();
  const channelName = useChannelName();
  const [archived, setArchived] = useState(false);
  const paged = usePaged<Template>("/templates", { archived });
  const columns: Column<Template>[] = [
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
    { key: "channel", title: t("col.channel"), width: 110, render: (one) => channelName(one.channel) },
    { key: "incentive", title: t("col.incentive"), width: 110, render: (one) => lookup(t, "incentive", one.incentive) },
    { key: "appeal", title: t("col.appeal"), width: 184, render: (one) => lookup(t, "appeal", one.appeal) },
    {
      key: "languages",
      title: t("col.languages"),
      width: 124,
      hideOnPhone: true,
      render: (one) => Object.keys(one.says).map((tongue) => lookup(t, "language", tongue)).join(" · "),
    },
    { key: "version", title: t("col.version"), width: 76, end: true, render: (one) => one.version },
    { key: "updated", title: t("col.updated"), width: 150, end: true, render: (one) => <When at={one.updated_at} /> },
  ];
  const button = (
    <ActButton type="primary" icon={<PlusOutlined />} onClick={() => navigate("/templates/new")}>
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
            value={archived ? "archived" : "live"}
            onChange={(value) => setArchived(value === "archived")}
            options={(["live", "archived"] as const).map((value) => ({ value, label: t(`show.${value}`) }))}
          />
          {button}
        </>
      }
    >
      <div className="panel">
        <ResourceTable
          paged={paged}
          columns={columns}
          rowKey={(one) => one.id}
          onRow={(one) => navigate(`/templates/${one.id}`)}
          minWidth={900}
          empty={
            <EmptyState title={t("empty.title")} example={t("empty.example")} action={button}>
              {t("empty.hint")}
            </EmptyState>
          }
        />
      </div>
    </Page>
  );
}
