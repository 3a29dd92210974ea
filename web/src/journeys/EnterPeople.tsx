import { App, Form, Input, Modal } from "antd";
import { useState } from "react";
import { api } from "../shared/api";
import { formatCount } from "../shared/formats";
import { ActButton } from "../shared/may";
import { useChange } from "../shared/query";
import { AudienceField } from "./fields";
import { useText } from "./text";

type Values = { audience?: string; persons?: string };
type Start = { state: "open" | "done"; total: number; entered: number; refused: number; unknown: string[] };

/** Lets an audience or a list of people into a journey whose trigger waits for that. */
export function EnterPeople({ journeyId }: { journeyId: string }) {
  const t = useText();
  const { message } = App.useApp();
  const [open, setOpen] = useState(false);
  const enter = useChange(
    ({ audience, persons }: Values) => {
      const named = (persons ?? "").split(/[\s,;]+/).filter(Boolean);
      return api.post<Start>(`/journeys/${journeyId}/enter`, { audience: audience || null, persons: named });
    },
    {
      nouns: ["journeys"],
      onDone: ({ state, total, entered, refused, unknown }) => {
        const counts = { total: formatCount(total), entered: formatCount(entered), refused: formatCount(refused) };
        message.success(state === "open" ? t("enter.open", counts) : t("enter.done", counts));
        if (unknown.length > 0) message.warning(t("enter.unknown", { names: unknown.slice(0, 5).join(", ") }), 8);
        setOpen(false);
      },
    },
  );
  return (
    <>
      <ActButton size="small" onClick={() => setOpen(true)}>
        {t("enter")}
      </ActButton>
      <Modal
        open={open}
        onCancel={() => setOpen(false)}
        title={t("enter")}
        okText={t("enter.go")}
        okButtonProps={{ htmlType: "submit", form: "enter-people", loading: enter.isPending }}
        destroyOnHidden
      >
        <p className="dim">{t("enter.hint")}</p>
        <Form<Values> id="enter-people" layout="vertical" onFinish={(values) => enter.mutate(values)}>
          <Form.Item name="audience" label={t("enter.audience")}>
            <AudienceField />
          </Form.Item>
          <Form.Item name="persons" label={t("enter.persons")}>
            <Input.TextArea rows={4} placeholder={t("enter.persons.example")} />
          </Form.Item>
        </Form>
      </Modal>
    </>
  );
}
