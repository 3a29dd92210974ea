/** The graph as a table: every link with its evidence. */
import { When } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { pairOf, useNodeText, useSourceName, type Edge, type History, type Node } from "./identity";
import { STATE_TAG, useVerdict } from "./LinkNote";
import { useText } from "./text";

type Props = { links: Edge[]; byId: Map<number, Node>; history: History; cut: (edge: Edge) => void };

export function LinkTable({ links, byId, history, cut }: Props) {
  const t = useText();
  const nodeText = useNodeText();
  const sourceName = useSourceName();
  const verdict = useVerdict(history);
  const text = (one: string) => (
    <span className="ellipsis" title={one}>
      {one}
    </span>
  );
  const columns: Column<Edge>[] = [
    {
      key: "ends",
      title: t("table.ends"),
      lead: true,
      render: (edge) => (
        <span className="col" style={{ gap: 0 }}>
          {text(nodeText(byId.get(edge.one)))}
          {text(nodeText(byId.get(edge.two)))}
        </span>
      ),
    },
    {
      key: "state",
      title: t("table.state"),
      width: 120,
      render: (edge) => (
        <span className={`tag ${STATE_TAG[edge.state]}`} title={verdict(edge)}>
          {t(`state.${edge.state}`)}
        </span>
      ),
    },
    { key: "source", title: t("table.source"), width: 130, render: (edge) => text(sourceName(edge.source_id)) },
    { key: "at", title: t("table.at"), width: 150, render: (edge) => <When at={edge.at} /> },
    {
      key: "act",
      title: "",
      end: true,
      width: 90,
      render: (edge) =>
        edge.state === "stands" && (
          <ActButton size="small" onClick={() => cut(edge)}>
            {t("unlink")}
          </ActButton>
        ),
    },
  ];
  const rows = { items: links, isPending: false, error: null, refetch: () => undefined };
  const empty = <p className="faint">{t("table.empty")}</p>;
  return <ResourceTable rows={rows} columns={columns} rowKey={pairOf} minWidth={680} empty={empty} label={t("view.table")} />;
}
