import { Input, Select } from "antd";
import { Link, useNavigate, useSearchParams } from "react-router";
import type { Audience, Page as PageOf, PersonItem, Rule } from "../shared/api-types";
import { REACHING, useStageName } from "../shared/catalog";
import { EmptyState } from "../shared/EmptyState";
import { LinkButton } from "../shared/LinkButton";
import { useChannelName } from "../shared/Marks";
import { Page } from "../shared/Page";
import { useGet, usePaged } from "../shared/query";
import { ResourceTable } from "../shared/ResourceTable";
import { personColumns } from "./columns";
import { useText } from "./text";

const STAGES = ["new", "first_order", "repeat", "silent", "churned"];
const ONE_BY_ONE = ["q", "stage", "channel", "staff"] as const;
const FILTERS = [...ONE_BY_ONE, "audience"] as const;

export default function PersonsPage() {
  const t = useText();
  const stageName = useStageName();
  const navigate = useNavigate();
  const [params, setParams] = useSearchParams();
  const audience = params.get("audience");
  const filters = Object.fromEntries(ONE_BY_ONE.map((name) => [name, params.get(name)]));
  const paged = usePaged<PersonItem>(audience ? `/audiences/${audience}/persons` : "/persons", audience ? {} : filters);
  const filtered = FILTERS.some((name) => params.get(name));
  const set = (name: string, value: string | null | undefined) => {
    // An audience is a filter of its own: its members come from another list.
    const next = new URLSearchParams(name === "audience" ? {} : params);
    if (name !== "audience") next.delete("audience");
    if (value) next.set(name, value);
    else next.delete(name);
    setParams(next, { replace: true });
  };
  const rule = ruleOf(params);
  return (
    <Page
      title={t("title")}
      hint={t("hint")}
      actions={
        <>
          {rule && <Link to={`/audiences/new?rule=${encodeURIComponent(JSON.stringify(rule))}`}>{t("save")}</Link>}
          <LinkButton to="/catalog/portrait">{t("completeness")}</LinkButton>
          <LinkButton to="/suggestions">{t("suggestions")}</LinkButton>
          <LinkButton to="/conflicts">{t("conflicts")}</LinkButton>
        </>
      }
    >
      <div className="col" style={{ gap: 10 }}>
        <div className="filters">
          <Input.Search
            key={params.get("q") ?? ""}
            defaultValue={params.get("q") ?? ""}
            placeholder={t("search")}
            allowClear
            onSearch={(value) => set("q", value.trim())}
            style={{ width: 340, maxWidth: "100%" }}
          />
          <AudienceFilter value={params.get("audience")} onChange={(id) => set("audience", id)} />
          <button
            type="button"
            className="chip"
            aria-pressed={params.get("staff") !== null}
            onClick={() => set("staff", params.get("staff") ? null : "true")}
          >
            {t("filter.staff")}
          </button>
          {filtered && (
            <button type="button" className="link-button" onClick={() => setParams({}, { replace: true })}>
              {t("clear")}
            </button>
          )}
        </div>
        <ChipRow label={t("filter.stage")} codes={STAGES} value={params.get("stage")} onPick={(v) => set("stage", v)} name={stageName} />
        <ChannelRow value={params.get("channel")} onPick={(v) => set("channel", v)} />
      </div>
      <div className="panel">
        <ResourceTable
          paged={paged}
          columns={personColumns(t)}
          rowKey={(person) => person.id}
          onRow={(person) => navigate(`/persons/${person.id}`)}
          minWidth={940}
          empty={
            filtered ? (
              <EmptyState title={t("empty.filtered")}>{t("empty.filtered.hint")}</EmptyState>
            ) : (
              <EmptyState
                title={t("empty.title")}
                example={t("empty.example")}
                action={
                  <LinkButton type="primary" to="/sources">
                    {t("empty.action")}
                  </LinkButton>
                }
              >
                {t("empty.hint")}
              </EmptyState>
            )
          }
        />
      </div>
    </Page>
  );
}

/** The chips as a rule, so a filtered list can be kept as an audience. A text search is no rule. */
function ruleOf(params: URLSearchParams): Rule | null {
  const clauses: Rule[] = [];
  const stage = params.get("stage");
  const channel = params.get("channel");
  const audience = params.get("audience");
  if (stage) clauses.push({ lifecycle: [stage] });
  if (channel) clauses.push({ reachable: channel });
  if (audience) clauses.push({ audience });
  return clauses.length > 0 && !params.get("q") ? { all: clauses } : null;
}

type ChipProps = {
  label: string;
  codes: string[];
  value: string | null;
  onPick: (code: string | null) => void;
  name: (code: string) => string;
};

function ChipRow({ label, codes, value, onPick, name }: ChipProps) {
  return (
    <div className="row start" role="group" aria-label={label} style={{ gap: 12 }}>
      <span className="faint nowrap" style={{ lineHeight: "28px", minWidth: 64, flexShrink: 0 }}>
        {label}
      </span>
      <div className="chips">
        {codes.map((code) => (
          <button
            key={code}
            type="button"
            className="chip"
            aria-pressed={value === code}
            onClick={() => onPick(value === code ? null : code)}
          >
            {name(code)}
          </button>
        ))}
      </div>
    </div>
  );
}

function ChannelRow({ value, onPick }: { value: string | null; onPick: (code: string | null) => void }) {
  const t = useText();
  const name = useChannelName();
  const codes = value && !REACHING.includes(value) ? [...REACHING, value] : REACHING;
  return <ChipRow label={t("filter.channel")} codes={codes} value={value} onPick={onPick} name={name} />;
}

function AudienceFilter({ value, onChange }: { value: string | null; onChange: (id: string | undefined) => void }) {
  const t = useText();
  const { data } = useGet<PageOf<Audience>>("/audiences?limit=200");
  return (
    <Select
      allowClear
      showSearch={{ optionFilterProp: "label" }}
      placeholder={t("filter.audience.any")}
      aria-label={t("filter.audience")}
      value={value}
      onChange={onChange}
      options={data?.items.map(({ id, name }) => ({ value: id, label: name })) ?? []}
      style={{ width: 220, maxWidth: "100%" }}
    />
  );
}
