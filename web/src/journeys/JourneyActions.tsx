/** Check, publish, pause, resume, retire, copy. */
import { App, Button, Modal, Radio } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api } from "../shared/api";
import type { Journey, JourneyProblem } from "../shared/api-types";
import { formatCount } from "../shared/formats";
import { useCommon } from "../shared/i18n/common";
import { useBilingual } from "../shared/i18n/i18n";
import { ActButton } from "../shared/may";
import { useChange } from "../shared/query";
import { useText } from "./text";

type Inside = "finish" | "move";
type Props = { journey: Journey; save: () => Promise<boolean>; onShow: (node: string) => void; onPublished: () => void };

export function JourneyActions({ journey, save, onShow, onPublished }: Props) {
  const t = useText();
  const common = useCommon();
  const { modal } = App.useApp();
  const [problems, setProblems] = useState<JourneyProblem[] | null>(null);
  const path = `/journeys/${journey.id}`;
  const nouns = ["journeys", "overview"];
  const check = useChange(
    async () => {
      if (!(await save())) return null;
      return api.post<{ problems: JourneyProblem[] }>(`${path}/check`, {}, { asks: true });
    },
    { nouns: [], onDone: (answer) => answer && setProblems(answer.problems) },
  );
  const publish = useChange((inside: Inside) => api.post<Journey>(`${path}/publish`, { inside }), {
    nouns,
    done: t("publish.done"),
    onDone: () => {
      setProblems(null);
      onPublished();
    },
  });
  const pause = useChange(() => api.post<Journey>(`${path}/pause`), { nouns, done: t("pause.done") });
  const resume = useChange(() => api.post<Journey>(`${path}/resume`), { nouns, done: t("resume.done") });
  const retire = useChange(() => api.post<Journey>(`${path}/retire`), { nouns, done: t("retire.done") });
  const ask = (title: string, content: string, act: () => void, danger = false) =>
    modal.confirm({
      title,
      content,
      okText: title,
      cancelText: common("action.cancel"),
      okButtonProps: { danger },
      onOk: act,
    });
  const waiting = formatCount(journey.counts.waiting);
  if (journey.state === "retired") return <CopyJourney journey={journey} />;
  return (
    <>
      <CopyJourney journey={journey} />
      {journey.state !== "draft" && (
        <ActButton
          onClick={() => ask(t("retire"), t("retire.confirm", { n: waiting }), () => retire.mutate(undefined), true)}
        >
          {t("retire")}
        </ActButton>
      )}
      {journey.state === "live" && (
        <ActButton onClick={() => ask(t("pause"), t("pause.confirm"), () => pause.mutate(undefined))}>
          {t("pause")}
        </ActButton>
      )}
      {journey.state === "paused" && (
        <ActButton loading={resume.isPending} onClick={() => resume.mutate(undefined)}>
          {t("resume")}
        </ActButton>
      )}
      <ActButton type="primary" loading={check.isPending} onClick={() => check.mutate(undefined)}>
        {journey.published_version === null ? t("publish") : t("publish.again")}
      </ActButton>
      <CheckList
        journey={journey}
        problems={problems}
        busy={publish.isPending}
        onClose={() => setProblems(null)}
        onPublish={(inside) => publish.mutate(inside)}
        onShow={(node) => {
          setProblems(null);
          onShow(node);
        }}
      />
    </>
  );
}

/** A draft of its own with the same steps. */
function CopyJourney({ journey }: { journey: Journey }) {
  const t = useText();
  const navigate = useNavigate();
  const copy = useChange(
    async () => {
      const made = await api.post<Journey>("/journeys", { name: t("copy.name", { name: journey.name }).slice(0, 120) });
      return api.put<Journey>(`/journeys/${made.id}`, { name: made.name, graph: journey.graph }, { ifMatch: made.version });
    },
    { nouns: ["journeys"], done: t("copy.done"), onDone: (made) => navigate(`/journeys/${made.id}`) },
  );
  return (
    <ActButton loading={copy.isPending} onClick={() => copy.mutate(undefined)}>
      {t("copy")}
    </ActButton>
  );
}

type CheckProps = {
  journey: Journey;
  problems: JourneyProblem[] | null;
  busy: boolean;
  onClose: () => void;
  onPublish: (inside: Inside) => void;
  onShow: (node: string) => void;
};

function CheckList({ journey, problems, busy, onClose, onPublish, onShow }: CheckProps) {
  const t = useText();
  const say = useBilingual();
  const [inside, setInside] = useState<Inside>("finish");
  const clear = problems?.length === 0;
  const people = journey.counts.waiting;
  return (
    <Modal
      open={problems !== null}
      onCancel={onClose}
      title={t("publish.title")}
      okText={t("publish.go")}
      okButtonProps={{ disabled: !clear, loading: busy }}
      onOk={() => onPublish(inside)}
    >
      {clear ? (
        <div className="stack">
          <div className="note">
            <p className="strong">{t("publish.ok")}</p>
            <p className="dim">{t("publish.ok.hint")}</p>
          </div>
          {journey.published_version !== null && people > 0 && (
            <div className="col">
              <p className="strong">{t("publish.inside", { n: formatCount(people) })}</p>
              <Radio.Group value={inside} onChange={(event) => setInside(event.target.value as Inside)}>
                <div className="col">
                  {(["finish", "move"] as const).map((choice) => (
                    <Radio key={choice} value={choice}>
                      {t(`publish.inside.${choice}`)}
                      <span className="faint small" style={{ display: "block" }}>
                        {t(`publish.inside.${choice}.hint`)}
                      </span>
                    </Radio>
                  ))}
                </div>
              </Radio.Group>
            </div>
          )}
        </div>
      ) : (
        <>
          <p className="strong">{t("publish.problems", { n: problems?.length ?? 0 })}</p>
          <ul className="problems">
            {problems?.map((problem, index) => (
              <li key={index}>
                <span className="dot bad" />
                <span className="grow">{say(problem.text)}</span>
                {problem.node && (
                  <Button size="small" onClick={() => onShow(problem.node!)}>
                    {t("publish.show")}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </Modal>
  );
}
