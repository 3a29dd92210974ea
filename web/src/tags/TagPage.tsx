import { App, Modal, Select, Input, Tabs } from "antd";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { AudienceSelect } from "../audiences/LeafEditor";
import { api } from "../shared/api";
import { TrendChart } from "../shared/charts/TrendChart";
import { EmptyState } from "../shared/EmptyState";
import { ErrorState } from "../shared/ErrorState";
import { formatCount, formatDuration, formatPercent } from "../shared/formats";
import { useCommon } from "../shared/i18n/common";
import { JsonView, PersonLink, StageTag, When } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { Bones, Page, Panel } from "../shared/Page";
import { useChange, useGet, usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { SchemaForm } from "../shared/SchemaForm";
import { Stat } from "../shared/Stat";
import { Uses } from "../shared/Uses";
import { Counts } from "./Counts";
import { ImportFile } from "./ImportFile";
import "./tags.css";
import { Freshness, useKindName } from "./TagsPage";
import { useText } from "./text";
import type { DayCount, Kind, Run, Tag, Valued, Values } from "./types";
import { useValueText } from "./Value";
import { WIDGETS } from "./widgets";

export default function TagPage() {
  const t = useText();
  const { id = "" } = useParams();
  const kindName = useKindName();
  const { data, error, refetch } = useGet<Tag>(`/tags/${id}`, { everyMs: 5_000 });
  const back = { to: "/tags", label: t("title") };
  if (!data) {
    return (
      <Page title={t("title")} back={back}>
        {error ? <ErrorState error={error} retry={() => void refetch()} /> : <Bones lines={8} height={480} />}
      </Page>
    );
  }
  return (
    <Page title={data.name} back={back} hint={data.description} actions={<Actions tag={data} />}>
      <div className="stats">
        <Stat label={t("col.coverage")} value={data.persons} foot={formatPercent(data.coverage, 1)} />
        <div className="panel stat">
          <span className="label">{t("col.kind")}</span>
          <span className="strong">{kindName(data.kind)}</span>
        </div>
        <div className="panel stat">
          <span className="label">{t("col.fresh")}</span>
          <Freshness tag={data} />
          {data.next_at && !data.waiting && (
            <span className="faint small">
              {t("next")} <When at={data.next_at} />
            </span>
          )}
        </div>
        <div className="panel stat">
          <span className="label">{t("col.used")}</span>
          <Uses items={data.used_by} none={t("used.none")} />
        </div>
      </div>
      {data.last_run?.fault && <p className="up" role="alert">{data.last_run.fault}</p>}
      <div className="panel">
        <Tabs
          style={{ padding: "4px 18px 8px" }}
          items={[
            { key: "values", label: t("tab.values"), children: <ValuesTab tag={data} /> },
            { key: "history", label: t("tab.history"), children: <History tag={data} /> },
            { key: "runs", label: t("tab.runs"), children: <Runs id={id} /> },
            { key: "rule", label: t("tab.definition"), children: <Definition tag={data} /> },
          ]}
        />
      </div>
    </Page>
  );
}

function ValuesTab({ tag }: { tag: Tag }) {
  const t = useText();
  const text = useValueText();
  const [picked, setPicked] = useState<string | null>(null);
  const { data, error, refetch } = useGet<Values>(`/tags/${tag.id}/values`, { everyMs: 10_000 });
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <Bones lines={6} height={260} />;
  return (
    <div className="tag-values">
      <div className="stack">
        <p className="faint small">{t("values.hint")}</p>
        <Counts values={data.values} levels={data.levels} unit={tag.unit} picked={picked} onPick={(value) => setPicked(picked === value ? null : value)} />
      </div>
      <div className="stack">
        <p className="strong">{picked ? t("persons.with", { value: text(picked, tag.unit, tag.labels) }) : t("persons")}</p>
        <Persons tag={tag} value={picked} />
      </div>
    </div>
  );
}

function Persons({ tag, value }: { tag: Tag; value: string | null }) {
  const t = useText();
  const text = useValueText();
  const navigate = useNavigate();
  const paged = usePaged<Valued>(`/tags/${tag.id}/persons`, value ? { value } : {}, 20);
  const columns: Column<Valued>[] = [
    { key: "person", title: t("persons.name"), lead: true, render: ({ person }) => <PersonLink id={person.id} name={person.name} /> },
    {
      key: "value",
      title: t("persons.value"),
      width: 190,
      render: ({ values }) => <span className="ellipsis">{values.map((one) => text(one, tag.unit, tag.labels)).join("、")}</span>,
    },
    { key: "stage", title: t("persons.stage"), width: 100, render: ({ person }) => <StageTag stage={person.stage} /> },
  ];
  return (
    <ResourceTable
      paged={paged}
      columns={columns}
      rowKey={({ person }) => person.id}
      onRow={({ person }) => navigate(`/persons/${person.id}`)}
      minWidth={420}
      empty={<EmptyState title={t("persons.none")}>{t(tag.given ? "persons.none.given" : "persons.none.hint")}</EmptyState>}
    />
  );
}

function History({ tag }: { tag: Tag }) {
  const t = useText();
  const text = useValueText();
  const [value, setValue] = useState("");
  const { data, error, refetch } = useGet<DayCount[]>(`/tags/${tag.id}/days`);
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <Bones lines={6} height={260} />;
  const values = [...new Set(data.map((one) => one.value))];
  const points = data.filter((one) => one.value === value).map(({ day, persons }) => ({ date: day, value: persons }));
  if (points.length === 0) return <EmptyState title={t("history.none")} />;
  return (
    <div className="stack" style={{ paddingBottom: 12 }}>
      <Select
        value={value}
        onChange={setValue}
        style={{ minWidth: 180, alignSelf: "flex-start" }}
        aria-label={t("history.value")}
        options={values.map((one) => ({ value: one, label: one ? text(one, tag.unit, tag.labels) : t("history.any") }))}
      />
      <TrendChart points={points} height={260} label={t("tab.history")} format={formatCount} bars={points.length < 3} />
    </div>
  );
}

function Runs({ id }: { id: string }) {
  const t = useText();
  const { data, error, refetch } = useGet<Run[]>(`/tags/${id}/runs`, { everyMs: 10_000 });
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <Bones lines={4} />;
  if (data.length === 0) return <EmptyState title={t("runs.none")} />;
  return (
    <div className="scroll-x">
      <table className="insight-table">
        <thead>
          <tr>
            <th>{t("runs.at")}</th>
            <th>{t("runs.took")}</th>
            <th>{t("runs.persons")}</th>
            <th>{t("runs.changed")}</th>
            <th>{t("runs.state")}</th>
          </tr>
        </thead>
        <tbody>
          {data.map((run, place) => (
            <tr key={run.as_of + String(place)}>
              <td>
                <When at={run.as_of} to="second" />
              </td>
              <td>{formatDuration(run.took_ms)}</td>
              <td>{formatCount(run.persons)}</td>
              <td>{formatCount(run.changed)}</td>
              <td>{run.fault ? <span className="up">{run.fault}</span> : t("runs.ok")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The form it was made with, to read; the config as JSON for those who write programs. */
function Definition({ tag }: { tag: Tag }) {
  const t = useText();
  const form = useGet<Kind[]>("/tags/kinds", { staleMs: 300_000 }).data?.find(({ name }) => name === tag.kind)?.form;
  return (
    <Panel title={t("tab.definition")}>
      {tag.uses.length > 0 && (
        <div className="row wrap">
          <span className="faint">{t("uses")}</span>
          <Uses items={tag.uses} inline />
        </div>
      )}
      <p className="small">
        {t("empty")}：{t(`empty.${tag.empty}`)}
      </p>
      {tag.kind === "sql" ? (
        <pre className="mono tag-sql">{String(tag.config.sql)}</pre>
      ) : (
        <>
          {form && <SchemaForm schema={form} value={tag.config} widgets={WIDGETS} disabled live />}
          <details>
            <summary className="faint small">JSON</summary>
            <JsonView value={tag.config} />
          </details>
        </>
      )}
    </Panel>
  );
}

function Actions({ tag }: { tag: Tag }) {
  const t = useText();
  const common = useCommon();
  const navigate = useNavigate();
  const { modal } = App.useApp();
  const [open, setOpen] = useState<"batch" | "file" | null>(null);
  const remove = useChange(() => api.remove(`/tags/${tag.id}`), {
    nouns: ["tags"],
    done: common("done.deleted"),
    onDone: () => navigate("/tags"),
  });
  const refresh = useChange(() => api.post<Tag>(`/tags/${tag.id}/refresh`), { nouns: ["tags"], done: t("refresh.done") });
  const ask = () =>
    modal.confirm({
      title: t("delete.title", { name: tag.name }),
      content: t("delete.hint"),
      okText: t("delete"),
      okButtonProps: { danger: true },
      cancelText: common("action.cancel"),
      onOk: () => remove.mutateAsync(undefined).catch(() => undefined),
    });
  return (
    <>
      <ActButton danger onClick={ask}>
        {t("delete")}
      </ActButton>
      {tag.given ? (
        <>
          <ActButton onClick={() => setOpen("batch")}>{t("give.many")}</ActButton>
          <ActButton onClick={() => setOpen("file")}>{t("import")}</ActButton>
        </>
      ) : (
        <ActButton loading={refresh.isPending} onClick={() => refresh.mutate(undefined)}>
          {t("refresh")}
        </ActButton>
      )}
      <ActButton type="primary" onClick={() => navigate(`/tags/${tag.id}/edit`)}>
        {common("action.edit")}
      </ActButton>
      {open === "batch" && <GiveMany tag={tag} onClose={() => setOpen(null)} />}
      {open === "file" && <ImportFile tag={tag} onClose={() => setOpen(null)} />}
    </>
  );
}

export function ValuePick({ tag, value, onChange }: { tag: { config: Record<string, unknown> }; value: string; onChange: (value: string) => void }) {
  const t = useText();
  const offered = (tag.config.values as string[] | undefined) ?? [];
  if (offered.length === 0) {
    return <Input value={value} maxLength={100} onChange={({ target }) => onChange(target.value)} placeholder={t("give.value")} aria-label={t("give.value")} />;
  }
  return (
    <Select
      value={value || null}
      onChange={(next: string | null) => onChange(next ?? "")}
      options={offered.map((one) => ({ value: one, label: one }))}
      placeholder={t("give.value")}
      aria-label={t("give.value")}
      style={{ minWidth: 180 }}
    />
  );
}

function GiveMany({ tag, onClose }: { tag: Tag; onClose: () => void }) {
  const t = useText();
  const common = useCommon();
  const { message } = App.useApp();
  const [audience, setAudience] = useState("");
  const [value, setValue] = useState("");
  const give = useChange(() => api.post<{ persons: number }>(`/tags/${tag.id}/persons`, { audience, value }), {
    nouns: ["tags", "persons"],
    onDone: ({ persons }) => {
      message.success(t("give.done", { n: formatCount(persons) }));
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t("give.many")}
      onCancel={onClose}
      onOk={() => give.mutate(undefined)}
      okText={t("give")}
      cancelText={common("action.cancel")}
      okButtonProps={{ disabled: !audience || !value.trim(), loading: give.isPending }}
    >
      <div className="stack">
        <p className="faint small">{t("give.many.hint")}</p>
        <AudienceSelect value={audience} onChange={setAudience} />
        <ValuePick tag={tag} value={value} onChange={setValue} />
      </div>
    </Modal>
  );
}
