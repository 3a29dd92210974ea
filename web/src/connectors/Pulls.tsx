import { Progress } from "antd";
import { api } from "../shared/api";
import { formatCount } from "../shared/formats";
import { useBilingual } from "../shared/i18n/i18n";
import { When } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { Panel } from "../shared/Page";
import { useChange } from "../shared/query";
import { useText } from "./text";
import type { Install, PullState } from "./types";

/** The vendor's lists: history at first, then what changed without a callback. */
export function Pulls({ install }: { install: Install }) {
  const t = useText();
  return (
    <Panel title={t("pulls")}>
      <div className="stack">
        <p className="dim">{t("pulls.hint")}</p>
        {install.pulls.map((pull) => (
          <Pull key={pull.pull} install={install} pull={pull} />
        ))}
      </div>
    </Panel>
  );
}

function Pull({ install, pull }: { install: Install; pull: PullState }) {
  const t = useText();
  const say = useBilingual();
  const start = useChange(() => api.post(`/connectors/${install.id}/pulls/${pull.pull}`), { nouns: ["connectors"] });
  const running = pull.state === "running" || pull.state === "sweeping";
  const again = pull.state === "failed" ? t("pull.go_on") : pull.state === "never" ? t("pull.first") : t("pull.again");
  return (
    <div className="col" style={{ gap: 4 }}>
      <div className="row wrap between">
        <span className="row wrap">
          <span className="strong">{say(pull.label)}</span>
          <span className={`tag ${pull.state === "failed" ? "bad" : pull.state === "done" ? "good" : ""}`}>
            {t(`pull.${pull.state}`)}
          </span>
        </span>
        <ActButton size="small" disabled={running} loading={start.isPending} onClick={() => start.mutate(undefined)}>
          {again}
        </ActButton>
      </div>
      {running && pull.share !== null && (
        <Progress percent={Math.min(99, Math.floor(pull.share * 100))} size="small" />
      )}
      {pull.state !== "never" && (
        <p className="row wrap faint small">
          <span className="num">
            {t("pull.progress", { done: formatCount(pull.done), calls: formatCount(pull.calls) })}
          </span>
          <span>
            {t("pull.began")} <When at={pull.began_at} />
          </span>
          {pull.finished_at && (
            <span>
              {t("pull.finished")} <When at={pull.finished_at} />
            </span>
          )}
          {pull.next_at && (
            <span>
              {t("pull.next")} <When at={pull.next_at} />
            </span>
          )}
        </p>
      )}
      {pull.error && <p className="note bad">{pull.error}</p>}
    </div>
  );
}
