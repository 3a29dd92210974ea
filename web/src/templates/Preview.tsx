import { useEffect, useState } from "react";
import { api } from "../shared/api";
import type { Preview as Seen, TemplateDraft } from "../shared/campaign-types";
import { useErrorText } from "../shared/ErrorState";
import { useBilingual } from "../shared/i18n/i18n";
import { Panel } from "../shared/Page";
import { PersonSearch } from "../shared/PersonSearch";
import { useText } from "./text";

/** The draft as somebody would get it, with what keeps it from being saved; follows the typing. */
export function Preview({ draft }: { draft: TemplateDraft }) {
  const t = useText();
  const say = useBilingual();
  const errorText = useErrorText();
  const [person, setPerson] = useState<string | null>(null);
  const [seen, setSeen] = useState<Seen | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const text = Object.values(draft.says).some((said) => said?.text);
    if (!text || !draft.incentive || !draft.appeal || !draft.name.trim()) return;
    const timer = setTimeout(() => {
      api
        .post<Seen>("/templates/preview", { draft, person: person ?? "" }, { asks: true })
        .then((answer) => {
          setSeen(answer);
          setProblem("");
        })
        .catch((error: Error) => setProblem(errorText(error)));
    }, 400);
    return () => clearTimeout(timer);
  }, [draft, person, errorText]);
  return (
    <Panel
      title={t("preview")}
      extra={seen && <span className={`small num ${seen.length > seen.limit ? "up" : "faint"}`}>{t("preview.length", { length: seen.length, limit: seen.limit })}</span>}
    >
      <div className="stack">
        <p className="faint small">{t("preview.hint")}</p>
        <PersonSearch person={person} onPick={setPerson} />
        {problem && <p className="note bad">{problem}</p>}
        {!seen && !problem && <p className="faint">{t("preview.empty")}</p>}
        {seen && (
          <article className="message-preview">
            {seen.subject && <h3>{seen.subject}</h3>}
            <p>{seen.text}</p>
            {Object.entries(seen.fields).map(([name, value]) => (
              <p key={name} className="small">
                <span className="faint">{name}</span> {value}
              </p>
            ))}
            {seen.link && <p className="small ellipsis">{seen.link}</p>}
          </article>
        )}
        {seen?.faults.map((fault) => (
          <p key={fault.field + fault.code} className="note warn small">
            {say(fault.text)}
          </p>
        ))}
      </div>
    </Panel>
  );
}
