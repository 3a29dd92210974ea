import { Button, DatePicker, Form, Input, InputNumber, Select } from "antd";
import dayjs from "dayjs";
import { Link, useNavigate } from "react-router";
import { EventSelect } from "../audiences/EventClause";
import { api } from "../shared/api";
import type { Audience, Page as PageOf } from "../shared/api-types";
import type { Campaign, Plan, Template } from "../shared/campaign-types";
import { formatCount } from "../shared/formats";
import { useCommon } from "../shared/i18n/common";
import { useChannelName } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { Panel } from "../shared/Page";
import { useChange, useGet } from "../shared/query";
import { atWall, onWall, useTimezone } from "../shared/timezone";
import { useText } from "./text";

type Values = Omit<Plan, "starts_at"> & { name: string; starts_at: string };

const BLANK: Partial<Values> = {
  variants: [{ template: "", percent: 100 }],
  holdout: 10,
  per_minute: 0,
  priority: 0,
  retry_hours: 24,
  goal_event: "order_paid",
  goal_days: 7,
  starts_at: "",
};

export function PlanForm({ campaign }: { campaign: Campaign | null }) {
  const t = useText();
  const common = useCommon();
  const navigate = useNavigate();
  const zone = useTimezone();
  const channelName = useChannelName();
  const audiences = useGet<PageOf<Audience>>("/audiences?limit=200").data?.items ?? [];
  const templates = useGet<PageOf<Template>>("/templates?limit=200").data;
  const save = useChange(
    async ({ name, ...values }: Values) => {
      const starts = values.starts_at ? atWall(values.starts_at, zone) : "";
      const body = { name: name.trim(), plan: { ...values, starts_at: starts } };
      const made = campaign
        ? await api.put<Campaign>(`/campaigns/${campaign.id}`, body, { ifMatch: campaign.version })
        : await api.post<Campaign>("/campaigns", body);
      await api.post(`/campaigns/${made.id}/estimate`);
      return made;
    },
    { nouns: ["campaigns"], done: common("done.saved"), onDone: (made) => navigate(`/campaigns/${made.id}`) },
  );
  const initial = campaign ? { ...campaign.plan, name: campaign.name, starts_at: campaign.plan.starts_at && onWall(campaign.plan.starts_at, zone) } : BLANK;
  const needed = (label: string) => [{ required: true, message: common("form.required", { label }) }];
  const number = (name: "holdout" | "per_minute" | "retry_hours" | "priority" | "goal_days", min: number, max: number, extra?: string) => (
    <Form.Item name={name} label={t(`plan.${name}`)} extra={extra} className="half">
      <InputNumber min={min} max={max} style={{ width: "100%" }} />
    </Form.Item>
  );
  return (
    <Panel title={t("plan")}>
      <Form<Values> layout="vertical" requiredMark={false} initialValues={initial} onFinish={(values) => save.mutate({ ...values, starts_at: values.starts_at ?? "" })}>
        <Form.Item name="name" label={t("plan.name")} rules={needed(t("plan.name"))}>
          <Input maxLength={120} />
        </Form.Item>
        <Form.Item name="audience" label={t("plan.audience")} rules={needed(t("plan.audience"))}>
          <Select
            showSearch
            optionFilterProp="label"
            options={audiences.map((one) => ({ value: one.id, label: `${one.name} · ${formatCount(one.size)}` }))}
          />
        </Form.Item>
        {templates?.items.length === 0 && <Link to="/templates/new">{t("plan.template.none")}</Link>}
        <Variants
          options={(templates?.items ?? []).map((one) => ({ value: one.id, label: `${one.name} · ${channelName(one.channel)}` }))}
        />
        <div className="columns" style={{ columnGap: 12, rowGap: 0 }}>
          {number("holdout", 0, 90, t("plan.holdout.hint"))}
          {number("per_minute", 0, 1_000_000)}
          <Form.Item name="starts_at" label={t("plan.starts_at")} extra={t("plan.starts_at.hint", { zone })} className="half">
            <WallPicker />
          </Form.Item>
          {number("retry_hours", 0, 168)}
          {number("priority", -100, 100)}
          {number("goal_days", 1, 60)}
          <Form.Item name="goal_event" label={t("plan.goal_event")} className="half" rules={needed(t("plan.goal_event"))}>
            <EventSelect />
          </Form.Item>
        </div>
        <ActButton type="primary" htmlType="submit" loading={save.isPending}>
          {t("plan.save")}
        </ActButton>
      </Form>
    </Panel>
  );
}

/** A day and time as the clock of the shop shows it, kept as text. */
function WallPicker({ value = "", onChange, id }: { value?: string; onChange?: (wall: string) => void; id?: string }) {
  return (
    <DatePicker
      {...(id ? { id } : {})}
      value={value ? dayjs(value) : null}
      onChange={(at) => onChange?.(at?.format("YYYY-MM-DD HH:mm") ?? "")}
      showTime={{ format: "HH:mm", minuteStep: 5 }}
      format="YYYY-MM-DD HH:mm"
      disabledDate={(day) => day.isBefore(dayjs().subtract(1, "day"), "day")}
      needConfirm={false}
      style={{ width: "100%" }}
    />
  );
}

function Variants({ options }: { options: { value: string; label: string }[] }) {
  const t = useText();
  const common = useCommon();
  return (
    <Form.List name="variants">
      {(rows, { add, remove }) => (
        <div className="stack" style={{ gap: 0 }}>
          {rows.map((row, place) => (
            <div key={row.key} className="row start">
              <Form.Item
                name={[row.name, "template"]}
                label={rows.length > 1 ? `${t("plan.template")} ${"ABCD"[place]}` : t("plan.template")}
                className="grow"
                rules={[{ required: true, message: common("form.required", { label: t("plan.template") }) }]}
              >
                <Select showSearch optionFilterProp="label" options={options} />
              </Form.Item>
              {rows.length > 1 && (
                <>
                  <Form.Item name={[row.name, "percent"]} label={t("plan.percent")}>
                    <InputNumber min={1} max={100} style={{ width: 84 }} />
                  </Form.Item>
                  <Button size="small" style={{ marginTop: 34 }} onClick={() => remove(row.name)}>
                    {common("form.remove")}
                  </Button>
                </>
              )}
            </div>
          ))}
          {rows.length < 4 && (
            <div style={{ marginBottom: 16 }}>
              <Button size="small" type="dashed" onClick={() => add({ template: "", percent: 50 })}>
                {t("plan.template.more")}
              </Button>
            </div>
          )}
        </div>
      )}
    </Form.List>
  );
}
