/** The canvas, or the same steps as a list on a phone and for who prefers to read, with the chosen step beside it. */
import { Drawer, Segmented } from "antd";
import { lazy, Suspense, useState, type Dispatch, type ReactNode, type SetStateAction } from "react";
import { Bones } from "../shared/Page";
import { usePhone } from "../shared/preferences";
import { BoardContext, type Board } from "./board";
import { nodeOf, type Spot } from "./graph";
import "./journeys.css";
import { Palette } from "./Palette";
import { StepPanel } from "./Panel";
import { Steps } from "./Steps";
import { useText } from "./text";
import { useKeys, type Keys } from "./useKeys";

const Canvas = lazy(() => import("./Canvas"));

export type Chosen = { selected: string[]; line: Spot | null };
export const NOTHING_CHOSEN: Chosen = { selected: [], line: null };

type Props = {
  board: Board;
  chosen: Chosen;
  onChoose: Dispatch<SetStateAction<Chosen>>;
  stamp: number;
  onConfig: (id: string, config: Record<string, unknown>) => void;
  toolbar: ReactNode;
  empty: ReactNode;
  keys: Pick<Keys, "undo" | "redo" | "paste">;
};

export function Stage({ board, chosen, onChoose, stamp, onConfig, toolbar, empty, keys }: Props) {
  const t = useText();
  const phone = usePhone();
  const [list, setList] = useState(false);
  const [large, setLarge] = useState(false);
  const { selected, line } = chosen;
  const onSelect = (ids: string[]) => onChoose((before) => ({ selected: ids, line: ids.length ? null : before.line }));
  const onLine = (spot: Spot | null) => onChoose((before) => ({ selected: spot ? [] : before.selected, line: spot }));
  const { graph, edit } = board;
  useKeys({
    graph,
    selected,
    line,
    onSelect,
    onLine,
    ...(edit ? { remove: edit.remove, disconnect: edit.disconnect, duplicate: edit.duplicate } : {}),
    ...keys,
  });
  const node = selected.length === 1 ? nodeOf(graph, selected[0]) : undefined;
  const panel = node && (
    <StepPanel node={node} stamp={stamp} onConfig={(config) => onConfig(node.id, config)} onClose={() => onSelect([])} />
  );
  const asList = phone || list;
  return (
    <BoardContext.Provider value={board}>
      <section className={large ? "stage large" : "stage"}>
        <div className="stage-bar">
          {toolbar}
          {!phone && (
            <>
              <Segmented
                size="small"
                value={list ? "list" : "canvas"}
                onChange={(view) => setList(view === "list")}
                options={[
                  { value: "canvas", label: t("view.canvas") },
                  { value: "list", label: t("view.list") },
                ]}
              />
              <button type="button" className="link-button small" aria-pressed={large} onClick={() => setLarge(!large)}>
                {t(large ? "view.small" : "view.large")}
              </button>
            </>
          )}
        </div>
        <div className={`stage-body${edit && !phone ? " editing" : ""}${panel && !phone ? " beside" : ""}`}>
          {edit && !phone && <Palette />}
          {asList ? (
            <div className="panel step-list">{graph.nodes.length === 0 ? empty : <Steps selected={selected} onSelect={onSelect} />}</div>
          ) : (
            <div className="panel canvas">
              <Suspense fallback={<Bones lines={6} height={480} />}>
                <Canvas selected={selected} onSelect={onSelect} line={line} onLine={onLine} />
              </Suspense>
              {graph.nodes.length === 0 && <div className="canvas-empty">{empty}</div>}
            </div>
          )}
          {phone ? (
            <Drawer open={Boolean(panel)} onClose={() => onSelect([])} size="100%" styles={{ body: { padding: 0 } }} closable={false}>
              <BoardContext.Provider value={board}>{panel}</BoardContext.Provider>
            </Drawer>
          ) : (
            panel
          )}
        </div>
      </section>
    </BoardContext.Provider>
  );
}
