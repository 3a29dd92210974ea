/** Why these identifiers are one person: the graph, the story, and the way back at every step. */
import { useQueryClient } from "@tanstack/react-query";
import { Segmented } from "antd";
import { useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { api } from "../shared/api";
import { ErrorState } from "../shared/ErrorState";
import { ActButton } from "../shared/may";
import { Bones } from "../shared/Page";
import { useChange, useGet } from "../shared/query";
import { Arcs } from "./Arcs";
import { Decide, type Question } from "./Decide";
import "./identity.css";
import { NOUNS, ownNodes, pairOf, useNodeText, type Decided, type Edge, type Graph, type History } from "./identity";
import { LinkNote } from "./LinkNote";
import { LinkTable } from "./LinkTable";
import { MergeDrawer } from "./MergeDrawer";
import { SplitDrawer } from "./SplitDrawer";
import { Story } from "./Story";
import { useText } from "./text";

/** The graph, asked for often while a decision settles; then everything on screen is read afresh. */
function useGraph(id: string) {
  const client = useQueryClient();
  const [settling, setSettling] = useState(false);
  const query = useGet<Graph>(`/persons/${id}/graph`, { everyMs: settling ? 400 : false, staleMs: 0 });
  const now = query.data?.settling ?? false;
  const before = useRef(false);
  useEffect(() => {
    setSettling(now);
    if (before.current && !now) void client.invalidateQueries();
    before.current = now;
  }, [now, client]);
  return query;
}

export default function IdentityTab({ id }: { id: string }) {
  const navigate = useNavigate();
  const { data: graph, error, refetch } = useGraph(id);
  const history = useGet<History>(`/persons/${id}/identity-history`);
  // Whoever was merged away is shown as who it is now.
  const person = graph?.person;
  useEffect(() => {
    if (person && person !== id) navigate(`/persons/${person}?tab=identity`, { replace: true });
  }, [person, id, navigate]);
  if (!graph || !history.data) {
    const failed = error ?? history.error;
    return failed ? <ErrorState error={failed} retry={() => void Promise.all([refetch(), history.refetch()])} /> : <Bones lines={9} height={420} />;
  }
  return <Identity key={graph.person} graph={graph} history={history.data} />;
}

function Identity({ graph, history }: { graph: Graph; history: History }) {
  const t = useText();
  const nodeText = useNodeText();
  const [view, setView] = useState<"graph" | "table">("graph");
  const [picked, setPicked] = useState<string | null>(null);
  const [hovered, setHovered] = useState<string | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const [drawer, setDrawer] = useState<"merge" | "split" | null>(null);
  const decide = useChange(
    ({ path, body }: { path: string; body: object }) => api.post<Decided>(`/identity/${path}`, body),
    { nouns: NOUNS, done: t("decide.done") },
  );
  const byId = new Map([...history.nodes, ...graph.nodes].map((node) => [node.id, node]));
  const cut = ({ one, two }: { one: number; two: number }) =>
    setQuestion({
      title: t("unlink.title"),
      says: t("unlink.says", { one: nodeText(byId.get(one)), two: nodeText(byId.get(two)) }),
      ok: t("unlink"),
      danger: true,
      act: (reason) => decide.mutateAsync({ path: "unlink", body: { one: { id: one }, two: { id: two }, reason } }),
    });
  const undo = (decision: number) =>
    setQuestion({
      title: t("undo.title"),
      says: t("undo.says"),
      ok: t("undo"),
      plain: true,
      act: () => decide.mutateAsync({ path: `decisions/${decision}/undo`, body: {} }),
    });
  const shown = graph.links.find((edge: Edge) => pairOf(edge) === (hovered ?? picked));
  const many = ownNodes(graph).length > 1;
  return (
    <div className="stack">
      <div className="row wrap between">
        <Segmented
          size="small"
          value={view}
          onChange={setView}
          options={(["graph", "table"] as const).map((value) => ({ value, label: t(`view.${value}`) }))}
        />
        <div className="row wrap">
          <ActButton onClick={() => setDrawer("merge")}>{t("merge")}</ActButton>
          {many && <ActButton onClick={() => setDrawer("split")}>{t("split")}</ActButton>}
        </div>
      </div>
      <p className="dim" aria-live="polite">
        {graph.settling ? t("settling") : t(many ? "graph.says" : "graph.single", { n: ownNodes(graph).length })}
        {graph.more && ` ${t("graph.more")}`}
      </p>
      {view === "graph" ? (
        <>
          <Arcs graph={graph} picked={picked} onPick={setPicked} onHover={setHovered} />
          {graph.links.length > 0 && (
            <>
              <Legend links={graph.links} />
              <LinkNote edge={shown} byId={byId} history={history} cut={cut} />
            </>
          )}
        </>
      ) : (
        <LinkTable links={graph.links} byId={byId} history={history} cut={cut} />
      )}
      <h3>{t("story.title")}</h3>
      <Story history={history} byId={byId} links={graph.links} cut={cut} undo={undo} />
      {question && <Decide question={question} onClose={() => setQuestion(null)} />}
      {drawer === "merge" && <MergeDrawer person={graph.person} onClose={() => setDrawer(null)} />}
      {drawer === "split" && <SplitDrawer graph={graph} onClose={() => setDrawer(null)} />}
    </div>
  );
}

function Legend({ links }: { links: Edge[] }) {
  const t = useText();
  const states = (["stands", "yields", "removed", "void"] as const).filter((state) => links.some((edge) => edge.state === state));
  return (
    <div className="arc-legend dim small">
      {states.map((state) => (
        <span key={state} className="nowrap">
          <svg width={26} height={8} aria-hidden className={`arc ${state}`}>
            <path className="line" d="M 0 4 H 26" />
          </svg>
          {t(`state.${state}`)}
        </span>
      ))}
    </div>
  );
}
