import { useState } from "react";
import type { PersonDetail } from "../shared/api-types";
import { useTraitName } from "../shared/catalog";
import { useBilingual } from "../shared/i18n/i18n";
import { formatPercent, plainValue } from "../shared/formats";
import { When } from "../shared/Marks";
import { Panel } from "../shared/Page";
import { useText } from "./text";

type Row = { name: string; label: string; value: unknown; source: string | null; at: string | null };

/** What is known, and where from: value, source and time of every field. */
export function Portrait({ person, revealed }: { person: PersonDetail; revealed: Record<string, unknown> }) {
  const t = useText();
  const fieldName = useTraitName();
  const say = useBilingual();
  const [all, setAll] = useState(false);
  const fields: Row[] = person.portrait.fields.map(({ field, label, ...rest }) => ({ ...rest, name: field, label: say(label) }));
  const traits: Row[] = person.traits.map(({ name, value, source_name, source, at }) => ({
    name,
    label: fieldName(name),
    value,
    source: source_name || source,
    at,
  }));
  const rows = all || fields.length === 0 ? traits : fields;
  const more = traits.length > 0 && fields.length > 0;
  return (
    <Panel
      title={t("portrait")}
      extra={
        <span className="faint small num">{t("portrait.complete", { share: formatPercent(person.portrait.completeness, 0) })}</span>
      }
    >
      <div className="meter" aria-hidden style={{ marginBottom: 10 }}>
        <span style={{ width: `${person.portrait.completeness * 100}%` }} />
      </div>
      {rows.length === 0 ? (
        <p className="faint">{t("portrait.none")}</p>
      ) : (
        <ul className="fact-rows">
          {rows.map((row) => (
            <li key={row.name}>
              <span className="dim">{row.label}</span>
              <span className={row.value === null ? "faint" : "strong"}>
                {row.value === null ? t("portrait.unknown") : plainValue(revealed[row.name] ?? row.value)}
              </span>
              {row.value !== null && (
                <span className="faint small provenance">
                  <span className="ellipsis" title={row.source ?? ""}>
                    {row.source}
                  </span>
                  {row.at && <When at={row.at} to="day" />}
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      {more && (
        <button type="button" className="link-button small" style={{ marginTop: 10 }} onClick={() => setAll(!all)}>
          {all ? t("portrait.less") : t("portrait.all", { n: traits.length })}
        </button>
      )}
    </Panel>
  );
}
