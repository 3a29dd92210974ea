import { RightOutlined } from "@ant-design/icons";
import { Link } from "react-router";
import type { Overview } from "../shared/api-types";
import { REACHING, useStageName } from "../shared/catalog";
import { formatCount, formatMoney, formatPercent } from "../shared/formats";
import { useChannelName } from "../shared/Marks";
import { Panel } from "../shared/Page";
import "./overview.css";
import { useText } from "./text";

export function NeedsMe({ needs }: { needs: Overview["needs_me"] }) {
  const t = useText();
  const rows = [
    { n: needs.quarantine, text: "needs.quarantine", act: "needs.quarantine.do", to: "/quarantine" },
    { n: needs.failed_messages, text: "needs.failed", act: "needs.failed.do", to: "/messages?state=failed" },
    { n: needs.journeys_parked, text: "needs.parked", act: "needs.parked.do", to: "/journeys" },
    { n: needs.suggestions, text: "needs.suggestions", act: "needs.suggestions.do", to: "/suggestions" },
    { n: needs.sources_silent, text: "needs.silent", act: "needs.silent.do", to: "/sources" },
    { n: needs.data_quality, text: "needs.quality", act: "needs.quality.do", to: "/catalog?flagged=1" },
    { n: needs.identity_conflicts, text: "needs.conflicts", act: "needs.conflicts.do", to: "/conflicts" },
  ] as const;
  const waiting = rows.filter(({ n }) => n > 0);
  return (
    <Panel title={t("needs.title")} flush className="needs">
      {waiting.length === 0 ? (
        <p className="dim needs-none">{t("needs.none")}</p>
      ) : (
        <ul>
          {waiting.map(({ n, text, act, to }) => (
            <li key={text}>
              <Link to={to} className="need">
                <span className="dot warn" />
                <span className="grow">
                  <span className="need-text">{t(text, { n: formatCount(n) })}</span>
                  <span className="faint small">{t(act)}</span>
                </span>
                <RightOutlined aria-hidden className="faint" />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

export function RevenueSplit({ revenue }: { revenue: Overview["revenue"] }) {
  const t = useText();
  const sum = revenue.from_new_fen + revenue.from_existing_fen;
  if (sum === 0) return <p className="faint">{t("revenue.none")}</p>;
  const parts = [
    { label: t("revenue.new"), fen: revenue.from_new_fen, color: "var(--stage-first_order)" },
    { label: t("revenue.existing"), fen: revenue.from_existing_fen, color: "var(--accent)" },
  ];
  return (
    <div className="stack">
      <div className="split" aria-hidden>
        {parts.map(({ label, fen, color }) => (
          <span key={label} style={{ flexGrow: fen, flexBasis: 0, background: color }} />
        ))}
      </div>
      <ul className="pairs">
        {parts.map(({ label, fen, color }) => (
          <li key={label}>
            <span className="dot" style={{ background: color }} />
            <span className="dim">{label}</span>
            <span className="num strong end">{formatMoney(fen, revenue.currency)}</span>
            <span className="num faint end share">{formatPercent(fen / sum)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function LifecycleBar({ rows }: { rows: Overview["lifecycle"] }) {
  const stageName = useStageName();
  const sum = rows.reduce((total, { persons }) => total + persons, 0);
  return (
    <div className="stack">
      <div className="split">
        {rows.map(({ stage, persons }) => (
          <Link
            key={stage}
            to={`/persons?stage=${stage}`}
            aria-label={`${stageName(stage)} ${formatCount(persons)}`}
            style={{ flexGrow: persons, flexBasis: 0, background: `var(--stage-${stage})` }}
          />
        ))}
      </div>
      <ul className="pairs">
        {rows.map(({ stage, persons }) => (
          <li key={stage}>
            <span className="dot" style={{ background: `var(--stage-${stage})` }} />
            <Link to={`/persons?stage=${stage}`}>{stageName(stage)}</Link>
            <span className="num strong end">{formatCount(persons)}</span>
            <span className="num faint end share">{formatPercent(sum ? persons / sum : null)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function ChannelBars({ rows, known }: { rows: Overview["channels"]; known: number }) {
  const t = useText();
  const name = useChannelName();
  const used = rows.filter(({ channel, owned }) => owned > 0 && REACHING.includes(channel));
  if (used.length === 0) return <p className="faint">{t("channels.none")}</p>;
  const widest = Math.max(...used.map(({ owned }) => owned), 1);
  return (
    <ul className="channel-bars">
      {used.map(({ channel, owned, reachable }) => (
        <li key={channel} title={known ? formatPercent(reachable / known) : ""}>
          <div className="row between">
            <Link to={`/persons?channel=${channel}`}>{name(channel)}</Link>
            <span className="num nowrap">
              <span className="strong">{formatCount(reachable)}</span>
              <span className="faint"> / {formatCount(owned)}</span>
            </span>
          </div>
          <div className="channel-bar" aria-hidden>
            <span className="owned" style={{ width: `${(owned / widest) * 100}%` }} />
            <span className="now" style={{ width: `${(reachable / widest) * 100}%` }} />
          </div>
        </li>
      ))}
    </ul>
  );
}
