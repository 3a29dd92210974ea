/** Some identifiers are somebody else: choose them, see what goes along, confirm. */
import { useQuery } from "@tanstack/react-query";
import { Checkbox, Drawer } from "antd";
import { useState } from "react";
import { api } from "../shared/api";
import { useErrorText } from "../shared/ErrorState";
import { formatCount } from "../shared/formats";
import { ActButton } from "../shared/may";
import { useChange } from "../shared/query";
import { Reason } from "./Decide";
import { NOUNS, ownNodes, useNodeText, type Decided, type Graph } from "./identity";
import { useText } from "./text";

export function SplitDrawer({ graph, onClose }: { graph: Graph; onClose: () => void }) {
  const t = useText();
  const nodeText = useNodeText();
  const errorText = useErrorText();
  const [leaving, setLeaving] = useState<number[]>([]);
  const [reason, setReason] = useState("");
  const own = ownNodes(graph);
  const possible = leaving.length > 0 && leaving.length < own.length;
  const body = { person: graph.person, identifiers: leaving.map((id) => ({ id })) };
  const effect = useQuery({
    queryKey: ["identity", "split", graph.person, leaving.toSorted()],
    queryFn: () => api.post<{ events: number; links: number }>("/identity/split/preview", body, { asks: true }),
    enabled: possible,
  });
  const split = useChange(() => api.post<Decided>("/identity/split", { ...body, reason: reason.trim() }), {
    nouns: NOUNS,
    done: t("split.done"),
    onDone: onClose,
  });
  const toggle = (id: number) =>
    setLeaving(leaving.includes(id) ? leaving.filter((other) => other !== id) : [...leaving, id]);
  return (
    <Drawer open onClose={onClose} title={t("split")} size={520}>
      <div className="stack">
        <p className="dim">{t("split.hint")}</p>
        <div className="choices" role="group" aria-label={t("split.choose")}>
          {own.map((node) => (
            <label key={node.id}>
              <Checkbox checked={leaving.includes(node.id)} onChange={() => toggle(node.id)} />
              <span className="ellipsis num" title={nodeText(node)}>
                {nodeText(node)}
              </span>
            </label>
          ))}
        </div>
        <p className="note" aria-live="polite">
          {leaving.length === 0
            ? t("split.none")
            : !possible
              ? t("split.all")
              : effect.error
                ? errorText(effect.error)
                : effect.data
                  ? t("split.effect", {
                      n: formatCount(leaving.length),
                      events: formatCount(effect.data.events),
                      links: formatCount(effect.data.links),
                    })
                  : t("split.counting")}
        </p>
        <Reason value={reason} onChange={setReason} />
        <p className="faint small">{t("decide.audited")}</p>
        <div>
          <ActButton
            type="primary"
            danger
            disabled={!possible || !effect.data}
            loading={split.isPending}
            onClick={() => split.mutate(undefined)}
          >
            {t("split.do", { n: formatCount(leaving.length) })}
          </ActButton>
        </div>
      </div>
    </Drawer>
  );
}
