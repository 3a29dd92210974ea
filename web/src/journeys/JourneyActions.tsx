/** Check, publish, pause, resume, retire. */
import { App, Button, Modal } from "antd";
import { useState } from "react";
import { api } from "../shared/api";
import type { Journey, JourneyProblem } from "../shared/api-types";
import { formatCount } from "../shared/formats";
import { useCommon } from "../shared/i18n/common";
import { useBilingual } from "../shared/i18n/i18n";
import { ActButton } from "../shared/may";
import { useChange } from "../shared/query";
import { useText } from "./text";

type Props = { journey: Journey; onProblems: (nodes: string[]) => void; onShow: (node: string) => void };

export function JourneyActions({ journey, onProblems, onShow }: Props) {
  const t = useText();
  const common = useCommon();
  const { modal } = App.useApp();
  const [problems, setProblems] = useState<JourneyProblem[] | null>(null);
  const path = `/journeys/${journey.id}`;
  const nouns = ["journeys", "overview"];
  const check = useChange(() => api.post<{ problems: JourneyProblem[] }>(`${path}/check`, {}, { asks: true }), {
    nouns: [],
    onDone: (answer) => {
      setProblems(answer.problems);
      onProblems(answer.problems.flatMap(({ node }) => (node ? [node] : [])));
    },
  });
  const publish = useChange(() => api.post<Journey>(`${path}/publish`), {
    nouns,
    done: t("publish.done"),
    onDone: () => setProblems(null),
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
  if (journey.state === "retired") return null;
  const waiting = formatCount(journey.counts.waiting);
  return (
    <>
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
        problems={problems}
        busy={publish.isPending}
        onClose={() => setProblems(null)}
        onPublish={() => publish.mutate(undefined)}
        onShow={(node) => {
          setProblems(null);
          onShow(node);
        }}
      />
    </>
  );
}

type CheckProps = {
  problems: JourneyProblem[] | null;
  busy: boolean;
  onClose: () => void;
  onPublish: () => void;
  onShow: (node: string) => void;
};

function CheckList({ problems, busy, onClose, onPublish, onShow }: CheckProps) {
  const t = useText();
  const say = useBilingual();
  const clear = problems?.length === 0;
  return (
    <Modal
      open={problems !== null}
      onCancel={onClose}
      title={t("publish.title")}
      okText={t("publish.go")}
      okButtonProps={{ disabled: !clear, loading: busy }}
      onOk={onPublish}
    >
      {clear ? (
        <div className="note">
          <p className="strong">{t("publish.ok")}</p>
          <p className="dim">{t("publish.ok.hint")}</p>
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
