import { App, Tabs } from "antd";
import { useParams } from "react-router";
import { api } from "../shared/api";
import type { Snippet, Source } from "../shared/api-types";
import { ErrorState } from "../shared/ErrorState";
import { formatCount } from "../shared/formats";
import { useCommon } from "../shared/i18n/common";
import { Code, CopyButton, When } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { Bones, Page, Panel } from "../shared/Page";
import { useChange, useGet } from "../shared/query";
import { EventStream } from "./EventStream";
import { HealthMark } from "./SourceList";
import { useText } from "./text";

export default function SourcePage() {
  const t = useText();
  const { id = "" } = useParams();
  const { data, error, refetch } = useGet<Source>(`/sources/${id}`, { everyMs: 10_000 });
  const back = { to: "/sources", label: t("title") };
  if (!data) {
    return (
      <Page title={t("title")} back={back}>
        {error ? <ErrorState error={error} retry={() => void refetch()} /> : <Bones lines={8} height={480} />}
      </Page>
    );
  }
  return (
    <Page title={data.name} back={back} hint={<HealthMark source={data} />} actions={<Actions source={data} />}>
      <div className="columns">
        <Panel className="third" title={t("detail.key")}>
          <Facts source={data} />
        </Panel>
        <Panel className="two-thirds" title={t("detail.snippets")}>
          <Snippets id={id} />
        </Panel>
      </div>
      <Panel title={t("detail.events")} flush>
        <EventStream sourceId={id} everyMs={2000} limit={20} />
      </Panel>
    </Page>
  );
}

function Facts({ source }: { source: Source }) {
  const t = useText();
  return (
    <div className="stack">
      <div className="code">
        <pre className="wrap">{source.write_key}</pre>
      </div>
      <div>
        <CopyButton text={source.write_key} label={t("detail.copy")} size="middle" />
      </div>
      <p className="faint small">{t("detail.key.hint")}</p>
      <dl className="facts">
        <dt>{t("col.kind")}</dt>
        <dd>{t(`kind.${source.kind}`)}</dd>
        {source.category && (
          <>
            <dt>{t("create.category")}</dt>
            <dd>{source.category}</dd>
          </>
        )}
        <dt>{t("col.count")}</dt>
        <dd className="num">{formatCount(source.count_24h)}</dd>
        <dt>{t("col.errors")}</dt>
        <dd className={source.errors_24h > 0 ? "num up" : "num"}>{formatCount(source.errors_24h)}</dd>
        <dt>{t("col.last")}</dt>
        <dd>
          <When at={source.last_at} to="second" />
        </dd>
        <dt>{t("detail.created")}</dt>
        <dd>
          <When at={source.created_at} />
        </dd>
      </dl>
    </div>
  );
}

function Snippets({ id }: { id: string }) {
  const t = useText();
  const { data, error, refetch } = useGet<Snippet[] | { items: Snippet[] }>(`/sources/${id}/snippets`);
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <Bones lines={7} height={320} />;
  const snippets = Array.isArray(data) ? data : data.items;
  if (snippets.length === 0) return <p className="dim">{t("detail.snippets.none")}</p>;
  return (
    <>
      <p className="dim">{t("detail.snippets.hint")}</p>
      <Tabs
        items={snippets.map((snippet) => ({
          key: snippet.sdk,
          label: snippet.title,
          children: (
            <div className="stack">
              {snippet.install && (
                <div className="col">
                  <span className="faint small">{t("detail.install")}</span>
                  <Code text={snippet.install} />
                </div>
              )}
              <div className="col">
                <span className="faint small">{t("detail.code")}</span>
                <Code text={snippet.code} />
              </div>
            </div>
          ),
        }))}
      />
    </>
  );
}

function Actions({ source }: { source: Source }) {
  const t = useText();
  const common = useCommon();
  const { modal } = App.useApp();
  const rotate = useChange(() => api.post<Source>(`/sources/${source.id}/rotate-key`), {
    nouns: ["sources"],
    done: t("detail.rotate.done"),
  });
  const disable = useChange(() => api.remove(`/sources/${source.id}`), {
    nouns: ["sources", "overview"],
    done: t("detail.disable.done"),
  });
  const enable = useChange(
    () => api.patch<Source>(`/sources/${source.id}`, { disabled: false }, { ifMatch: source.version }),
    { nouns: ["sources", "overview"], done: t("detail.enable.done") },
  );
  const ask = (title: string, content: string, act: () => void) =>
    modal.confirm({ title, content, okText: title, cancelText: common("action.cancel"), onOk: act });
  return (
    <>
      <ActButton
        need="admin"
        onClick={() => ask(t("detail.rotate"), t("detail.rotate.confirm"), () => rotate.mutate(undefined))}
      >
        {t("detail.rotate")}
      </ActButton>
      {source.disabled ? (
        <ActButton need="admin" onClick={() => enable.mutate(undefined)}>
          {t("detail.enable")}
        </ActButton>
      ) : (
        <ActButton
          need="admin"
          onClick={() => ask(t("detail.disable"), t("detail.disable.confirm"), () => disable.mutate(undefined))}
        >
          {t("detail.disable")}
        </ActButton>
      )}
    </>
  );
}
