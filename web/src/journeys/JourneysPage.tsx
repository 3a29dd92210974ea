import { PlusOutlined } from "@ant-design/icons";
import { Form, Input, Modal, Radio } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api } from "../shared/api";
import type { Journey, JourneyCounts } from "../shared/api-types";
import { EmptyState } from "../shared/EmptyState";
import { formatCount } from "../shared/formats";
import { useCommon } from "../shared/i18n/common";
import { When } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { Page } from "../shared/Page";
import { useChange, usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { JourneyState } from "./JourneyState";
import { useText } from "./text";

const COUNTS = ["entered", "waiting", "sent", "refused", "holdout", "parked"] as const satisfies (keyof JourneyCounts)[];

export default function JourneysPage() {
  const t = useText();
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);
  const paged = usePaged<Journey>("/journeys", {}, 50, 15_000);
  const columns: Column<Journey>[] = [
    {
      key: "name",
      title: t("col.name"),
      lead: true,
      render: (journey) => (
        <span className="ellipsis strong" title={journey.name}>
          {journey.name}
        </span>
      ),
    },
    { key: "state", title: t("col.state"), width: 110, render: (journey) => <JourneyState state={journey.state} /> },
    ...COUNTS.map(
      (key): Column<Journey> => ({
        key,
        title: t(`col.${key}`),
        end: true,
        width: 96,
        render: ({ counts }) => (
          <span className={key === "parked" && counts[key] > 0 ? "up" : counts[key] ? "" : "faint"}>
            {formatCount(counts[key])}
          </span>
        ),
      }),
    ),
    {
      key: "created",
      title: t("col.created"),
      end: true,
      width: 120,
      hideOnPhone: true,
      render: (journey) => <When at={journey.created_at} to="day" />,
    },
  ];
  const button = (
    <ActButton type="primary" icon={<PlusOutlined />} onClick={() => setCreating(true)}>
      {t("new")}
    </ActButton>
  );
  return (
    <Page title={t("title")} hint={t("hint")} actions={paged.items.length > 0 && button}>
      <div className="panel">
        <ResourceTable
          paged={paged}
          columns={columns}
          rowKey={(journey) => journey.id}
          onRow={(journey) => navigate(`/journeys/${journey.id}`)}
          minWidth={980}
          empty={
            <EmptyState title={t("empty.title")} example={t("empty.example")} action={button}>
              {t("empty.hint")}
            </EmptyState>
          }
        />
      </div>
      <CreateJourney open={creating} onClose={() => setCreating(false)} />
    </Page>
  );
}

type Values = { name: string; template: "abandoned_cart" };

function CreateJourney({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useText();
  const common = useCommon();
  const navigate = useNavigate();
  const create = useChange((values: Values) => api.post<Journey>("/journeys", values), {
    nouns: ["journeys"],
    done: common("done.created"),
    onDone: (journey) => navigate(`/journeys/${journey.id}`),
  });
  return (
    <Modal
      open={open}
      onCancel={onClose}
      title={t("new.title")}
      okText={t("new.submit")}
      okButtonProps={{ htmlType: "submit", form: "create-journey", loading: create.isPending }}
      destroyOnHidden
    >
      <Form<Values>
        id="create-journey"
        layout="vertical"
        requiredMark={false}
        initialValues={{ template: "abandoned_cart" }}
        onFinish={(values) => create.mutate({ ...values, name: values.name.trim() })}
      >
        <Form.Item
          name="name"
          label={t("new.name")}
          rules={[{ required: true, whitespace: true, message: common("form.required", { label: t("new.name") }) }]}
        >
          <Input autoFocus maxLength={120} placeholder={t("new.name.example")} />
        </Form.Item>
        <Form.Item name="template" label={t("new.template")} style={{ marginBottom: 0 }}>
          <Radio.Group>
            <Radio value="abandoned_cart">
              {t("new.template.abandoned_cart")}
              <span className="faint small" style={{ display: "block" }}>
                {t("new.template.abandoned_cart.hint")}
              </span>
            </Radio>
          </Radio.Group>
        </Form.Item>
      </Form>
    </Modal>
  );
}
