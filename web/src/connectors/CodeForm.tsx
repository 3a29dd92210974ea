import { Drawer, Input, Select } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { api } from "../shared/api";
import type { Page } from "../shared/api-types";
import { EmptyState } from "../shared/EmptyState";
import { useCommon } from "../shared/i18n/common";
import { useBilingual } from "../shared/i18n/i18n";
import { Bones } from "../shared/Page";
import { useChange, useGet } from "../shared/query";
import { SchemaForm } from "../shared/SchemaForm";
import { faultsOf, type FieldFault } from "./InstallForm";
import { useText } from "./text";
import { CODE_KINDS, type Available, type ChannelCode, type CodeKind, type Install } from "./types";

/** A new channel code: whose it is, what it does. */
export function CodeForm({ onClose }: { onClose: () => void }) {
  const t = useText();
  const say = useBilingual();
  const common = useCommon();
  const navigate = useNavigate();
  const kinds = useGet<Page<Available>>("/connectors/available", { staleMs: 300_000 });
  const installs = useGet<Page<Install>>("/connectors");
  const [name, setName] = useState("");
  const [kind, setKind] = useState<CodeKind>("staff");
  const [chosen, setChosen] = useState<string | null>(null);
  const [faults, setFaults] = useState<FieldFault[]>([]);
  const schemas = new Map((kinds.data?.items ?? []).map((one) => [one.connector, one.code_schema]));
  const able = (installs.data?.items ?? []).filter((one) => schemas.get(one.connector));
  const install = able.find(({ id }) => id === chosen) ?? able[0];
  const schema = install && schemas.get(install.connector);
  const create = useChange(
    (config: Record<string, unknown>) =>
      api.post<ChannelCode>("/codes", { install_id: install?.id, name: name || t(`code.${kind}`), kind, config }),
    {
      nouns: ["codes", "audit"],
      done: common("done.created"),
      onDone: (made) => navigate(`/codes/${made.id}`),
      onError: (error) => {
        const found = faultsOf(error, t("needed"));
        setFaults(found);
        return found.length > 0;
      },
    },
  );
  const body = () => {
    if (!kinds.data || !installs.data) return <Bones lines={6} height={360} />;
    if (!install || !schema) {
      return (
        <EmptyState title={t("codes.no_connector")} action={<Link to="/connectors">{t("add")}</Link>}>
          {t("codes.no_connector.hint")}
        </EmptyState>
      );
    }
    return (
      <div className="stack">
        <label className="col">
          <span>{t("code.name")}</span>
          <Input value={name} maxLength={60} placeholder={t("code.name.example")} onChange={(e) => setName(e.target.value)} />
        </label>
        <div className="chips" role="group" aria-label={t("code.kind")}>
          {CODE_KINDS.map((one) => (
            <button key={one} type="button" className="chip" aria-pressed={kind === one} onClick={() => setKind(one)}>
              {t(`code.${one}`)}
            </button>
          ))}
        </div>
        <Select
          aria-label={t("title")}
          value={install.id}
          onChange={setChosen}
          options={able.map((one) => ({ value: one.id, label: `${one.name} · ${say(one.label)}` }))}
        />
        <SchemaForm
          key={install.id}
          schema={schema}
          value={{}}
          errors={faults}
          busy={create.isPending}
          submitLabel={common("action.create")}
          onSubmit={(config) => create.mutate(config)}
        />
      </div>
    );
  };
  return (
    <Drawer open onClose={onClose} size={560} title={t("code.add")}>
      {body()}
    </Drawer>
  );
}
