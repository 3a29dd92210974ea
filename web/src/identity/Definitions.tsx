/** What each kind of identifier means: strongest first, with limits; changed on a draft that is previewed before it holds. */
import { ArrowDownOutlined, ArrowUpOutlined, PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { api } from "../shared/api";
import { ErrorState } from "../shared/ErrorState";
import { formatCount } from "../shared/formats";
import { useCommon } from "../shared/i18n/common";
import { useLanguage } from "../shared/i18n/i18n";
import { Info } from "../shared/Marks";
import { ActButton, useMay } from "../shared/may";
import { Bones } from "../shared/Page";
import { useChange, useGet } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import "./identity.css";
import { NOUNS, type Definitions as Held, type Effect, type Kind } from "./identity";
import { KindForm } from "./KindForm";
import { useText } from "./text";

export default function Definitions() {
  const { data, error, refetch } = useGet<Held>("/identity/definitions");
  if (data) return <Draft key={data.version} held={data} />;
  return error ? <ErrorState error={error} retry={() => void refetch()} /> : <Bones lines={8} height={480} />;
}

function moved(kinds: Kind[], from: number, to: number): Kind[] {
  const next = kinds.toSpliced(from, 1);
  return next.toSpliced(to, 0, kinds[from]!);
}

function Draft({ held }: { held: Held }) {
  const t = useText();
  const [kinds, setKinds] = useState(held.kinds);
  const [editing, setEditing] = useState<Kind | "new" | null>(null);
  const changed = JSON.stringify(kinds) !== JSON.stringify(held.kinds);
  const columns = useColumns(kinds, setKinds, setEditing);
  const put = (kind: Kind) => {
    setKinds(editing === "new" ? [...kinds, kind] : kinds.map((one) => (one === editing ? kind : one)));
    setEditing(null);
  };
  return (
    <div className="stack">
      <div className="row wrap between">
        <p className="dim" style={{ maxWidth: "72ch" }}>
          {t("kinds.hint")}
        </p>
        <ActButton need="admin" icon={<PlusOutlined />} onClick={() => setEditing("new")}>
          {t("kinds.new")}
        </ActButton>
      </div>
      <div className="panel">
        <ResourceTable
          rows={{ items: kinds, isPending: false, error: null, refetch: () => undefined }}
          columns={columns}
          rowKey={(kind) => kind.name}
          minWidth={900}
          empty={null}
        />
      </div>
      {changed && <DraftBar held={held} kinds={kinds} reset={() => setKinds(held.kinds)} />}
      {editing && (
        <KindForm
          kind={editing === "new" ? null : editing}
          taken={kinds.map(({ name }) => name)}
          onClose={() => setEditing(null)}
          onDone={put}
        />
      )}
    </div>
  );
}

function useColumns(kinds: Kind[], setKinds: (kinds: Kind[]) => void, edit: (kind: Kind) => void): Column<Kind>[] {
  const t = useText();
  const common = useCommon();
  const may = useMay();
  const { language } = useLanguage();
  const count = (value: number) => <span className="num">{formatCount(value)}</span>;
  const place = (kind: Kind) => kinds.indexOf(kind);
  return [
    {
      key: "name",
      title: t("kinds.name"),
      lead: true,
      render: (kind) => (
        <span className="row">
          <span className="num faint">{place(kind) + 1}</span>
          <span className="strong ellipsis">{language === "en" ? kind.en : kind.zh}</span>
          <code className="faint small ellipsis">{kind.name}</code>
        </span>
      ),
    },
    {
      key: "merges",
      title: t("kinds.merges"),
      width: 100,
      render: ({ merges }) => <span className={`tag ${merges ? "accent" : ""}`}>{t(merges ? "kinds.merges.yes" : "kinds.merges.no")}</span>,
    },
    { key: "limit", title: t("kinds.limit"), end: true, width: 150, render: ({ limit }) => count(limit) },
    { key: "shared", title: t("kinds.shared"), end: true, width: 140, render: ({ shared_after }) => count(shared_after) },
    { key: "blocked", title: t("kinds.blocked"), end: true, width: 110, render: ({ blocked }) => count(blocked.length) },
    {
      key: "act",
      title: "",
      end: true,
      width: 180,
      render: (kind) => (
        <span className="row" style={{ justifyContent: "flex-end" }}>
          <Button
            size="small"
            type="text"
            icon={<ArrowUpOutlined />}
            aria-label={t("kinds.up", { kind: kind.name })}
            disabled={!may("admin") || place(kind) === 0}
            onClick={() => setKinds(moved(kinds, place(kind), place(kind) - 1))}
          />
          <Button
            size="small"
            type="text"
            icon={<ArrowDownOutlined />}
            aria-label={t("kinds.down", { kind: kind.name })}
            disabled={!may("admin") || place(kind) === kinds.length - 1}
            onClick={() => setKinds(moved(kinds, place(kind), place(kind) + 1))}
          />
          <ActButton need="admin" size="small" onClick={() => edit(kind)}>
            {common("action.edit")}
          </ActButton>
        </span>
      ),
    },
  ];
}

/** The draft is saved only after its effect was seen. */
function DraftBar({ held, kinds, reset }: { held: Held; kinds: Kind[]; reset: () => void }) {
  const t = useText();
  const common = useCommon();
  const [seen, setSeen] = useState<{ kinds: Kind[]; effect: Effect } | null>(null);
  const preview = useChange(() => api.post<Effect>("/identity/definitions/preview", { kinds }, { asks: true }), {
    nouns: [],
    onDone: (effect) => setSeen({ kinds, effect }),
  });
  const save = useChange(() => api.put<Held>("/identity/definitions", { kinds }, { ifMatch: held.version }), {
    nouns: NOUNS,
    done: common("done.saved"),
  });
  const effect = seen?.kinds === kinds ? seen.effect : null;
  return (
    <div className="draft-bar">
      <span className="grow" aria-live="polite">
        {effect ? (
          <span className="row" style={{ display: "inline-flex" }}>
            <span>{t(effect.merged || effect.split ? "kinds.effect" : "kinds.effect.none", counts(effect))}</span>
            <Info text={t("kinds.effect.formula")} />
          </span>
        ) : (
          t("kinds.draft")
        )}
      </span>
      <Button onClick={reset}>{t("kinds.reset")}</Button>
      <ActButton need="admin" loading={preview.isPending} disabled={effect !== null} onClick={() => preview.mutate(undefined)}>
        {t("kinds.preview")}
      </ActButton>
      <ActButton need="admin" type="primary" disabled={effect === null} loading={save.isPending} onClick={() => save.mutate(undefined)}>
        {common("action.save")}
      </ActButton>
    </div>
  );
}

function counts({ merged, split, persons_before, persons_after }: Effect) {
  return {
    merged: formatCount(merged),
    split: formatCount(split),
    before: formatCount(persons_before),
    after: formatCount(persons_after),
  };
}
