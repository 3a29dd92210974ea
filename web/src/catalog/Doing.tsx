/** What changes the data itself: one event takes over another's name; a trait is kept apart. */
import { Popconfirm, Segmented, Select } from "antd";
import { useState } from "react";
import { api } from "../shared/api";
import { useCatalog } from "../shared/catalog";
import { useBilingual } from "../shared/i18n/i18n";
import { ActButton, useMay } from "../shared/may";
import { Panel } from "../shared/Page";
import { useChange, useGet } from "../shared/query";
import type { EntryView } from "./catalog";
import { useText } from "./text";

export function MergePanel({ view }: { view: EntryView }) {
  const t = useText();
  const say = useBilingual();
  const { events } = useCatalog();
  const [into, setInto] = useState<string | null>(null);
  const { name, merged_into } = view.row;
  const merge = useChange((target: string | null) => api.post<EntryView>("/catalog/merges", { name, into: target }), {
    nouns: ["catalog"],
    done: t("merge.done"),
  });
  return (
    <Panel title={t("merge.title")}>
      <p className="faint small" style={{ marginBottom: 10 }}>
        {t("merge.hint")}
      </p>
      {merged_into ? (
        <div className="row wrap between">
          <span>{t("state.merged", { into: merged_into })}</span>
          <ActButton need="admin" loading={merge.isPending} disabled={view.merging} onClick={() => merge.mutate(null)}>
            {t("merge.undo")}
          </ActButton>
        </div>
      ) : (
        <div className="row wrap">
          <Select
            showSearch={{ optionFilterProp: "label" }}
            aria-label={t("merge.into")}
            placeholder={t("merge.into")}
            value={into}
            onChange={setInto}
            options={events.filter((one) => one.name !== name).map((one) => ({ value: one.name, label: `${say(one.label)} ${one.name}` }))}
            style={{ flex: 1, minWidth: 160 }}
          />
          <Popconfirm title={t("merge.title")} description={t("merge.hint")} disabled={!into} onConfirm={() => into && merge.mutate(into)}>
            <ActButton need="admin" loading={merge.isPending} disabled={!into || view.merging}>
              {t("merge.do")}
            </ActButton>
          </Popconfirm>
        </div>
      )}
    </Panel>
  );
}

type Classified = { name: string; kind: "health" | "minors" };

export function ClassPanel({ name }: { name: string }) {
  const t = useText();
  const may = useMay();
  const { data } = useGet<Classified[]>("/sensitive-traits");
  const classify = useChange((kind: string) => api.put<Classified[]>("/sensitive-traits", { name, kind: kind === "none" ? null : kind }), {
    nouns: ["sensitive-traits", "persons", "catalog"],
    done: t("class.done"),
  });
  return (
    <Panel title={t("class.title")}>
      <p className="faint small" style={{ marginBottom: 10 }}>
        {t("class.hint")}
      </p>
      <Segmented
        value={data?.find((one) => one.name === name)?.kind ?? "none"}
        disabled={!may("admin") || classify.isPending || !data}
        onChange={(kind) => classify.mutate(kind)}
        options={(["none", "health", "minors"] as const).map((value) => ({ value, label: t(`class.${value}`) }))}
      />
    </Panel>
  );
}
