/** What holds for the journey as a whole: who may enter again, limits, when everybody leaves, what counts as success. */
import type { JsonSchema } from "../shared/api-types";
import { ErrorState } from "../shared/ErrorState";
import { Bones, Panel } from "../shared/Page";
import { useGet } from "../shared/query";
import { SchemaForm } from "../shared/SchemaForm";
import { WIDGETS } from "./fields";
import { useText } from "./text";
import type { DraftState } from "./useDraft";

export function Settings({ draft, editable }: { draft: DraftState; editable: boolean }) {
  const t = useText();
  const { data, error, refetch } = useGet<JsonSchema>("/journeys/settings-schema", { staleMs: 300_000 });
  const { graph } = draft.drawing;
  if (!data) return error ? <ErrorState error={error} retry={() => void refetch()} /> : <Bones lines={8} />;
  return (
    <Panel title={t("settings.title")}>
      <div className="settings-form">
        <p className="dim">{t("settings.hint")}</p>
        <SchemaForm
          key={draft.stamp}
          schema={data}
          value={graph.settings ?? {}}
          onChange={(settings) => draft.change({ ...graph, settings }, `settings ${draft.stamp}`)}
          disabled={!editable}
          widgets={WIDGETS}
          live
        />
      </div>
    </Panel>
  );
}
