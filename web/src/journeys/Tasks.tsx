/** What journeys ask of staff: for whom, what, by when; how it ended decides which way the journey goes on. */
import { Drawer, Input, Radio } from "antd";
import { useContext, useState } from "react";
import { Link } from "react-router";
import { api } from "../shared/api";
import type { StaffTask, TaskState } from "../shared/api-types";
import { EmptyState } from "../shared/EmptyState";
import { PersonLink, When } from "../shared/Marks";
import { ActButton, OperatorContext } from "../shared/may";
import { useChange, usePaged } from "../shared/query";
import { ResourceTable, type Column } from "../shared/ResourceTable";
import { useText } from "./text";

const STATES: TaskState[] = ["open", "done", "refused", "expired"];
const LOOK: Record<TaskState, string> = { open: "accent", done: "good", refused: "", expired: "warn" };

export function Tasks() {
  const t = useText();
  const me = useContext(OperatorContext);
  const [state, setState] = useState<TaskState | null>("open");
  const [mine, setMine] = useState(false);
  const [open, setOpen] = useState<StaffTask | null>(null);
  const paged = usePaged<StaffTask>("/tasks", { state, owner: mine ? me?.email : null }, 50, 10_000);
  const columns: Column<StaffTask>[] = [
    {
      key: "title",
      title: t("tasks.title"),
      lead: true,
      render: ({ title }) => (
        <span className="ellipsis strong" title={title}>
          {title}
        </span>
      ),
    },
    { key: "person", title: t("tasks.person"), width: 140, render: (task) => <PersonLink id={task.person} name={task.name} /> },
    { key: "owner", title: t("tasks.owner"), width: 170, render: ({ owner }) => owner || <span className="faint">{t("tasks.anyone")}</span> },
    { key: "journey", title: t("tasks.journey"), width: 160, hideOnPhone: true, render: (task) => task.journey_name },
    { key: "state", title: t("tasks.state"), width: 110, render: (task) => <TaskMark task={task} /> },
    { key: "due", title: t("tasks.due"), end: true, width: 160, render: (task) => <When at={task.due_at} /> },
  ];
  return (
    <div className="stack">
      <div className="filters">
        <div className="chips grow" role="group" aria-label={t("tasks.state")}>
          <button type="button" className="chip" aria-pressed={state === null} onClick={() => setState(null)}>
            {t("task.all")}
          </button>
          {STATES.map((value) => (
            <button key={value} type="button" className="chip" aria-pressed={state === value} onClick={() => setState(value)}>
              {t(`task.${value}`)}
            </button>
          ))}
        </div>
        <button type="button" className="chip" aria-pressed={mine} onClick={() => setMine(!mine)}>
          {t("task.mine")}
        </button>
      </div>
      <div className="panel">
        <ResourceTable
          paged={paged}
          columns={columns}
          rowKey={({ id }) => id}
          onRow={setOpen}
          minWidth={860}
          empty={
            <EmptyState title={t("tasks.empty")} example={t("tasks.empty.example")}>
              {t("tasks.empty.hint")}
            </EmptyState>
          }
        />
      </div>
      <Drawer open={open !== null} onClose={() => setOpen(null)} title={open?.title} size={480} destroyOnHidden>
        {open && <TaskCard key={open.id} task={open} onDone={() => setOpen(null)} />}
      </Drawer>
    </div>
  );
}

function TaskMark({ task }: { task: StaffTask }) {
  const t = useText();
  const late = task.state === "open" && Date.parse(task.due_at) < Date.now();
  return (
    <span className={`tag ${late ? "bad" : LOOK[task.state]}`}>{task.result || t(late ? "tasks.late" : `task.${task.state}`)}</span>
  );
}

function TaskCard({ task, onDone }: { task: StaffTask; onDone: () => void }) {
  const t = useText();
  return (
    <div className="stack">
      <dl className="facts">
        <dt>{t("tasks.person")}</dt>
        <dd>
          <PersonLink id={task.person} name={task.name} />
        </dd>
        <dt>{t("tasks.journey")}</dt>
        <dd>
          <Link to={`/journeys/${task.journey_id}`}>{task.journey_name}</Link>
        </dd>
        <dt>{t("tasks.owner")}</dt>
        <dd>{task.ended_by ?? (task.owner || t("tasks.anyone"))}</dd>
        <dt>{t("tasks.due")}</dt>
        <dd>
          <When at={task.due_at} />
        </dd>
        <dt>{t("tasks.state")}</dt>
        <dd className="row">
          <TaskMark task={task} /> {task.ended_at && <When at={task.ended_at} />}
        </dd>
        {task.comment && (
          <>
            <dt>{t("tasks.note")}</dt>
            <dd>{task.comment}</dd>
          </>
        )}
      </dl>
      {task.note && (
        <div>
          <p className="faint small">{t("tasks.what")}</p>
          <p style={{ whiteSpace: "pre-line" }}>{task.note}</p>
        </div>
      )}
      {task.state === "open" && <Ending task={task} onDone={onDone} />}
    </div>
  );
}

function Ending({ task, onDone }: { task: StaffTask; onDone: () => void }) {
  const t = useText();
  const [result, setResult] = useState("");
  const [note, setNote] = useState("");
  const end = useChange((how: "complete" | "refuse") => api.post(`/tasks/${task.id}/${how}`, { result: how === "complete" ? result : "", note }), {
    nouns: ["tasks", "journeys"],
    done: t("tasks.finished"),
    onDone,
  });
  const ready = task.results.length === 0 || result !== "";
  return (
    <div className="stack">
      {task.results.length > 0 && (
        <div className="col">
          <p className="strong">{t("tasks.how")}</p>
          <Radio.Group value={result} onChange={(event) => setResult(event.target.value as string)}>
            <div className="col">
              {task.results.map((name) => (
                <Radio key={name} value={name}>
                  {name}
                </Radio>
              ))}
            </div>
          </Radio.Group>
        </div>
      )}
      <Input.TextArea
        aria-label={t("tasks.note")}
        placeholder={t("tasks.note.example")}
        value={note}
        maxLength={500}
        onChange={(event) => setNote(event.target.value)}
        autoSize={{ minRows: 2 }}
      />
      <div className="row">
        <ActButton
          type="primary"
          disabled={!ready}
          title={ready ? "" : t("tasks.pickResult")}
          loading={end.isPending}
          onClick={() => end.mutate("complete")}
        >
          {t("tasks.finish")}
        </ActButton>
        <ActButton loading={end.isPending} onClick={() => end.mutate("refuse")}>
          {t("tasks.refuse")}
        </ActButton>
      </div>
    </div>
  );
}
