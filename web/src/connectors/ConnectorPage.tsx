import { App, Button } from "antd";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { api } from "../shared/api";
import type { Page as ApiPage } from "../shared/api-types";
import { ErrorState } from "../shared/ErrorState";
import { formatCount } from "../shared/formats";
import { useCommon } from "../shared/i18n/common";
import { lookup, useBilingual } from "../shared/i18n/i18n";
import { Code, When } from "../shared/Marks";
import { ActButton, useMay } from "../shared/may";
import { Bones, Page, Panel } from "../shared/Page";
import { useChange, useGet } from "../shared/query";
import { SchemaForm } from "../shared/SchemaForm";
import { Acts } from "./Acts";
import { InstallStatus } from "./ConnectorList";
import { faultsOf, type FieldFault } from "./InstallForm";
import { Journal } from "./Journal";
import { Pulls } from "./Pulls";
import { useText } from "./text";
import { WIDGETS } from "./widgets";
import type { Available, Install } from "./types";

/** One connector: how it does, where vendors call, its lists, its settings. */
export default function ConnectorPage() {
  const { id = "" } = useParams();
  const t = useText();
  const say = useBilingual();
  const { data, error, refetch } = useGet<Install>(`/connectors/${id}`, { everyMs: 4_000 });
  const kinds = useGet<ApiPage<Available>>("/connectors/available", { staleMs: 300_000 });
  const back = { to: "/connectors", label: t("title") };
  if (error && !data) {
    return (
      <Page title={t("title")} back={back}>
        <ErrorState error={error} retry={() => void refetch()} />
      </Page>
    );
  }
  const kind = kinds.data?.items.find(({ connector }) => connector === data?.connector);
  if (!data || !kind) {
    return (
      <Page title={t("title")} back={back}>
        <Bones lines={8} height={480} />
      </Page>
    );
  }
  return (
    <Page
      title={data.name}
      hint={`${say(data.label)} · ${t(`grade.${data.grade}.hint`)}`}
      back={back}
      actions={<Actions install={data} tests={kind.tests} />}
    >
      <div className="stack">
        <Standing install={data} />
        <Doors install={data} />
        {data.pulls.length > 0 && <Pulls install={data} />}
        <Acts install={data} />
        <Journal install={data} />
        <Settings install={data} kind={kind} />
      </div>
    </Page>
  );
}

function Standing({ install }: { install: Install }) {
  const t = useText();
  const trouble = install.aside + install.tasks_failed;
  return (
    <Panel title={t("standing")} extra={<InstallStatus status={install.status} />}>
      <div className="stack">
        {install.last_error && (
          <p className={install.status === "failing" ? "note bad" : "note"} role="status">
            <When at={install.last_error_at} /> · {install.last_error}
          </p>
        )}
        <dl className="facts">
          <dt>{t("count")}</dt>
          <dd className="num">
            <Link to={`/sources/${install.source_id}`}>{formatCount(install.count_24h)}</Link>
          </dd>
          <dt>{t("last")}</dt>
          <dd>
            <When at={install.last_event_at} to="second" />
          </dd>
          <dt>{t("last_ok")}</dt>
          <dd>
            <When at={install.last_ok_at} to="second" />
          </dd>
          <dt>{t("tasks")}</dt>
          <dd className="num">{formatCount(install.tasks_waiting)}</dd>
          <dt>{t("trouble")}</dt>
          <dd className={trouble ? "num up" : "num"}>{formatCount(trouble)}</dd>
          {Object.entries(install.links).map(([name, number]) => [
            <dt key={name}>{lookup(t, "kind", name)}</dt>,
            <dd key={`${name} number`} className="num">
              {formatCount(number)}
            </dd>,
          ])}
        </dl>
      </div>
    </Panel>
  );
}

function Doors({ install }: { install: Install }) {
  const t = useText();
  const may = useMay();
  const { modal } = App.useApp();
  const renew = useChange(() => api.post(`/connectors/${install.id}/address`), { nouns: ["connectors"], done: t("renewed") });
  if (install.doors.length === 0) return null;
  const ask = () =>
    modal.confirm({ title: t("renew"), content: t("renew.confirm"), okText: t("renew"), onOk: () => renew.mutate(undefined) });
  return (
    <Panel
      title={t("doors")}
      extra={
        may("admin") && (
          <Button size="small" danger onClick={ask}>
            {t("renew")}
          </Button>
        )
      }
    >
      <div className="stack">
        <p className="dim">{t("doors.hint")}</p>
        {install.doors.map(({ door, url }) => (
          <div key={door} className="col" style={{ gap: 4 }}>
            <span className="faint small">{door ? lookup(t, "entity", door) : t("door.main")}</span>
            {url ? <Code text={url} wrap /> : <span className="dim">{t("doors.hidden")}</span>}
          </div>
        ))}
      </div>
    </Panel>
  );
}

function Settings({ install, kind }: { install: Install; kind: Available }) {
  const t = useText();
  const may = useMay();
  const common = useCommon();
  const [faults, setFaults] = useState<FieldFault[]>([]);
  const save = useChange(
    (config: Record<string, unknown>) =>
      api.patch<Install>(`/connectors/${install.id}`, { config }, { ifMatch: install.version }),
    {
      nouns: ["connectors", "audit"],
      done: common("done.saved"),
      onDone: () => setFaults([]),
      onError: (error) => {
        const found = faultsOf(error, t("needed"));
        setFaults(found);
        return found.length > 0;
      },
    },
  );
  return (
    <Panel title={t("settings")}>
      <SchemaForm
        key={install.version}
        schema={kind.config_schema}
        value={install.config}
        errors={faults}
        widgets={WIDGETS}
        busy={save.isPending}
        disabled={!may("admin")}
        onSubmit={(config) => save.mutate(config)}
      />
    </Panel>
  );
}

function Actions({ install, tests }: { install: Install; tests: boolean }) {
  const t = useText();
  const common = useCommon();
  const navigate = useNavigate();
  const { message, modal } = App.useApp();
  const path = `/connectors/${install.id}`;
  const test = useChange(() => api.post<{ ok: boolean; text: string }>(`${path}/test`), {
    nouns: ["connectors"],
    onDone: ({ ok, text }) => message[ok ? "success" : "error"](`${ok ? t("test.ok") : t("test.bad")} · ${text}`, 8),
  });
  const pause = useChange((paused: boolean) => api.patch(path, { paused }, { ifMatch: install.version }), {
    nouns: ["connectors", "audit"],
    done: common("done.saved"),
  });
  const remove = useChange(() => api.remove(path), {
    nouns: ["connectors", "sources", "audit"],
    done: common("done.deleted"),
    onDone: () => navigate("/connectors"),
  });
  const ask = () =>
    modal.confirm({
      title: t("remove"),
      content: t("remove.confirm"),
      okText: t("remove"),
      okButtonProps: { danger: true },
      cancelText: common("action.cancel"),
      onOk: () => remove.mutate(undefined),
    });
  return (
    <>
      {tests && (
        <ActButton loading={test.isPending} onClick={() => test.mutate(undefined)}>
          {t("test")}
        </ActButton>
      )}
      <ActButton need="admin" loading={pause.isPending} onClick={() => pause.mutate(!install.paused)}>
        {install.paused ? t("resume") : t("pause")}
      </ActButton>
      <ActButton need="admin" danger onClick={ask}>
        {t("remove")}
      </ActButton>
    </>
  );
}
