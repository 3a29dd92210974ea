import { Drawer, Segmented } from "antd";
import { useState } from "react";
import type { Member, Why } from "../shared/campaign-types";
import { EmptyState } from "../shared/EmptyState";
import { useBilingual } from "../shared/i18n/i18n";
import { PersonLink, When } from "../shared/Marks";
import { Bones } from "../shared/Page";
import { useGet, usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { TraceSteps } from "../shared/Trace";
import { useText } from "./text";

const STATES = ["all", "asked", "refused", "waiting", "held"] as const;

export function Members({ id }: { id: string }) {
  const t = useText();
  const say = useBilingual();
  const [state, setState] = useState<(typeof STATES)[number]>("all");
  const [open, setOpen] = useState<Member | null>(null);
  const paged = usePaged<Member>(`/campaigns/${id}/members`, { state: state === "all" ? null : state }, 50, 10_000);
  const columns: Column<Member>[] = [
    { key: "person", title: t("members.person"), lead: true, width: 150, render: (row) => <PersonLink id={row.person} name={row.name} /> },
    { key: "arm", title: t("members.arm"), width: 110, render: (row) => (row.arm === "holdout" ? t("member.held") : "ABCD"[Number(row.arm)]) },
    { key: "state", title: t("members.state"), width: 110, render: (row) => t(`member.${row.state}` as "member.held") },
    { key: "text", title: t("members.text"), render: (row) => <span className="dim">{say(row.text)}</span> },
    { key: "at", title: t("members.at"), width: 150, end: true, render: (row) => <When at={row.at} /> },
  ];
  return (
    <div className="stack">
      <div className="scroll-x">
        <Segmented value={state} onChange={setState} options={STATES.map((value) => ({ value, label: t(`member.${value}`) }))} />
      </div>
      <ResourceTable
        paged={paged}
        columns={columns}
        rowKey={(row) => row.person}
        onRow={setOpen}
        minWidth={760}
        empty={<EmptyState title={t("members.empty")} />}
      />
      <Drawer open={open !== null} onClose={() => setOpen(null)} title={t("why")} size={520}>
        {open && <WhyFor id={id} person={open.person} />}
      </Drawer>
    </div>
  );
}

function WhyFor({ id, person }: { id: string; person: string }) {
  const say = useBilingual();
  const { data } = useGet<Why>(`/campaigns/${id}/why/${person}`);
  if (!data) return <Bones lines={4} height={160} />;
  return (
    <div className="stack">
      <p className="note">{say(data.verdict.text)}</p>
      <TraceSteps steps={data.steps.map((step) => ({ ...step, node: null, kind: "", params: {} }))} />
    </div>
  );
}
