import { App, Input, QRCode } from "antd";
import { useState } from "react";
import { useParams } from "react-router";
import { api } from "../shared/api";
import type { Page as ApiPage } from "../shared/api-types";
import { ErrorState } from "../shared/ErrorState";
import { formatCount, formatPercent } from "../shared/formats";
import { useCommon } from "../shared/i18n/common";
import { Code } from "../shared/Marks";
import { ActButton, useMay } from "../shared/may";
import { Bones, Page, Panel } from "../shared/Page";
import { useChange, useGet } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { SchemaForm } from "../shared/SchemaForm";
import { Stat } from "../shared/Stat";
import { CodeState } from "./CodesPage";
import { faultsOf, type FieldFault } from "./InstallForm";
import { useText } from "./text";
import type { Available, ChannelCode, CodeStats, Install } from "./types";

/** One channel code: what to print, what it brought, what it does. */
export default function CodePage() {
  const { id = "" } = useParams();
  const t = useText();
  const { data, error, refetch } = useGet<ChannelCode>(`/codes/${id}`, { everyMs: 10_000 });
  const back = { to: "/codes", label: t("codes") };
  if (error && !data) {
    return (
      <Page title={t("codes")} back={back}>
        <ErrorState error={error} retry={() => void refetch()} />
      </Page>
    );
  }
  if (!data) {
    return (
      <Page title={t("codes")} back={back}>
        <Bones lines={8} height={480} />
      </Page>
    );
  }
  return (
    <Page title={data.name} hint={`${t(`code.${data.kind}`)} · ${data.install_name}`} back={back}>
      <div className="stack">
        <div className="stats">
          <Stat label={t("code.opened")} value={data.opened} formula={t("code.opened.formula")} />
          <Stat label={t("code.joined")} value={data.joined} formula={t("code.joined.formula")} />
          <Stat label={t("code.today")} value={data.joined_today} />
          <Stat label={t("code.lost")} value={data.lost} formula={t("code.lost.formula")} />
        </div>
        <Printed code={data} />
        {data.kind === "parcel" && <Parcels code={data} />}
        <Figures code={data} />
        <Settings code={data} />
      </div>
    </Page>
  );
}

function Printed({ code }: { code: ChannelCode }) {
  const t = useText();
  const common = useCommon();
  const { modal } = App.useApp();
  const remake = useChange(() => api.post(`/codes/${code.id}/remake`, {}), {
    nouns: ["codes", "audit"],
    done: t("code.remade"),
  });
  const ask = () =>
    modal.confirm({
      title: t("code.remake"),
      content: t("code.remake.confirm"),
      okText: t("code.remake"),
      cancelText: common("action.cancel"),
      onOk: () => remake.mutate(undefined),
    });
  return (
    <Panel title={t("code.print")} extra={<CodeState code={code} />}>
      <div className="row wrap start" style={{ gap: 20 }}>
        <QRCode value={code.url} size={168} />
        <div className="col grow" style={{ minWidth: "min(100%, 260px)" }}>
          <p className="dim">{t("code.print.hint")}</p>
          <Code text={code.url} wrap />
          <span className="row wrap">
            <ActButton loading={remake.isPending} onClick={ask}>
              {t("code.remake")}
            </ActButton>
            <span className="faint small">{t("code.state", { state: code.state })}</span>
          </span>
          {code.missing.length > 0 && (
            <p className="note bad">{t("code.missing.hint", { names: code.missing.filter(Boolean).join(", ") || code.name })}</p>
          )}
        </div>
      </div>
    </Panel>
  );
}

