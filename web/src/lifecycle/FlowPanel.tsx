import { DatePicker, Segmented } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { EmptyState } from "../shared/EmptyState";
import { ErrorState } from "../shared/ErrorState";
import type { PersonItem } from "../shared/api-types";
import { useStageName } from "../shared/catalog";
import { formatCount } from "../shared/formats";
import { withParams } from "../shared/api";
import { PersonLink, Identifiers, StageTag } from "../shared/Marks";
import { Bones, Panel } from "../shared/Page";
import { useGet } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { today, useTimezone } from "../shared/timezone";
import type { Flow, FlowPersons, Flows } from "./lifecycle";
import { Sankey } from "./Sankey";
import { useText } from "./text";

type Dates = { start?: string | undefined; end?: string | undefined };
const SPANS = [7, 30, 90];

export function FlowPanel() {
  const t = useText();
  const [dates, setDates] = useState<Dates>({});
  const [chosen, setChosen] = useState<Flow | null>(null);
  const { data, error, refetch, isPlaceholderData } = useGet<Flows>(withParams("/lifecycle/flows", dates), { keep: true });
  const name = useFlowName();
  const set = (next: Dates) => {
    setChosen(null);
    setDates(next);
  };
  return (
    <Panel title={t("flow.title")} extra={data && <Pickers data={data} onChange={set} />}>
      {data ? (
        <div style={isPlaceholderData ? { opacity: 0.6 } : undefined}>
          {data.flows.length === 0 || data.start === data.end ? (
            <EmptyState title={t("flow.none")}>
              {data.start === data.end ? t("flow.same") : data.first && t("flow.none.hint", { first: data.first })}
            </EmptyState>
          ) : (
            <>
              <Sums data={data} />
              <Sankey data={data} name={name} chosen={chosen} onChoose={setChosen} />
              {chosen ? <Persons key={`${chosen.source} ${chosen.target}`} flow={chosen} data={data} name={name} /> : <p className="faint small center">{t("flow.click")}</p>}
            </>
          )}
        </div>
      ) : error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : (
        <Bones lines={6} height={380} />
      )}
    </Panel>
  );
}

function useFlowName(): (stage: string) => string {
  const t = useText();
  const stageName = useStageName();
  return (stage) => (stage ? stageName(stage) : t("flow.unknown"));
}

function Pickers({ data, onChange }: { data: Flows; onChange: (dates: Dates) => void }) {
  const t = useText();
  const zone = useTimezone();
  const day = (value: string) => dayjs(value);
  const apart = day(data.end).diff(day(data.start), "day");
  return (
    <>
      <Segmented
        size="small"
        value={SPANS.includes(apart) ? apart : null}
        onChange={(days) => days !== null && onChange({ start: day(data.end).subtract(Number(days), "day").format("YYYY-MM-DD"), end: data.end })}
        options={SPANS.map((n) => ({ value: n, label: t("flow.last", { n }) }))}
      />
      <DatePicker
        size="small"
        allowClear={false}
        aria-label={t("flow.start")}
        value={day(data.start)}
        maxDate={day(data.end)}
        onChange={(value) => value && onChange({ start: value.format("YYYY-MM-DD"), end: data.end })}
      />
      <DatePicker
        size="small"
        allowClear={false}
        aria-label={t("flow.end")}
        value={day(data.end)}
        minDate={day(data.start)}
        maxDate={day(today(zone))}
        onChange={(value) => value && onChange({ start: data.start, end: value.format("YYYY-MM-DD") })}
      />
    </>
  );
}

function Sums({ data }: { data: Flows }) {
  const t = useText();
  const sums = [
    { label: t("flow.moved"), value: data.moved },
    { label: t("flow.stayed"), value: data.stayed },
    { label: t("flow.came"), value: data.came },
  ];
  return (
    <dl className="flow-sums">
      {sums.map(({ label, value }) => (
        <div key={label}>
          <dt className="faint small">{label}</dt>
          <dd className="num strong">{formatCount(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Persons({ flow, data, name }: { flow: Flow; data: Flows; name: (stage: string) => string }) {
  const t = useText();
  const [pages, setPages] = useState(1);
  return (
    <section className="flow-persons">
      <h3>
        {t("flow.of", { source: name(flow.source), target: name(flow.target) })} · {t("flow.persons", { n: formatCount(flow.persons) })}
      </h3>
      {Array.from({ length: pages }, (_, page) => (
        <FlowPage key={page} flow={flow} data={data} skip={page * 50} />
      ))}
      {pages * 50 < flow.persons && (
        <button type="button" className="link-button" onClick={() => setPages(pages + 1)}>
          {t("flow.more")}
        </button>
      )}
    </section>
  );
}

function FlowPage({ flow, data, skip }: { flow: Flow; data: Flows; skip: number }) {
  const params = { start: data.start, end: data.end, source: flow.source || undefined, target: flow.target, skip };
  const query = useGet<FlowPersons>(withParams("/lifecycle/flows/persons", params));
  const columns: Column<PersonItem>[] = [
    { key: "name", title: "", lead: true, width: 140, render: (person) => <PersonLink id={person.id} name={person.name} /> },
    { key: "ids", title: "", render: (person) => <Identifiers items={person.identifiers} limit={1} /> },
    { key: "stage", title: "", width: 120, end: true, render: (person) => <StageTag stage={person.stage} /> },
  ];
  return (
    <ResourceTable
      rows={{ items: query.data?.items ?? [], isPending: query.isPending, error: query.error, refetch: () => void query.refetch() }}
      columns={columns}
      rowKey={({ id }) => id}
      minWidth={480}
      empty={null}
    />
  );
}
