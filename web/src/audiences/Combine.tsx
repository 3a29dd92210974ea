/** A new audience out of two to five others: kept live by a rule, or as it is now. */
import { Form, Input, Modal, Segmented, Select } from "antd";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api } from "../shared/api";
import type { Audience, AudiencePreview, Page } from "../shared/api-types";
import { ErrorState } from "../shared/ErrorState";
import { formatCount } from "../shared/formats";
import { useCommon } from "../shared/i18n/common";
import { useBilingual } from "../shared/i18n/i18n";
import { useChange, useGet } from "../shared/query";
import { combined, OPERATIONS, type Operation } from "./algebra";
import { useText } from "./text";

const KINDS = ["live", "snapshot"] as const;
const MOST = 5;

export function Combine({ onClose }: { onClose: () => void }) {
  const t = useText();
  const common = useCommon();
  const say = useBilingual();
  const navigate = useNavigate();
  const [ids, setIds] = useState<string[]>([]);
  const [operation, setOperation] = useState<Operation>("union");
  const [kind, setKind] = useState<(typeof KINDS)[number]>("live");
  const [name, setName] = useState("");
  const { data: list } = useGet<Page<Audience>>("/audiences?limit=200");
  const rule = combined(operation, ids);
  const enough = ids.length >= 2;
  const preview = useQuery<AudiencePreview, Error>({
    queryKey: ["audience-combine", operation, ids.join()],
    queryFn: ({ signal }) => api.post<AudiencePreview>("/audiences/preview", { rule }, { signal, asks: true }),
    enabled: enough,
  });
  const save = useChange(() => api.post<Audience>("/audiences", { name: name.trim(), description: "", rule, kind }), {
    nouns: ["audiences"],
    done: common("done.saved"),
    onDone: (made) => navigate(`/audiences/${made.id}`),
  });
  return (
    <Modal
      open
      title={t("combine")}
      onCancel={onClose}
      okText={common("action.create")}
      okButtonProps={{ disabled: !enough || !name.trim(), loading: save.isPending }}
      onOk={() => save.mutate(undefined)}
    >
      <Form layout="vertical">
        <Form.Item label={t("combine.which")} extra={operation === "difference" ? t("combine.order") : undefined}>
          <Select
            mode="multiple"
            maxCount={MOST}
            value={ids}
            onChange={setIds}
            optionFilterProp="label"
            options={list?.items.map((one) => ({ value: one.id, label: one.name })) ?? []}
            aria-label={t("combine.which")}
          />
        </Form.Item>
        <Form.Item label={t("combine.how")}>
          <Select<Operation>
            value={operation}
            onChange={setOperation}
            options={OPERATIONS.map((value) => ({ value, label: t(`combine.${value}`) }))}
            aria-label={t("combine.how")}
          />
        </Form.Item>
        <Form.Item label={t("kind.title")}>
          <Segmented<(typeof KINDS)[number]> value={kind} onChange={setKind} options={KINDS.map((value) => ({ value, label: t(`live.${value}`) }))} />
        </Form.Item>
        <Form.Item label={t("form.name")}>
          <Input value={name} maxLength={100} onChange={({ target }) => setName(target.value)} aria-label={t("form.name")} />
        </Form.Item>
      </Form>
      {preview.error && <ErrorState error={preview.error} />}
      {preview.data && (
        <p className="note" role="status">
          {t("combine.count", { n: formatCount(preview.data.count) })} {say(preview.data.reading)}
        </p>
      )}
    </Modal>
  );
}
