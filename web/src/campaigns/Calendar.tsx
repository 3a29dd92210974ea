import { useMemo } from "react";
import { Link } from "react-router";
import type { Page as PageOf } from "../shared/api-types";
import type { CalendarItem, Clash } from "../shared/campaign-types";
import { EmptyState } from "../shared/EmptyState";
import { ErrorState } from "../shared/ErrorState";
import { formatCount } from "../shared/formats";
import { Bones, Panel } from "../shared/Page";
import { useGet } from "../shared/query";
import { CampaignState } from "./CampaignState";
import { useText } from "./text";

const DAY = 86_400_000;

/** Campaigns by day, with whoever else writes to the same persons then. */
export function Calendar() {
  const t = useText();
  const [since, until] = useMemo(() => {
    const now = Date.now();
    return [now - 30 * DAY, now + 30 * DAY].map((at) => encodeURIComponent(new Date(at).toISOString()));
  }, []);
  const { data, error, refetch } = useGet<PageOf<CalendarItem>>(`/campaigns/calendar?since=${since}&until=${until}`);
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <Bones lines={6} height={320} />;
  const days = new Map<string, CalendarItem[]>();
  for (const item of data.items) days.set(item.day, [...(days.get(item.day) ?? []), item]);
  return (
    <div className="stack">
      <p className="dim">{t("calendar.hint")}</p>
      {days.size === 0 && (
        <div className="panel">
          <EmptyState title={t("calendar.empty")} />
        </div>
      )}
      {[...days].map(([day, items]) => (
        <Panel key={day} title={<span className="num">{day}</span>}>
          <div className="stack">
            {items.map((item) => (
              <div key={item.id} className="col" style={{ gap: 4 }}>
                <div className="row wrap">
                  <CampaignState state={item.state} />
                  <Link to={`/campaigns/${item.id}`} className="strong">
                    {item.name}
                  </Link>
                  <span className="faint">{item.audience}</span>
                </div>
                <Clashes items={item.clashes} />
              </div>
            ))}
          </div>
        </Panel>
      ))}
    </div>
  );
}

export function Clashes({ items }: { items: Clash[] }) {
  const t = useText();
  if (items.length === 0) return <p className="faint small">{t("calendar.none")}</p>;
  return (
    <>
      {items.map((clash) => (
        <p key={clash.id} className="note warn small">
          {t("clash", { name: clash.name || clash.id, n: formatCount(clash.persons) })}
        </p>
      ))}
    </>
  );
}
