import { App, Typography } from "antd";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { api } from "../shared/api";
import { ErrorState } from "../shared/ErrorState";
import { formatCount } from "../shared/formats";
import { useCommon } from "../shared/i18n/common";
import { useBilingual } from "../shared/i18n/i18n";
import { When } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { Bones, Page, Panel } from "../shared/Page";
import { useChange, useGet } from "../shared/query";
import { isOpen, type Package, type Run } from "./contract";
import { PackageForm } from "./PackageForm";
import { Runs, useChoices, useContentWords } from "./Runs";
import { useText } from "./text";

export default function PackagePage() {
  const t = useText();
  const { id = "" } = useParams();
  const { data, error, refetch } = useGet<Package>(`/packages/${id}`, { everyMs: 3_000 });
  const back = { to: "/packages", label: t("title") };
  if (!data) {
    return (
      <Page title={t("title")} back={back}>
        {error ? <ErrorState error={error} retry={() => void refetch()} /> : <Bones lines={8} height={420} />}
      </Page>
    );
  }
  return (
    <Page title={data.name} back={back} actions={<Actions one={data} />}>
      <Panel>
        <Facts one={data} />
      </Panel>
      <Panel title={t("run.title")} flush>
        <Runs one={data} />
      </Panel>
    </Page>
  );
}

function Facts({ one }: { one: Package }) {
  const t = useText();
  const say = useBilingual();
  const words = useContentWords();
  const { columns } = useChoices();
  const label = (name: string) => say(columns.find((column) => column.name === name)?.label) || name;
  const place = one.destination;
  return (
    <dl className="facts">
      <dt>{t("form.audience")}</dt>
      <dd>
        <Link to={`/audiences/${one.audience}`}>{one.audience_name}</Link> <span className="faint num">{formatCount(one.audience_size)}</span>
      </dd>
      <dt>{t("form.what")}</dt>
      <dd>
        {words(one.content)}
        {one.content.columns.length > 0 && <div className="faint small">{one.content.columns.map(label).join(" · ")}</div>}
        {one.content.ad && <div className="faint small">{t("ad.consent")}</div>}
      </dd>
      <dt>{t("form.destination")}</dt>
      <dd>
        {t(`kind.${place?.kind ?? "none"}`)}
        {place && <div className="faint small" style={{ overflowWrap: "anywhere" }}>{whereOf(place)}</div>}
      </dd>
      <dt>{t("col.next")}</dt>
      <dd>{one.next_at ? <When at={one.next_at} /> : t("when.asked")}</dd>
      <dt>{t("owner")}</dt>
      <dd>{one.owner}</dd>
    </dl>
  );
}

function whereOf(place: NonNullable<Package["destination"]>): string {
  if (place.kind === "webhook") return String(place["url"]);
  if (place.kind === "sftp") return `${place["user"]}@${place["host"]}:${place["port"]}/${place["folder"]}`;
  return `${place["endpoint"]} ${place["bucket"]}/${place["prefix"]}`;
}

function Actions({ one }: { one: Package }) {
  const t = useText();
  const common = useCommon();
  const navigate = useNavigate();
  const { modal } = App.useApp();
  const [editing, setEditing] = useState(false);
  const need = one.content.clear ? "admin" : "operator";
  const run = useChange(() => api.post<Run>(`/packages/${one.id}/runs`), { nouns: ["packages", "audit"], done: t("run.asked") });
  const remove = useChange(() => api.remove(`/packages/${one.id}`), {
    nouns: ["packages", "audiences"],
    done: common("done.deleted"),
    onDone: () => navigate("/packages"),
  });
  const ask = () =>
    modal.confirm({
      title: t("delete.title", { name: one.name }),
      content: t("delete.hint"),
      okText: t("delete"),
      okButtonProps: { danger: true },
      cancelText: common("action.cancel"),
      onOk: () => remove.mutateAsync(undefined),
    });
  return (
    <>
      <ActButton danger onClick={ask}>
        {t("delete")}
      </ActButton>
      <ActButton need={need} onClick={() => setEditing(true)}>
        {common("action.edit")}
      </ActButton>
      <ActButton type="primary" need={need} loading={run.isPending || isOpen(one.last)} onClick={() => run.mutate(undefined)}>
        {t("run.now")}
      </ActButton>
      {editing && <PackageForm one={one} onClose={() => setEditing(false)} />}
    </>
  );
}

/** A secret that is shown this once. */
export function ShownOnce({ secret }: { secret: string }) {
  const t = useText();
  return (
    <div className="col">
      <p>{t("secret.once")}</p>
      <Typography.Text code copyable>
        {secret}
      </Typography.Text>
    </div>
  );
}
