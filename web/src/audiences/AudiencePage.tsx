import { App, Input, Tabs } from "antd";
import { useNavigate, useParams } from "react-router";
import { useRef, useState } from "react";
import { personColumns } from "../persons/columns";
import { useText as usePersonText } from "../persons/text";
import { api } from "../shared/api";
import type { Audience, AudienceChange, PersonItem } from "../shared/api-types";
import { EmptyState } from "../shared/EmptyState";
import { ErrorState } from "../shared/ErrorState";
import { formatCount, formatDuration, formatPercent } from "../shared/formats";
import { useCommon } from "../shared/i18n/common";
import { useBilingual } from "../shared/i18n/i18n";
import { JsonView, PersonLink, When } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { Bones, Page, Panel } from "../shared/Page";
import { useChange, useGet, usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { Stat } from "../shared/Stat";
import { Uses } from "../shared/Uses";
import { PackageTable } from "../packages/PackageTable";
import { GraphTab } from "./GraphTab";
import { InsightTab } from "./InsightTab";
import { ListUpload } from "./ListUpload";
import { SizesTab } from "./SizesTab";
import { useText } from "./text";

export default function AudiencePage() {
  const t = useText();
  const { id = "" } = useParams();
  const { data, error, refetch } = useGet<Audience>(`/audiences/${id}`, { everyMs: 10_000 });
  const back = { to: "/audiences", label: t("title") };
  if (!data) {
    return (
      <Page title={t("title")} back={back}>
        {error ? <ErrorState error={error} retry={() => void refetch()} /> : <Bones lines={8} height={480} />}
      </Page>
    );
  }
  return (
    <Page title={data.name} back={back} hint={data.description} actions={<Actions audience={data} />}>
      <div className="stats">
        <Stat label={t("detail.size")} value={data.size ?? 0} foot={<Freshness audience={data} />} />
        <Stat label={t("detail.entered")} value={data.entered_24h} foot=" " />
        <Stat label={t("detail.left")} value={data.left_24h} foot=" " />
        <div className="panel stat">
          <span className="label">{t("detail.used")}</span>
          <Uses items={data.used_by} none={t("detail.used.none")} />
        </div>
      </div>
      <RulePanel audience={data} />
      <div className="panel">
        <Tabs
          style={{ padding: "4px 18px 8px" }}
          items={[
            { key: "persons", label: t("detail.persons"), children: <Members id={id} /> },
            { key: "changes", label: t("detail.changes"), children: <ChangeList id={id} /> },
            { key: "insight", label: t("detail.insight"), children: <InsightTab audience={data} /> },
            { key: "graph", label: t("detail.graph"), children: <GraphTab id={id} /> },
            { key: "packages", label: t("packages"), children: <PackageTable audience={data} /> },
            { key: "sizes", label: t("detail.sizes"), children: <SizesTab id={id} /> },
          ]}
        />
      </div>
    </Page>
  );
}

function Freshness({ audience }: { audience: Audience }) {
  const t = useText();
  return (
    <span>
      {t("detail.fresh")} <When at={audience.fresh_at} to="second" />
      {audience.computed_ms !== null && audience.kind !== "list" && <> · {t("detail.computed", { took: formatDuration(audience.computed_ms) })}</>}
      {audience.cost_share > 0 && <> · {t("detail.share", { share: formatPercent(audience.cost_share, 1) })}</>}
      {audience.rows_read > 0 && <> · {t("detail.rows", { rows: formatCount(audience.rows_read) })}</>}
      {audience.next_at && (
        <>
          {" "}
          · {t("detail.next")} <When at={audience.next_at} />
        </>
      )}
    </span>
  );
}

function RulePanel({ audience }: { audience: Audience }) {
  const t = useText();
  const say = useBilingual();
  return (
    <Panel title={t("detail.rule")}>
      <p style={{ whiteSpace: "pre-line" }}>
        <span className={audience.live ? "tag accent" : "tag"}>{t(`live.${audience.kind}`)}</span> {say(audience.reading)}
      </p>
      {audience.uses.length > 0 && (
        <div className="row wrap small" style={{ marginTop: 8 }}>
          <span className="faint">{t("detail.uses")}</span>
          <Uses items={audience.uses} inline />
        </div>
      )}
      <details style={{ marginTop: 10 }}>
        <summary className="faint small" style={{ cursor: "pointer" }}>
          {t("filter.json")}
        </summary>
        <div style={{ marginTop: 8 }}>
          <JsonView value={audience.rule} />
        </div>
      </details>
    </Panel>
  );
}

function Members({ id }: { id: string }) {
  const t = useText();
  const personText = usePersonText();
  const navigate = useNavigate();
  const paged = usePaged<PersonItem>(`/audiences/${id}/persons`, {});
  return (
    <ResourceTable
      paged={paged}
      columns={personColumns(personText)}
      rowKey={(person) => person.id}
      onRow={(person) => navigate(`/persons/${person.id}`)}
      minWidth={920}
      empty={<EmptyState title={t("detail.persons.empty")}>{t("detail.persons.empty.hint")}</EmptyState>}
    />
  );
}

function ChangeList({ id }: { id: string }) {
  const t = useText();
  const paged = usePaged<AudienceChange>(`/audiences/${id}/changes`, {});
  const columns: Column<AudienceChange>[] = [
    {
      key: "person",
      title: t("change.person"),
      lead: true,
      render: (change) => <PersonLink id={change.person} name={change.name} />,
    },
    {
      key: "what",
      title: t("change.what"),
      width: 140,
      render: (change) => <span className={change.change === "entered" ? "tag accent" : "tag"}>{t(`change.${change.change}`)}</span>,
    },
    { key: "at", title: t("change.at"), end: true, width: 190, render: (change) => <When at={change.at} to="second" /> },
  ];
  return (
    <ResourceTable
      paged={paged}
      columns={columns}
      rowKey={(change) => `${change.person}${change.at}${change.change}`}
      minWidth={480}
      empty={<EmptyState title={t("change.empty")} />}
    />
  );
}

function Actions({ audience }: { audience: Audience }) {
  const t = useText();
  const common = useCommon();
  const navigate = useNavigate();
  const { modal } = App.useApp();
  const typed = useRef("");
  const [uploading, setUploading] = useState(false);
  const remove = useChange(() => api.remove(`/audiences/${audience.id}`), {
    nouns: ["audiences"],
    done: common("done.deleted"),
    onDone: () => navigate("/audiences"),
  });
  const ask = () => {
    typed.current = "";
    modal.confirm({
      title: `${t("detail.delete")} · ${formatCount(audience.size)}`,
      content: (
        <div className="col">
          <p>{t("detail.delete.confirm")}</p>
          <p className="strong">{audience.name}</p>
          <Input onChange={(event) => (typed.current = event.target.value)} aria-label={t("form.name")} />
        </div>
      ),
      okText: t("detail.delete"),
      okButtonProps: { danger: true },
      cancelText: common("action.cancel"),
      onOk: () =>
        typed.current.trim() === audience.name.trim() ? remove.mutateAsync(undefined) : Promise.reject(new Error("name")),
    });
  };
  const refresh = useChange(() => api.post<Audience>(`/audiences/${audience.id}/refresh`), {
    nouns: ["audiences"],
    done: t("detail.refresh.done"),
  });
  return (
    <>
      {audience.kind === "scheduled" && (
        <ActButton loading={refresh.isPending} onClick={() => refresh.mutate(undefined)}>
          {t("detail.refresh")}
        </ActButton>
      )}
      <ActButton danger onClick={ask}>
        {t("detail.delete")}
      </ActButton>
      {audience.kind === "list" ? (
        <ActButton type="primary" onClick={() => setUploading(true)}>
          {t("list.replace")}
        </ActButton>
      ) : (
        <ActButton type="primary" onClick={() => navigate(`/audiences/${audience.id}/edit`)}>
          {common("action.edit")}
        </ActButton>
      )}
      {uploading && <ListUpload audience={audience} onClose={() => setUploading(false)} onDone={() => setUploading(false)} />}
    </>
  );
}
