import { Drawer, Input } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api, ApiError } from "../shared/api";
import type { Page } from "../shared/api-types";
import { ErrorState } from "../shared/ErrorState";
import { useCommon } from "../shared/i18n/common";
import { useBilingual } from "../shared/i18n/i18n";
import { Bones } from "../shared/Page";
import { useChange, useGet } from "../shared/query";
import { SchemaForm } from "../shared/SchemaForm";
import { useText } from "./text";
import { WIDGETS } from "./widgets";
import type { Available, Install } from "./types";

/** Pick a connector, then fill in what it needs. */
export function InstallForm({ onClose }: { onClose: () => void }) {
  const t = useText();
  const say = useBilingual();
  const [chosen, setChosen] = useState<Available | null>(null);
  const { data, error, refetch } = useGet<Page<Available>>("/connectors/available", { staleMs: 300_000 });
  return (
    <Drawer open onClose={onClose} size={560} title={chosen ? say(chosen.label) : t("add")}>
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {!error && !data && <Bones lines={6} height={360} />}
      {data && !chosen && (
        <div className="stack">
          {data.items.map((one) => (
            <button key={one.connector} type="button" className="panel plain-button" onClick={() => setChosen(one)}>
              <span className="col" style={{ gap: 4, padding: 14 }}>
                <span className="row wrap between">
                  <span className="strong">{say(one.label)}</span>
                  <span className="tag">{t(`grade.${one.grade}`)}</span>
                </span>
                <span className="dim small">{say(one.about)}</span>
              </span>
            </button>
          ))}
        </div>
      )}
      {chosen && <Settings of={chosen} back={() => setChosen(null)} />}
    </Drawer>
  );
}

export type FieldFault = { field: string; message: string; code?: string };

export function faultsOf(error: Error, needed: string): FieldFault[] {
  const found: FieldFault[] = error instanceof ApiError ? (error.problem.errors ?? []) : [];
  return found.map((fault) => (fault.code === "needed" ? { ...fault, message: needed } : fault));
}

function Settings({ of, back }: { of: Available; back: () => void }) {
  const t = useText();
  const say = useBilingual();
  const common = useCommon();
  const navigate = useNavigate();
  const [name, setName] = useState(say(of.label));
  const [faults, setFaults] = useState<FieldFault[]>([]);
  const create = useChange(
    (config: Record<string, unknown>) => api.post<Install>("/connectors", { connector: of.connector, name, config }),
    {
      nouns: ["connectors", "sources", "audit"],
      done: common("done.created"),
      onDone: (made) => navigate(`/connectors/${made.id}`),
      onError: (error) => {
        const found = faultsOf(error, t("needed"));
        setFaults(found);
        return found.length > 0;
      },
    },
  );
  return (
    <div className="stack">
      <button type="button" className="plain-button dim" onClick={back}>
        ← {t("add")}
      </button>
      <p className="note">{t(`grade.${of.grade}.hint`)}</p>
      <label className="col">
        <span>{t("name")}</span>
        <Input value={name} maxLength={80} onChange={(event) => setName(event.target.value)} />
      </label>
      <SchemaForm
        schema={of.config_schema}
        value={{}}
        errors={faults}
        widgets={WIDGETS}
        busy={create.isPending}
        submitLabel={common("action.create")}
        onSubmit={(config) => create.mutate(config)}
      />
    </div>
  );
}
