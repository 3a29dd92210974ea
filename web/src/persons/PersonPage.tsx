import { EyeOutlined } from "@ant-design/icons";
import { Tabs, Tooltip } from "antd";
import { lazy, Suspense, useState } from "react";
import { useParams, useSearchParams } from "react-router";
import { api } from "../shared/api";
import type { PersonDetail, Revealed } from "../shared/api-types";
import { useEventName } from "../shared/catalog";
import { ErrorState } from "../shared/ErrorState";
import { formatCount, formatMoney, useTime } from "../shared/formats";
import { useCommon } from "../shared/i18n/common";
import { Info, StageTag, When } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { Bones, Page } from "../shared/Page";
import { useChange, useGet } from "../shared/query";
import { AnnoyancePanel } from "./AnnoyancePanel";
import { AudiencesPanel, ConsentPanel, IdentifiersPanel, ReachPanel } from "./facts";
import { PersonTags } from "../tags/PersonTags";
import { PersonMessages } from "./PersonMessages";
import { PersonOrders } from "./PersonOrders";
import { Portrait } from "./Portrait";
import { SensitivePanel, StaffBadge, StaffButton, StagesPanel } from "./Standing";
import { Timeline } from "./Timeline";
import "./persons.css";
import { useText } from "./text";

const IdentityTab = lazy(() => import("../identity/IdentityTab"));

export default function PersonPage() {
  const t = useText();
  const common = useCommon();
  const { id = "" } = useParams();
  const [params, setParams] = useSearchParams();
  const [revealed, setRevealed] = useState<Revealed | null>(null);
  const { data, error, refetch } = useGet<PersonDetail>(`/persons/${id}`);
  const reveal = useChange(
    () => api.post<Revealed>(`/persons/${id}/reveal`, { fields: ["identifiers", "name", "traits"] }),
    { nouns: ["audit"], done: t("reveal.done"), onDone: setRevealed },
  );
  const back = { to: "/persons", label: t("title") };
  if (!data) {
    return (
      <Page title={t("title")} back={back}>
        {error ? <ErrorState error={error} retry={() => void refetch()} /> : <Bones lines={10} height={560} />}
      </Page>
    );
  }
  const name = revealed?.name ?? data.name ?? common("value.unnamed");
  return (
    <Page
      title={name}
      back={back}
      hint={<StageLine person={data} />}
      actions={
        <>
        <StaffButton person={data} />
        <Tooltip title={t("reveal.hint")}>
          <ActButton
            icon={<EyeOutlined />}
            loading={reveal.isPending}
            disabled={revealed !== null}
            onClick={() => reveal.mutate(undefined)}
          >
            {t("reveal")}
          </ActButton>
        </Tooltip>
        </>
      }
    >
      <KeyFigures person={data} />
      <div className="person-columns">
        <div className="stack">
          <Portrait person={data} revealed={revealed?.traits ?? {}} />
          <PersonTags person={id} />
          <SensitivePanel person={data} />
          <StagesPanel id={id} />
          <ReachPanel rows={data.reachable} />
          <IdentifiersPanel person={data} revealed={revealed?.identifiers ?? null} />
          <AudiencesPanel rows={data.audiences} />
          <ConsentPanel rows={data.consent} />
          <AnnoyancePanel id={data.id} />
        </div>
        <div className="panel person-story">
          <Tabs
            activeKey={params.get("tab") ?? "timeline"}
            onChange={(tab) => setParams(tab === "timeline" ? {} : { tab }, { replace: true })}
            items={[
              { key: "timeline", label: t("tab.timeline"), children: <Timeline id={id} /> },
              { key: "orders", label: `${t("tab.orders")} ${data.orders || ""}`, children: <PersonOrders id={id} /> },
              { key: "messages", label: t("tab.messages"), children: <PersonMessages id={id} /> },
              {
                key: "identity",
                label: t("tab.identity"),
                children: (
                  <Suspense fallback={<Bones lines={8} height={420} />}>
                    <IdentityTab id={id} />
                  </Suspense>
                ),
              },
            ]}
          />
        </div>
      </div>
    </Page>
  );
}

function StageLine({ person }: { person: PersonDetail }) {
  const t = useText();
  const time = useTime();
  const { stage, since, reason } = person.stage;
  const windows = reason.windows;
  return (
    <span className="row wrap">
      <StageTag stage={stage} />
      <StaffBadge staff={person.staff} />
      {since && <span>{t("stage.since", { at: time.day(since) })}</span>}
      <span className="faint">
        {reason.orders > 0
          ? t("stage.reason", { orders: reason.orders, last: time.day(reason.last_order_at) })
          : t("stage.reason.none")}
      </span>
      {windows && (
        <Info
          text={t("stage.windows", {
            new_days: windows.new_days ?? 30,
            silent_days: windows.silent_days ?? 90,
            churned_days: windows.churned_days ?? 180,
          })}
        />
      )}
    </span>
  );
}

function KeyFigures({ person }: { person: PersonDetail }) {
  const t = useText();
  const eventName = useEventName();
  const cells = [
    { label: t("stat.orders"), value: formatCount(person.orders) },
    { label: t("stat.revenue"), value: formatMoney(person.revenue_fen) },
    { label: t("stat.first"), value: <When at={person.first_order_at} to="day" /> },
    { label: t("stat.last"), value: <When at={person.last_order_at} to="day" /> },
    {
      label: t("stat.entered"),
      value: <When at={person.entered?.at} to="day" />,
      foot: person.entered?.via ? t("stat.via", { via: eventName(person.entered.via), source: person.entered.source }) : "",
    },
    { label: t("stat.created"), value: <When at={person.created_at} to="day" /> },
  ];
  return (
    <dl className="panel figures">
      {cells.map(({ label, value, foot }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd className="num">{value}</dd>
          {foot && <dd className="faint small">{foot}</dd>}
        </div>
      ))}
    </dl>
  );
}
