/** Every time a package was made: how far it is, its files, and what the other side said. */
import { DownloadOutlined } from "@ant-design/icons";
import { Tooltip } from "antd";
import { EmptyState } from "../shared/EmptyState";
import { formatBytes, formatCount, formatPercent } from "../shared/formats";
import { useBilingual } from "../shared/i18n/i18n";
import { When } from "../shared/Marks";
import { useMay } from "../shared/may";
import { useGet, usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { isOpen, type Choices, type Content, type Package, type PackageFile, type Run } from "./contract";
import { useText } from "./text";

const TAG = { waiting: "warn", making: "accent", sending: "accent", done: "good", failed: "bad" } as const;

export function useChoices(): Choices {
  return useGet<Choices>("/packages/choices", { staleMs: 60_000 }).data ?? { columns: [], platforms: [] };
}

/** What is in a package, in a few words. */
export function useContentWords(): (content: Content) => string {
  const t = useText();
  const say = useBilingual();
  const { platforms } = useChoices();
  return ({ ad, columns, format, clear, delta }) => {
    const what = ad
      ? `${say(platforms.find(({ name }) => name === ad.platform)?.label) || ad.platform} · ${t(`id.${ad.identifier as "mobile"}`)} ${ad.hash.toUpperCase()}`
      : `${format.toUpperCase()} · ${t("words.columns", { n: columns.length })} · ${t(clear ? "words.clear" : "words.masked")}`;
    return delta ? `${what} · ${t("words.delta")}` : what;
  };
}

export function StateTag({ run }: { run: Run }) {
  const t = useText();
  const share = run.state === "making" && run.total > 0 ? ` ${formatPercent(run.done / run.total, 0)}` : "";
  const again = run.state === "waiting" && run.attempts > 0;
  return (
    <span className={`tag ${TAG[run.state]}`}>
      {t(again ? "state.again" : `state.${run.state}`)}
      {share}
    </span>
  );
}

export function Runs({ one }: { one: Package }) {
  const t = useText();
  const paged = usePaged<Run>(`/packages/${one.id}/runs`, {}, 20, isOpen(one.last) ? 1_500 : 10_000);
  const columns: Column<Run>[] = [
    {
      key: "at",
      title: t("run.at"),
      width: 165,
      lead: true,
      render: (run) => (
        <span className="col" style={{ gap: 0 }}>
          <When at={run.created_at} to="second" />
          <span className="faint small">{t(`why.${run.why}`)}</span>
        </span>
      ),
    },
    { key: "state", title: t("run.state"), width: 190, render: (run) => <State run={run} /> },
    {
      key: "persons",
      title: t("run.persons"),
      end: true,
      width: 120,
      render: (run) => (
        <span className="col" style={{ gap: 0 }}>
          <span>{run.files.length > 0 ? formatCount(run.persons) : "—"}</span>
          {run.refused > 0 && <span className="faint small">{t("run.refused", { n: formatCount(run.refused) })}</span>}
        </span>
      ),
    },
    {
      key: "files",
      title: t("run.files"),
      render: (run) => (
        <span className="col" style={{ gap: 6 }}>
          {run.files.map((file, number) => (
            <FileLine key={file.name} file={file} run={run} href={`/api/packages/${one.id}/runs/${run.id}/files/${number}`} />
          ))}
          {run.files.length === 0 && <span className="faint">—</span>}
        </span>
      ),
    },
    {
      key: "kept",
      title: t("run.kept"),
      end: true,
      width: 150,
      render: (run) => (run.expires_at ? <When at={run.expires_at} /> : <span className="faint">{run.ended_at ? t("run.gone") : "—"}</span>),
    },
  ];
  return (
    <ResourceTable paged={paged} columns={columns} rowKey={(run) => run.id} minWidth={900} empty={<EmptyState title={t("run.none")}>{t("run.none.hint")}</EmptyState>} />
  );
}

function State({ run }: { run: Run }) {
  const t = useText();
  return (
    <span className="col" style={{ gap: 2, alignItems: "flex-start" }}>
      <StateTag run={run} />
      {run.answer && <span className="small up" style={{ overflowWrap: "anywhere" }}>{run.answer}</span>}
      {run.state === "waiting" && run.attempts > 0 && run.due_at && (
        <span className="faint small">
          {t("run.next")} <When at={run.due_at} />
        </span>
      )}
    </span>
  );
}

function FileLine({ file, run, href }: { file: PackageFile; run: Run; href: string }) {
  const t = useText();
  const may = useMay();
  const open = Boolean(run.expires_at) && may(run.clear ? "admin" : "operator");
  return (
    <span className="col" style={{ gap: 0, minWidth: 0 }}>
      {open ? (
        <a href={href} download={file.name} className="ellipsis" title={file.name}>
          <DownloadOutlined /> {file.name}
        </a>
      ) : (
        <span className="ellipsis" title={file.name}>
          {file.name}
        </span>
      )}
      <span className="faint small num">
        {file.part !== "all" && <>{t(`part.${file.part}`)} · </>}
        {t("file.rows", { n: formatCount(file.rows) })} · {formatBytes(file.bytes)} ·{" "}
        <Tooltip title={`SHA-256 ${file.sha256}`}>
          <span className="mono">{file.sha256.slice(0, 10)}…</span>
        </Tooltip>
      </span>
    </span>
  );
}
