import { PlusOutlined } from "@ant-design/icons";
import { useState } from "react";
import { useNavigate } from "react-router";
import type { Audience } from "../shared/api-types";
import { EmptyState } from "../shared/EmptyState";
import { formatCount, formatDuration, formatPercent } from "../shared/formats";
import { useBilingual } from "../shared/i18n/i18n";
import { LinkButton } from "../shared/LinkButton";
import { When } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { Page } from "../shared/Page";
import { usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { Combine } from "./Combine";
import { ListUpload } from "./ListUpload";
import { useText } from "./text";

export default function AudiencesPage() {
  const t = useText();
  const say = useBilingual();
  const navigate = useNavigate();
  const paged = usePaged<Audience>("/audiences", {}, 50, 15_000);
  const columns: Column<Audience>[] = [
    {
      key: "name",
      title: t("col.name"),
      lead: true,
      render: (audience) => (
        <span className="col" style={{ gap: 0 }}>
          <span className="ellipsis strong" title={audience.name}>
            {audience.name}
          </span>
          <span className="ellipsis faint small" title={say(audience.reading)}>
            {audience.description || say(audience.reading)}
          </span>
        </span>
      ),
    },
    {
      key: "size",
      title: t("col.size"),
      end: true,
      width: 86,
      render: (audience) => <span className="strong">{formatCount(audience.size)}</span>,
    },
    { key: "changes", title: t("col.changes"), end: true, width: 120, render: (audience) => <Changes audience={audience} /> },
    {
      key: "live",
      title: t("col.live"),
      width: 104,
      render: (audience) => (
        <span className={audience.live ? "tag accent" : "tag"}>{t(`live.${audience.kind}`)}</span>
      ),
    },
    {
      key: "used",
      title: t("col.used"),
      width: 92,
      render: (audience) =>
        audience.used_by.length > 0 ? (
          t("used.count", { n: audience.used_by.length })
        ) : (
          <span className="faint">{t("used.none")}</span>
        ),
    },
    {
      key: "cost",
      title: t("col.cost"),
      end: true,
      width: 132,
      hideOnPhone: true,
      render: (audience) => (audience.kind === "list" ? "—" : `${formatDuration(audience.computed_ms ?? 0)} · ${formatPercent(audience.cost_share, 0)}`),
    },
    { key: "fresh", title: t("col.fresh"), end: true, width: 150, render: (audience) => <When at={audience.fresh_at} /> },
  ];
  const [uploading, setUploading] = useState(false);
  const [combining, setCombining] = useState(false);
  const upload = <ActButton onClick={() => setUploading(true)}>{t("list.new")}</ActButton>;
  const button = (
    <ActButton type="primary" icon={<PlusOutlined />} onClick={() => navigate("/audiences/new")}>
      {t("new")}
    </ActButton>
  );
  return (
    <Page title={t("title")} hint={t("hint")} actions={
        paged.items.length > 0 ? (
          <>
            <LinkButton to="/packages">{t("packages")}</LinkButton>
            <ActButton onClick={() => setCombining(true)}>{t("combine")}</ActButton>
            {upload}
            {button}
          </>
        ) : (
          upload
        )
      }
    >
      {combining && <Combine onClose={() => setCombining(false)} />}
      {uploading && <ListUpload onClose={() => setUploading(false)} onDone={(id) => navigate(`/audiences/${id}`)} />}
      <div className="panel">
        <ResourceTable
          paged={paged}
          columns={columns}
          rowKey={(audience) => audience.id}
          onRow={(audience) => navigate(`/audiences/${audience.id}`)}
          minWidth={960}
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

export function Changes({ audience }: { audience: Audience }) {
  const { entered_24h: entered, left_24h: left } = audience;
  if (!entered && !left) return <span className="faint">—</span>;
  return (
    <span className="num nowrap">
      <span className="up">+{formatCount(entered)}</span> <span className="down">−{formatCount(left)}</span>
    </span>
  );
}
