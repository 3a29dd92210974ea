import { Input, Segmented, Switch } from "antd";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { ScheduleInput } from "../audiences/KindForm";
import { isComplete, type Fault } from "../audiences/rules";
import { api, ApiError } from "../shared/api";
import type { Aggregate, EventLeaf, Rule, Schedule, SequenceLeaf } from "../shared/api-types";
import { ErrorState } from "../shared/ErrorState";
import { formatCount, formatDuration, formatPercent } from "../shared/formats";
import { useBilingual } from "../shared/i18n/i18n";
import { useCommon } from "../shared/i18n/common";
import { LinkButton } from "../shared/LinkButton";
import { PersonLink } from "../shared/Marks";
import { Bones, Page, Panel } from "../shared/Page";
import { useChange, useGet } from "../shared/query";
import { SchemaForm } from "../shared/SchemaForm";
import { Counts } from "./Counts";
import "./tags.css";
import { useText } from "./text";
import type { Kind, Preview, Tag } from "./types";
import { useValueText } from "./Value";
import { TagFaults, WIDGETS } from "./widgets";

type Config = Record<string, unknown>;

export default function TagEditPage() {
  const t = useText();
  const { id } = useParams();
  const [params, setParams] = useSearchParams();
  const kinds = useGet<Kind[]>("/tags/kinds", { staleMs: 300_000 });
  const saved = useGet<Tag>(`/tags/${id ?? ""}`, { enabled: Boolean(id), staleMs: 0 });
  const name = saved.data?.kind ?? params.get("kind");
  const kind = kinds.data?.find((one) => one.name === name);
  const back = { to: "/tags", label: t("title") };
  if (kinds.data && (!id || saved.data) && kind) return <Editor key={kind.name} kind={kind} tag={saved.data ?? null} />;
  return (
    <Page title={t(id ? "edit" : "new")} hint={id ? "" : t("new.hint")} back={back}>
      {saved.error ? (
        <ErrorState error={saved.error} retry={() => void saved.refetch()} />
      ) : kinds.data && !id ? (
        <KindCards kinds={kinds.data} onPick={(one) => setParams({ kind: one })} />
      ) : (
        <Bones lines={8} height={420} />
      )}
    </Page>
  );
}

function KindCards({ kinds, onPick }: { kinds: Kind[]; onPick: (kind: string) => void }) {
  const say = useBilingual();
  return (
    <div className="tag-kinds">
      {kinds.map((kind) => (
        <button key={kind.name} type="button" className="panel tag-kind" onClick={() => onPick(kind.name)}>
          <span className="strong">{say(kind.label)}</span>
          <span className="faint small">{say(kind.hint)}</span>
        </button>
      ))}
    </div>
  );
}

type Keeping = { live: boolean; schedule: Schedule | null; empty: "clear" | "keep" };

function Editor({ kind, tag }: { kind: Kind; tag: Tag | null }) {
  const t = useText();
  const say = useBilingual();
  const common = useCommon();
  const navigate = useNavigate();
  const [name, setName] = useState(tag?.name ?? "");
  const [description, setDescription] = useState(tag?.description ?? "");
  const [config, setConfig] = useState<Config>(() => tag?.config ?? starting(kind));
  const [first] = useState(config);
  const [keeping, setKeeping] = useState<Keeping>(
    tag ?? { live: false, schedule: kind.given ? null : { every: "day", at: "03:00" }, empty: "clear" },
  );
  const [faults, setFaults] = useState<Fault[]>([]);
  const preview = usePreview(kind, config);
  const save = useChange(
    (filled: Config) => {
      const { live, schedule, empty } = keeping;
      const body = { name, description, kind: kind.name, config: { ...config, ...filled }, live, schedule, empty };
      return tag ? api.put<Tag>(`/tags/${tag.id}`, body, { ifMatch: tag.version }) : api.post<Tag>("/tags", body);
    },
    {
      nouns: ["tags", "persons"],
      done: common("done.saved"),
      onDone: (next) => navigate(`/tags/${next.id}`),
      onError: (error) => {
        setFaults(error instanceof ApiError ? (error.problem.errors ?? []) : []);
        return error instanceof ApiError && error.status === 422;
      },
    },
  );
  const shown = faults.length > 0 ? faults : preview.faults;
  const back = { to: tag ? `/tags/${tag.id}` : "/tags", label: tag?.name ?? t("title") };
  return (
    <Page title={tag ? t("edit") : `${t("new")} · ${say(kind.label)}`} hint={say(kind.hint)} back={back}>
      <div className="builder">
        <div className="stack">
          <Panel>
            <div className="tag-head">
              <label className="col">
                <span className="label">{t("form.name")}</span>
                <Input value={name} maxLength={100} onChange={({ target }) => setName(target.value)} placeholder={t("form.name.example")} />
              </label>
              <label className="col">
                <span className="label">{t("form.description")}</span>
                <Input value={description} maxLength={500} onChange={({ target }) => setDescription(target.value)} />
              </label>
            </div>
            <FaultLines faults={shown} fields={["name"]} />
          </Panel>
          <Panel>
            <TagFaults.Provider value={shown}>
              <SchemaForm
                schema={kind.form}
                widgets={WIDGETS}
                value={first}
                onChange={(next) => {
                  setFaults([]);
                  setConfig(next);
                }}
                onSubmit={(filled) => save.mutate(filled)}
                busy={save.isPending}
                submitLabel={t("form.save")}
                errors={shown.filter(({ field }) => !field.includes("/rule") && field in (kind.form.properties ?? {}))}
                footer={<LinkButton to={back.to}>{t("form.cancel")}</LinkButton>}
              />
            </TagFaults.Provider>
            <FaultLines faults={shown.filter(({ field }) => !(field in (kind.form.properties ?? {})) && field !== "name")} />
          </Panel>
          {!kind.given && <KeepingForm value={keeping} onChange={setKeeping} />}
        </div>
        {!kind.given && <PreviewSide preview={preview} />}
      </div>
    </Page>
  );
}

