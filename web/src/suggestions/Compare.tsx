import { Drawer } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { api } from "../shared/api";
import { formatCount } from "../shared/formats";
import { lookup } from "../shared/i18n/i18n";
import { Identifiers, Info } from "../shared/Marks";
import { ActButton } from "../shared/may";
import { useChange } from "../shared/query";
import { formatScore, toneOf } from "./score";
import { useText } from "./text";
import type { Evidence, RevealedPair, Suggestion } from "./types";

const NOUNS = ["suggestions", "persons", "overview"];

/** Both persons side by side, and the decision. */
export function Compare({ suggestion, onClose }: { suggestion: Suggestion | null; onClose: () => void }) {
  const t = useText();
  return (
    <Drawer open={suggestion !== null} onClose={onClose} title={t("detail.title")} size={640}>
      {suggestion && <Pair suggestion={suggestion} onClose={onClose} />}
    </Drawer>
  );
}

function Pair({ suggestion, onClose }: { suggestion: Suggestion; onClose: () => void }) {
  const t = useText();
  const [clear, setClear] = useState<RevealedPair | null>(null);
  const place = `/suggestions/${suggestion.id}`;
  const accept = useChange(() => api.post(`${place}/accept`, {}), { nouns: NOUNS, done: t("detail.accepted"), onDone: onClose });
  const reject = useChange(() => api.post(`${place}/reject`, {}), { nouns: NOUNS, done: t("detail.rejected"), onDone: onClose });
  const reveal = useChange(() => api.post<RevealedPair>(`${place}/reveal`, {}), { nouns: [], onDone: setClear });
  const busy = accept.isPending || reject.isPending;
  return (
    <div className="stack">
      <div className="row wrap">
        <span className="pair-score num">{formatScore(suggestion.score)}</span>
        <span className="grow" />
        {!clear && (
          <ActButton size="small" title={t("detail.reveal.hint")} loading={reveal.isPending} onClick={() => reveal.mutate(undefined)}>
            {t("detail.reveal")}
          </ActButton>
        )}
      </div>
      {suggestion.group_size > 2 && <p className="note">{t("detail.group", { n: formatCount(suggestion.group_size) })}</p>}
      <table className="plain-table pair-table">
        <thead>
          <tr>
            <th>{t("detail.field")}</th>
            {(["a", "b"] as const).map((side) => (
              <th key={side}>
                <Link to={`/persons/${suggestion[side].id}`}>
                  {t(`col.${side}`)} {suggestion[side].name ?? t("unnamed")}
                </Link>
                <Identifiers items={suggestion[side].identifiers} />
              </th>
            ))}
            <th className="end">
              {t("detail.weight")} <Info text={t("detail.weight.info")} />
            </th>
          </tr>
        </thead>
        <tbody>
          {suggestion.evidence.map((one) => (
            <Row key={one.field} one={one} clear={clear} />
          ))}
        </tbody>
      </table>
      <p className="dim small">{t("detail.undo")}</p>
      <div className="row wrap">
        <ActButton type="primary" disabled={busy} loading={accept.isPending} onClick={() => accept.mutate(undefined)}>
          {t("detail.accept")}
        </ActButton>
        <ActButton danger disabled={busy} loading={reject.isPending} onClick={() => reject.mutate(undefined)}>
          {t("detail.reject")}
        </ActButton>
      </div>
    </div>
  );
}

function Row({ one, clear }: { one: Evidence; clear: RevealedPair | null }) {
  const t = useText();
  const tone = toneOf(one);
  const a = clear ? clear.a[one.field] : one.a;
  const b = clear ? clear.b[one.field] : one.b;
  return (
    <tr className={tone ? `speaks-${tone}` : ""}>
      <th scope="row">
        <span>{lookup(t, "field", one.field)}</span>
        <span className={`tag ${tone}`}>{lookup(t, "level", one.level)}</span>
      </th>
      <td>{a ?? <span className="faint">—</span>}</td>
      <td>{b ?? <span className="faint">—</span>}</td>
      <td className="end num">{one.level === "missing" ? "" : `${one.weight > 0 ? "+" : ""}${one.weight.toFixed(1)}`}</td>
    </tr>
  );
}
