import { App, Drawer } from "antd";
import { useState } from "react";
import { api } from "../shared/api";
import { useBilingual } from "../shared/i18n/i18n";
import { ActButton } from "../shared/may";
import { Panel } from "../shared/Page";
import { useChange } from "../shared/query";
import { SchemaForm } from "../shared/SchemaForm";
import { useText } from "./text";
import type { Install } from "./types";

/** What can be done at the vendor from here, each by a form. */
export function Acts({ install }: { install: Install }) {
  const t = useText();
  const say = useBilingual();
  const { message } = App.useApp();
  const [open, setOpen] = useState<Install["acts"][number] | null>(null);
  const run = useChange(
    (form: Record<string, unknown>) =>
      api.post<{ text: string }>(`/connectors/${install.id}/acts/${open?.name ?? ""}`, { form }),
    {
      nouns: ["connectors", "audit"],
      onDone: ({ text }) => {
        message.success(`${t("act.done")} · ${text}`, 8);
        setOpen(null);
      },
    },
  );
  if (install.acts.length === 0) return null;
  return (
    <Panel title={t("acts")}>
      <div className="row wrap">
        {install.acts.map((act) => (
          <ActButton key={act.name} onClick={() => setOpen(act)}>
            {say(act.label)}
          </ActButton>
        ))}
      </div>
      <Drawer open={open !== null} onClose={() => setOpen(null)} size={480} title={open ? say(open.label) : ""}>
        {open && (
          <SchemaForm
            schema={open.form_schema}
            value={{}}
            busy={run.isPending}
            submitLabel={say(open.label)}
            onSubmit={(form) => run.mutate(form)}
          />
        )}
      </Drawer>
    </Panel>
  );
}