/** What a new tag of a kind begins with. */
function starting(kind: Kind): Config {
  if (kind.name === "rule") return { values: [{ value: "", rule: { all: [] } }] };
  if (kind.name === "sequence") return { sequence: [{ event: "" }, { event: "" }], within: { n: 7, unit: "days" }, window: null };
  const window = "window" in (kind.form.properties ?? {}) ? { window: null, where: [] } : {};
  const defaults = Object.entries(kind.form.properties ?? {}).flatMap(([name, { default: value }]) => (value === undefined ? [] : [[name, value]]));
  return { ...Object.fromEntries(defaults), ...window };
}

function FaultLines({ faults, fields }: { faults: Fault[]; fields?: string[] }) {
  const shown = fields ? faults.filter(({ field }) => fields.includes(field)) : faults;
  return shown.map((fault) => (
    <p key={fault.field + fault.message} className="up small" role="alert">
      {fault.message}
    </p>
  ));
}

function KeepingForm({ value, onChange }: { value: Keeping; onChange: (value: Keeping) => void }) {
  const t = useText();
  return (
    <Panel title={t("keeping")}>
      <div className="stack">
        <label className="row">
          <Switch checked={value.live} onChange={(live) => onChange({ ...value, live })} aria-label={t("live")} />
          <span className="strong nowrap">{t("live")}</span>
          <span className="faint small">{t("live.hint")}</span>
        </label>
        <div className="row wrap">
          <span>{t("schedule")}</span>
          <ScheduleInput value={value.schedule} onChange={(schedule) => onChange({ ...value, schedule })} />
        </div>
        <div className="row wrap">
          <span>{t("empty")}</span>
          <Segmented<"clear" | "keep">
            value={value.empty}
            onChange={(empty) => onChange({ ...value, empty })}
            options={(["clear", "keep"] as const).map((one) => ({ value: one, label: t(`empty.${one}`) }))}
          />
        </div>
      </div>
    </Panel>
  );
}

function usePreview(kind: Kind, config: Config) {
  const [settled, setSettled] = useState(config);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(config), 500);
    return () => clearTimeout(timer);
  }, [config]);
  const ready = !kind.given && isFilled(kind, settled);
  const query = useQuery<Preview, Error>({
    queryKey: ["tag-preview", kind.name, JSON.stringify(settled)],
    queryFn: ({ signal }) => api.post<Preview>("/tags/preview", { kind: kind.name, config: settled }, { signal, asks: true }),
    enabled: ready,
    retry: false,
    staleTime: 10_000,
  });
  const faults: Fault[] = ready && query.error instanceof ApiError ? (query.error.problem.errors ?? []) : [];
  return { query, ready, faults };
}

/** Whether there is something to ask the server: no required field empty, no step or rule half-written. */
function isFilled(kind: Kind, config: Config): boolean {
  if ((kind.form.required ?? []).some((name) => config[name] === undefined || config[name] === "")) return false;
  if (kind.name === "rule") {
    const values = (config.values as { value: string; rule: Rule }[] | undefined) ?? [];
    return values.length > 0 && values.every(({ value, rule }) => value && isComplete(rule));
  }
  const { window = null, where = [], property = "", measure } = config as Partial<EventLeaf> & { measure?: Aggregate };
  if (kind.name === "sequence") {
    const { sequence, within } = config as unknown as SequenceLeaf;
    return isComplete({ sequence, within, window });
  }
  if (!("event" in (kind.form.properties ?? {}))) return true;
  const event = (config.event as string | undefined) ?? "";
  return isComplete({ event, aggregate: measure ?? "count", property, where, window, op: "exists" });
}

function PreviewSide({ preview }: { preview: ReturnType<typeof usePreview> }) {
  const t = useText();
  const text = useValueText();
  const { query, ready, faults } = preview;
  const data = query.data;
  const state = ready && query.isFetching ? t("preview.counting") : data && ready ? t("preview.took", { took: formatDuration(data.took_ms) }) : "";
  return (
    <Panel className="preview" title={t("preview")} extra={<span className="faint small num" aria-live="polite">{state}</span>}>
      <div className="body stack">
        {!ready ? (
          <p className="faint">{t("preview.wait")}</p>
        ) : query.error ? (
          faults.length > 0 ? <p className="up" role="alert">{t("preview.fix")}</p> : <ErrorState error={query.error} />
        ) : data ? (
          <>
            <div>
              <span className="count">{formatCount(data.persons)}</span> <span className="dim">{t("preview.persons")}</span>
              <p className="faint small num">
                {t("preview.share", { everyone: formatCount(data.everyone), share: formatPercent(data.everyone ? data.persons / data.everyone : null) })}
              </p>
            </div>
            <Counts values={data.values.slice(0, 12)} levels={data.levels} unit={data.unit} />
            <div className="col" style={{ gap: 4 }}>
              {data.sample.map(({ person, values }) => (
                <span key={person.id} className="row between">
                  <PersonLink id={person.id} name={person.name} />
                  <span className="ellipsis">{values.map((value) => text(value, data.unit, labelsIn(data))).join("、")}</span>
                </span>
              ))}
            </div>
          </>
        ) : (
          <Bones lines={5} />
        )}
      </div>
    </Panel>
  );
}

function labelsIn(data: Preview) {
  return Object.fromEntries(data.values.flatMap(({ value, label }) => (label ? [[value, label]] : [])));
}
