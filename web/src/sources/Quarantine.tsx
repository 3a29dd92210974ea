import { App, Drawer, Input } from "antd";
import { useState } from "react";
import { api } from "../shared/api";
import type { QuarantineItem } from "../shared/api-types";
import { EmptyState } from "../shared/EmptyState";
import { formatCount } from "../shared/formats";
import { useCommon } from "../shared/i18n/common";
import { lookup } from "../shared/i18n/i18n";
import { JsonView, prettyJson, When } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { useChange, usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { useText } from "./text";

const STATE_TAG = { waiting: "warn", replayed: "good", dropped: "" } as const;
type ReplayResult = { replayed: number; settled: number; failed: number };

export default function Quarantine() {
  const t = useText();
  const [reason, setReason] = useState<string | null>(null);
  const [reasons, setReasons] = useState<string[]>([]);
  const [selected, setSelected] = useState<string[]>([]);
  const [open, setOpen] = useState<QuarantineItem | null>(null);
  const [all, setAll] = useState(false);
  const paged = usePaged<QuarantineItem>("/quarantine", { reason, state: all ? null : "waiting" });
  const seen = paged.items.map((item) => item.reason).filter((code) => !reasons.includes(code));
  if (seen.length > 0) setReasons([...reasons, ...new Set(seen)].sort());
  const columns: Column<QuarantineItem>[] = [
    { key: "at", title: t("quarantine.at"), width: 160, render: (item) => <When at={item.at} /> },
    {
      key: "reason",
      title: t("quarantine.reason"),
      lead: true,
      width: 170,
      render: (item) => <span className="tag bad">{lookup(t, "reason", item.reason)}</span>,
    },
    {
      key: "detail",
      title: t("quarantine.detail"),
      render: (item) => (
        <span className="ellipsis" title={item.detail}>
          {item.detail}
        </span>
      ),
    },
    {
      key: "source",
      title: t("quarantine.source"),
      width: 170,
      render: (item) => <span className="ellipsis">{item.source_name}</span>,
    },
    {
      key: "state",
      title: t("quarantine.state"),
      width: 110,
      render: (item) => <span className={`tag ${STATE_TAG[item.state]}`}>{t(`state.${item.state}`)}</span>,
    },
  ];
  return (
    <div className="stack">
      <p className="dim">{t("quarantine.hint")}</p>
      <div className="filters">
        <div className="chips grow" role="group" aria-label={t("quarantine.reason")}>
          <button type="button" className="chip" aria-pressed={reason === null} onClick={() => setReason(null)}>
            {t("quarantine.all")}
          </button>
          {reasons.map((code) => (
            <button
              key={code}
              type="button"
              className="chip"
              aria-pressed={reason === code}
              onClick={() => setReason(reason === code ? null : code)}
            >
              {lookup(t, "reason", code)}
            </button>
          ))}
        </div>
        <button type="button" className="chip" aria-pressed={!all} onClick={() => setAll(!all)}>
          {t("quarantine.waiting")}
        </button>
        <Actions selected={selected} reason={reason} clear={() => setSelected([])} any={paged.items.length > 0} />
      </div>
      <div className="panel">
        <ResourceTable
          paged={paged}
          columns={columns}
          rowKey={(item) => item.id}
          onRow={setOpen}
          selection={{ selected, onSelect: setSelected, selectable: (item) => item.state === "waiting" }}
          minWidth={900}
          empty={
            <EmptyState title={t("quarantine.empty.title")} example={t("quarantine.empty.example")}>
              {t("quarantine.empty.hint")}
            </EmptyState>
          }
        />
      </div>
      <Drawer open={open !== null} onClose={() => setOpen(null)} title={t("quarantine.record")} size={560}>
        {open && (
          <div className="stack">
            <p className="note bad">
              <span className="strong">{lookup(t, "reason", open.reason)}</span>
              <br />
              {open.detail}
            </p>
            <dl className="facts">
              <dt>{t("quarantine.at")}</dt>
              <dd>
                <When at={open.at} to="second" />
              </dd>
              <dt>{t("quarantine.source")}</dt>
              <dd>{open.source_name}</dd>
              <dt>{t("quarantine.door")}</dt>
              <dd>
                <code>{open.door}</code>
              </dd>
            </dl>
            {open.state === "waiting" ? (
              <Mend key={open.id} item={open} onDone={() => setOpen(null)} />
            ) : (
              <JsonView value={open.record} />
            )}
          </div>
        )}
      </Drawer>
    </div>
  );
}

/** The record itself can be put right here; it is replayed as mended. */
function Mend({ item, onDone }: { item: QuarantineItem; onDone: () => void }) {
  const t = useText();
  const { message } = App.useApp();
  const [record, setRecord] = useState(() => prettyJson(item.record));
  const mend = useChange(
    async () => {
      if (record !== prettyJson(item.record)) await api.put(`/quarantine/${item.id}`, { record });
      return api.post<ReplayResult>("/quarantine/replay", { ids: [item.id] });
    },
    {
      nouns: NOUNS,
      onDone: ({ replayed, settled, failed }) => {
        message.info(t("quarantine.replayed", { replayed, settled, failed }), 6);
        onDone();
      },
    },
  );
  return (
    <>
      <p className="dim">{t("quarantine.mend.hint")}</p>
      <Input.TextArea
        className="mono"
        value={record}
        onChange={(event) => setRecord(event.target.value)}
        autoSize={{ minRows: 8, maxRows: 24 }}
        spellCheck={false}
        aria-label={t("quarantine.record")}
      />
      <div>
        <ActButton type="primary" loading={mend.isPending} onClick={() => mend.mutate(undefined)}>
          {t("quarantine.mend")}
        </ActButton>
      </div>
    </>
  );
}

const NOUNS = ["quarantine", "overview", "pipeline", "sources"];

type ActionsProps = { selected: string[]; reason: string | null; clear: () => void; any: boolean };

function Actions({ selected, reason, clear, any }: ActionsProps) {
  const t = useText();
  const common = useCommon();
  const { modal, message } = App.useApp();
  const replay = useChange((body: object) => api.post<ReplayResult>("/quarantine/replay", body), {
    nouns: NOUNS,
    onDone: ({ replayed, settled, failed }) => {
      clear();
      message.info(t("quarantine.replayed", { replayed, settled, failed }), 6);
    },
  });
  const drop = useChange((ids: string[]) => api.post("/quarantine/drop", { ids }), {
    nouns: NOUNS,
    done: t("quarantine.dropped"),
    onDone: clear,
  });
  const confirm = (title: string, content: string, act: () => void, danger: boolean) =>
    modal.confirm({
      title,
      content,
      okText: title,
      cancelText: common("action.cancel"),
      okButtonProps: { danger },
      onOk: act,
    });
  if (selected.length > 0) {
    const n = formatCount(selected.length);
    return (
      <>
        <ActButton type="primary" loading={replay.isPending} onClick={() => replay.mutate({ ids: selected })}>
          {t("quarantine.replay", { n })}
        </ActButton>
        <ActButton
          danger
          onClick={() =>
            confirm(t("quarantine.drop"), t("quarantine.drop.confirm", { n }), () => drop.mutate(selected), true)
          }
        >
          {t("quarantine.drop")}
        </ActButton>
      </>
    );
  }
  if (!any) return null;
  const everything = reason ? { all: true, reason } : { all: true };
  return (
    <ActButton
      loading={replay.isPending}
      onClick={() =>
        confirm(t("quarantine.replayAll"), t("quarantine.replayAll.confirm"), () => replay.mutate(everything), false)
      }
    >
      {t("quarantine.replayAll")}
    </ActButton>
  );
}
