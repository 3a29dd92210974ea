import { PlusOutlined } from "@ant-design/icons";
import { useNavigate } from "react-router";
import { EmptyState } from "../shared/EmptyState";
import { formatCount, formatPercent } from "../shared/formats";
import { useBilingual } from "../shared/i18n/i18n";
import { When } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { Page } from "../shared/Page";
import { useGet, usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import "./tags.css";
import { useText } from "./text";
import type { Kind, Tag } from "./types";

export default function TagsPage() {
  const t = useText();
  const navigate = useNavigate();
  const paged = usePaged<Tag>("/tags", {}, 50, 10_000);
  const kindName = useKindName();
  const columns: Column<Tag>[] = [
    {
      key: "name",
      title: t("col.name"),
      lead: true,
      render: (tag) => (
        <span className="col" style={{ gap: 0 }}>
          <span className="ellipsis strong" title={tag.name}>
            {tag.name}
          </span>
          <span className="ellipsis faint small">{tag.description}</span>
        </span>
      ),
    },
    { key: "kind", title: t("col.kind"), width: 130, render: (tag) => <span className="tag">{kindName(tag.kind)}</span> },
    {
      key: "coverage",
      title: t("col.coverage"),
      end: true,
      width: 170,
      render: (tag) => (
        <span className="num">
          <span className="strong">{formatCount(tag.persons)}</span> <span className="faint">{formatPercent(tag.coverage, 1)}</span>
        </span>
      ),
    },
    { key: "fresh", title: t("col.fresh"), width: 210, render: (tag) => <Freshness tag={tag} /> },
    {
      key: "used",
      title: t("col.used"),
      width: 120,
      render: (tag) =>
        tag.used_by.length > 0 ? t("used.count", { n: tag.used_by.length }) : <span className="faint">{t("used.none")}</span>,
    },
  ];
  const button = (
    <ActButton type="primary" icon={<PlusOutlined />} onClick={() => navigate("/tags/new")}>
      {t("new")}
    </ActButton>
  );
  return (
    <Page title={t("title")} hint={t("hint")} actions={paged.items.length > 0 ? button : undefined}>
      <div className="panel">
        <ResourceTable
          paged={paged}
          columns={columns}
          rowKey={(tag) => tag.id}
          onRow={(tag) => navigate(`/tags/${tag.id}`)}
          minWidth={860}
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

export function useKindName(): (kind: string) => string {
  const say = useBilingual();
  const { data } = useGet<Kind[]>("/tags/kinds", { staleMs: 300_000 });
  return (kind) => say(data?.find(({ name }) => name === kind)?.label) || kind;
}

export function Freshness({ tag }: { tag: Tag }) {
  const t = useText();
  if (tag.waiting) return <span className="tag accent">{t("fresh.waiting")}</span>;
  if (tag.last_run?.fault) return <span className="tag danger" title={tag.last_run.fault}>{t("fresh.failed")}</span>;
  return (
    <span className="row wrap">
      {tag.live && <span className="tag accent">{t("live")}</span>}
      {tag.fresh_at ? <When at={tag.fresh_at} /> : <span className="faint">{t("fresh.never")}</span>}
    </span>
  );
}
