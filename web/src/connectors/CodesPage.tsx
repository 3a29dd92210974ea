import { PlusOutlined } from "@ant-design/icons";
import { useState } from "react";
import { useNavigate } from "react-router";
import { EmptyState } from "../shared/EmptyState";
import { formatCount, formatPercent } from "../shared/formats";
import { Info } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { Page } from "../shared/Page";
import { usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { CodeForm } from "./CodeForm";
import { useText } from "./text";
import { CODE_KINDS, type ChannelCode, type CodeKind } from "./types";

/** Channel codes: who was brought by which printed code. */
export default function CodesPage() {
  const t = useText();
  const navigate = useNavigate();
  const [kind, setKind] = useState<CodeKind | null>(null);
  const [adding, setAdding] = useState(false);
  const paged = usePaged<ChannelCode>("/codes", { kind }, 50, 15_000);
  const number = (value: number, tone = "") => <span className={`num ${tone}`}>{formatCount(value)}</span>;
  const columns: Column<ChannelCode>[] = [
    {
      key: "name",
      title: t("code.name"),
      lead: true,
      render: (one) => (
        <span className="col" style={{ gap: 0 }}>
          <span className="strong ellipsis">{one.name}</span>
          <span className="faint small ellipsis">{one.install_name}</span>
        </span>
      ),
    },
    { key: "kind", title: t("code.kind"), width: 110, render: (one) => t(`code.${one.kind}`) },
    { key: "state", title: t("status"), width: 110, render: (one) => <CodeState code={one} /> },
    { key: "opened", title: t("code.opened"), end: true, width: 90, render: (one) => number(one.opened) },
    { key: "joined", title: t("code.joined"), end: true, width: 90, render: (one) => number(one.joined) },
    { key: "today", title: t("code.today"), end: true, width: 112, render: (one) => number(one.joined_today) },
    { key: "lost", title: t("code.lost"), end: true, width: 90, render: (one) => number(one.lost) },
    {
      key: "match",
      title: (
        <>
          {t("code.match")} <Info text={t("code.match.formula")} />
        </>
      ),
      end: true,
      width: 120,
      render: (one) => <span className="num">{formatPercent(one.match_rate)}</span>,
    },
  ];
  const button = (
    <ActButton type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
      {t("code.add")}
    </ActButton>
  );
  return (
    <Page title={t("codes")} hint={t("codes.hint")} actions={paged.items.length > 0 && button}>
      <div className="stack">
        <div className="chips" role="group" aria-label={t("code.kind")}>
          <button type="button" className="chip" aria-pressed={kind === null} onClick={() => setKind(null)}>
            {t("code.all")}
          </button>
          {CODE_KINDS.map((one) => (
            <button key={one} type="button" className="chip" aria-pressed={kind === one} onClick={() => setKind(one)}>
              {t(`code.${one}`)}
            </button>
          ))}
        </div>
        <div className="panel">
          <ResourceTable
            paged={paged}
            columns={columns}
            rowKey={(one) => one.id}
            onRow={(one) => navigate(`/codes/${one.id}`)}
            minWidth={920}
            empty={
              <EmptyState title={t("codes.empty")} example={t("codes.empty.example")} action={button}>
                {t("codes.empty.hint")}
              </EmptyState>
            }
          />
        </div>
      </div>
      {adding && <CodeForm onClose={() => setAdding(false)} />}
    </Page>
  );
}

export function CodeState({ code }: { code: ChannelCode }) {
  const t = useText();
  if (code.disabled) return <span className="tag">{t("code.off")}</span>;
  if (code.missing.length > 0) return <span className="tag bad">{t("code.missing")}</span>;
  return <span className="tag good">{t("code.on")}</span>;
}
