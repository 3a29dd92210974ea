/** One campaign: plan, estimate and fit, progress, who and why, review. */
import { Popconfirm, Tabs, Tooltip } from "antd";
import { useParams, useSearchParams } from "react-router";
import { api } from "../shared/api";
import type { Campaign } from "../shared/campaign-types";
import { ErrorState } from "../shared/ErrorState";
import { formatCount } from "../shared/formats";
import { When } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { Bones, Page, Panel } from "../shared/Page";
import { useChange, useGet } from "../shared/query";
import { TryIt } from "../templates/TryIt";
import { CampaignState } from "./CampaignState";
import { EstimatePanel } from "./EstimatePanel";
import { Members } from "./Members";
import { PlanForm } from "./PlanForm";
import { ReviewPanel } from "./Review";
import { useText } from "./text";

export default function CampaignPage() {
  const t = useText();
  const { id = "new" } = useParams();
  const [params, setParams] = useSearchParams();
  const fresh = id === "new";
  const { data, error, refetch } = useGet<Campaign>(`/campaigns/${id}`, { enabled: !fresh, everyMs: 5_000 });
  const back = { to: "/campaigns", label: t("title") };
  if (!fresh && !data) {
    return (
      <Page title={t("title")} back={back}>
        {error ? <ErrorState error={error} retry={() => void refetch()} /> : <Bones lines={10} height={520} />}
      </Page>
    );
  }
  if (!data || data.state === "draft") return <Draft campaign={data ?? null} />;
  return (
    <Page title={data.name} back={back} hint={<StateLine campaign={data} />} actions={<Acts campaign={data} />}>
      <Progress campaign={data} />
      <div className="panel" style={{ padding: "0 18px 18px" }}>
        <Tabs
          activeKey={params.get("tab") ?? "review"}
          onChange={(tab) => setParams(tab === "review" ? {} : { tab }, { replace: true })}
          items={[
            { key: "review", label: t("review"), children: <ReviewPanel id={data.id} /> },
            { key: "members", label: t("members"), children: <Members id={data.id} /> },
            { key: "estimate", label: t("estimate"), children: <EstimatePanel campaign={data} /> },
          ]}
        />
      </div>
    </Page>
  );
}

function Draft({ campaign }: { campaign: Campaign | null }) {
  const t = useText();
  return (
    <Page
      title={campaign?.name ?? t("new")}
      back={{ to: "/campaigns", label: t("title") }}
      hint={campaign ? <StateLine campaign={campaign} /> : undefined}
      actions={campaign && <Acts campaign={campaign} />}
    >
      <div className="columns">
        <div className="half">
          <PlanForm key={campaign ? `${campaign.id}${campaign.version}` : "new"} campaign={campaign} />
        </div>
        <div className="half stack">
          <Panel title={t("estimate")}>
            {campaign ? <EstimatePanel campaign={campaign} /> : <p className="faint">{t("estimate.none")}</p>}
          </Panel>
          {campaign && <TryIt id={campaign.id} path={`/campaigns/${campaign.id}/test`} />}
        </div>
      </div>
    </Page>
  );
}

function StateLine({ campaign }: { campaign: Campaign }) {
  return (
    <span className="row wrap">
      <CampaignState state={campaign.state} />
      <span>{campaign.audience_name}</span>
      <When at={campaign.started_at ?? campaign.starts_at} />
    </span>
  );
}

function Acts({ campaign }: { campaign: Campaign }) {
  const t = useText();
  const act = useChange((what: string) => api.post<Campaign>(`/campaigns/${campaign.id}/${what}`), {
    nouns: ["campaigns", "reviews"],
  });
  const { state, estimate } = campaign;
  if (state === "draft") {
    const button = (
      <ActButton type="primary" disabled={!estimate} loading={act.isPending}>
        {t(campaign.plan.starts_at ? "start.later" : "start")}
      </ActButton>
    );
    if (!estimate) return <Tooltip title={t("start.first")}>{button}</Tooltip>;
    return (
      <Popconfirm title={t("start.sure", { n: formatCount(estimate.reach) })} onConfirm={() => act.mutate("start")}>
        {button}
      </Popconfirm>
    );
  }
  if (state === "scheduled" || state === "sending") {
    return (
      <ActButton danger loading={act.isPending} onClick={() => act.mutate("stop")}>
        {t("stop")}
      </ActButton>
    );
  }
  if (state !== "stopped") return null;
  return (
    <ActButton type="primary" loading={act.isPending} onClick={() => act.mutate("resume")}>
      {t("resume")}
    </ActButton>
  );
}

function Progress({ campaign: { progress } }: { campaign: Campaign }) {
  const t = useText();
  const settled = progress.asked + progress.refused + progress.held;
  return (
    <Panel>
      <dl className="figures-strip" style={{ padding: 0 }}>
        {(["audience", "asked", "waiting", "refused", "held"] as const).map((key) => (
          <div key={key}>
            <dt>{t(`progress.${key}`)}</dt>
            <dd className="num">{formatCount(progress[key])}</dd>
          </div>
        ))}
      </dl>
      <div className="meter" role="progressbar" aria-label={t("progress")} aria-valuenow={settled} aria-valuemax={progress.audience}>
        <span style={{ width: `${progress.audience ? (settled / progress.audience) * 100 : 0}%` }} />
      </div>
    </Panel>
  );
}
