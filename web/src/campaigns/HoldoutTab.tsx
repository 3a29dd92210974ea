/** The global holdout: who is kept from all marketing, and what all marketing together is worth. */
import { Form, Input, InputNumber, Segmented } from "antd";
import { useState } from "react";
import { api } from "../shared/api";
import type { Holdout, HoldoutReport } from "../shared/campaign-types";
import { ErrorState } from "../shared/ErrorState";
import { formatCount, formatPercent, useTime } from "../shared/formats";
import { useCommon } from "../shared/i18n/common";
import { ActButton, useMay } from "../shared/may";
import { Bones, Panel } from "../shared/Page";
import { useChange, useGet } from "../shared/query";
import { WorthNote } from "./Review";
import { useText } from "./text";

const DAYS = [7, 30, 90];

export function HoldoutTab() {
  const { data, error, refetch } = useGet<Holdout>("/holdout");
  if (!data) return error ? <ErrorState error={error} retry={() => void refetch()} /> : <Bones lines={6} height={320} />;
  return (
    <div className="columns">
      <div className="third">
        <HoldoutForm key={data.version} saved={data} />
      </div>
      <div className="two-thirds">{data.percent > 0 && <Report />}</div>
    </div>
  );
}

function HoldoutForm({ saved }: { saved: Holdout }) {
  const t = useText();
  const common = useCommon();
  const time = useTime();
  const may = useMay();
  const save = useChange((values: Pick<Holdout, "percent" | "salt">) => api.put<Holdout>("/holdout", values, { ifMatch: saved.version }), {
    nouns: ["holdout"],
    done: common("done.saved"),
  });
  return (
    <Panel title={t("tab.holdout")}>
      <p className="dim small" style={{ marginBottom: 12 }}>
        {t("holdout.hint")}
      </p>
      <Form layout="vertical" requiredMark={false} disabled={!may("admin")} initialValues={saved} onFinish={({ percent, salt }) => save.mutate({ percent, salt })}>
        <Form.Item name="percent" label={t("holdout.percent")} extra={t("holdout.percent.hint")} rules={[{ required: true }]}>
          <InputNumber min={0} max={50} step={0.5} style={{ width: 120 }} />
        </Form.Item>
        <Form.Item name="salt" label={t("holdout.salt")} extra={t("holdout.salt.hint")} rules={[{ required: true, pattern: /^[\w-]{1,40}$/ }]}>
          <Input maxLength={40} style={{ maxWidth: 200 }} />
        </Form.Item>
        <div className="row wrap">
          <ActButton need="admin" type="primary" htmlType="submit" loading={save.isPending}>
            {common("action.save")}
          </ActButton>
          <span className="faint small">{saved.since && saved.percent > 0 ? t("holdout.since", { at: time.minute(saved.since) }) : t("holdout.off")}</span>
        </div>
      </Form>
    </Panel>
  );
}

function Report() {
  const t = useText();
  const [days, setDays] = useState(30);
  const { data, error, refetch } = useGet<HoldoutReport>(`/holdout/report?days=${days}`);
  return (
    <Panel
      title={t("holdout.report")}
      extra={<Segmented<number> value={days} onChange={setDays} options={DAYS.map((n) => ({ value: n, label: t("holdout.days", { n }) }))} />}
    >
      {!data ? (
        error ? <ErrorState error={error} retry={() => void refetch()} /> : <Bones lines={4} height={200} />
      ) : !data.revenue || !data.orders ? (
        <p className="note">{t("holdout.wait", { days })}</p>
      ) : (
        <div className="stack">
          <WorthNote worth={data.revenue} days={days} />
          <WorthNote worth={data.orders} days={days} unit="orders" />
          {data.ratio?.off && (
            <p className="note bad">
              {t("review.ratio.off", { planned: formatPercent(data.ratio.planned, 1), seen: formatPercent(data.ratio.seen, 1) })}
            </p>
          )}
          <p className="faint small">{t("holdout.who", { n: formatCount(data.revenue.treated + data.revenue.held_out) })}</p>
        </div>
      )}
    </Panel>
  );
}