function Parcels({ code }: { code: ChannelCode }) {
  const t = useText();
  const { message } = App.useApp();
  const [text, setText] = useState("");
  const add = useChange(
    (orders: string[]) =>
      api.post<{ added: number; elsewhere: number; matched: number }>(`/codes/${code.id}/orders`, { orders }),
    {
      nouns: ["codes", "audit"],
      onDone: (done) => {
        message.success(t("parcel.added", done), 6);
        setText("");
      },
    },
  );
  const orders = text.split(/[\s,，;；]+/).filter(Boolean);
  return (
    <Panel title={t("parcel")}>
      <div className="stack">
        <dl className="facts">
          <dt>{t("parcel.orders")}</dt>
          <dd className="num">{formatCount(code.orders)}</dd>
          <dt>{t("parcel.matched")}</dt>
          <dd className="num">{formatCount(code.matched)}</dd>
          <dt>{t("code.match")}</dt>
          <dd className="num">{formatPercent(code.match_rate)}</dd>
          <dt>{t("parcel.gifts")}</dt>
          <dd className="num">{formatCount(code.gifts)}</dd>
        </dl>
        <Input.TextArea
          value={text}
          aria-label={t("parcel.paste")}
          placeholder={t("parcel.paste")}
          autoSize={{ minRows: 2, maxRows: 8 }}
          onChange={(event) => setText(event.target.value)}
        />
        <div>
          <ActButton disabled={orders.length === 0} loading={add.isPending} onClick={() => add.mutate(orders)}>
            {t("parcel.add", { n: orders.length })}
          </ActButton>
        </div>
      </div>
    </Panel>
  );
}

function Figures({ code }: { code: ChannelCode }) {
  const t = useText();
  const query = useGet<CodeStats>(`/codes/${code.id}/stats`, { everyMs: 30_000 });
  const rows = { isPending: query.isPending, error: query.error, refetch: () => void query.refetch() };
  const day: Column<CodeStats["days"][number]>[] = [
    { key: "day", title: t("code.day"), lead: true, render: (one) => one.day },
    { key: "opened", title: t("code.opened"), end: true, render: (one) => formatCount(one.opened) },
    { key: "joined", title: t("code.joined"), end: true, render: (one) => formatCount(one.joined) },
    { key: "lost", title: t("code.lost"), end: true, render: (one) => formatCount(one.lost) },
  ];
  const staff: Column<CodeStats["staff"][number]>[] = [
    { key: "staff", title: t("code.member"), lead: true, render: (one) => one.staff },
    { key: "opened", title: t("code.opened"), end: true, render: (one) => formatCount(one.opened) },
    { key: "joined", title: t("code.joined"), end: true, render: (one) => formatCount(one.joined) },
  ];
  return (
    <Panel title={t("code.figures")} flush>
      <ResourceTable
        columns={day}
        rows={{ ...rows, items: [...(query.data?.days ?? [])].reverse() }}
        rowKey={(one) => one.day}
        empty={<p className="dim" style={{ padding: 16 }}>{t("code.figures.none")}</p>}
      />
      {(query.data?.staff.length ?? 0) > 0 && (
        <ResourceTable columns={staff} rows={{ ...rows, items: query.data!.staff }} rowKey={(one) => one.staff} empty={null} />
      )}
    </Panel>
  );
}

function Settings({ code }: { code: ChannelCode }) {
  const t = useText();
  const may = useMay();
  const common = useCommon();
  const [faults, setFaults] = useState<FieldFault[]>([]);
  const kinds = useGet<ApiPage<Available>>("/connectors/available", { staleMs: 300_000 });
  const installs = useGet<ApiPage<Install>>("/connectors");
  const connector = installs.data?.items.find(({ id }) => id === code.install_id)?.connector;
  const schema = kinds.data?.items.find((one) => one.connector === connector)?.code_schema;
  const save = useChange(
    (change: { config: Record<string, unknown>; disabled: boolean }) =>
      api.put(`/codes/${code.id}`, { name: code.name, ...change }, { ifMatch: code.version }),
    {
      nouns: ["codes", "audit"],
      done: common("done.saved"),
      onDone: () => setFaults([]),
      onError: (error) => {
        const found = faultsOf(error, t("needed"));
        setFaults(found);
        return found.length > 0;
      },
    },
  );
  if (!schema) return <Bones lines={4} height={240} />;
  return (
    <Panel
      title={t("settings")}
      extra={
        <ActButton size="small" onClick={() => save.mutate({ config: code.config, disabled: !code.disabled })}>
          {code.disabled ? t("code.enable") : t("code.disable")}
        </ActButton>
      }
    >
      <SchemaForm
        key={code.version}
        schema={schema}
        value={code.config}
        errors={faults}
        busy={save.isPending}
        disabled={!may("operator")}
        onSubmit={(config) => save.mutate({ config, disabled: code.disabled })}
      />
    </Panel>
  );
}
