/** Everything that happened to one person, newest first, grouped by day; each entry opens to all it carries. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Segmented } from "antd";
import { useState } from "react";
import { api, withParams } from "../shared/api";
import type { Page, TimelineItem } from "../shared/api-types";
import { Carried } from "../shared/Carried";
import { ErrorState } from "../shared/ErrorState";
import { formatMoney, useTime } from "../shared/formats";
import { kindOf, useThingNames } from "../shared/homes";
import { useBilingual } from "../shared/i18n/i18n";
import { JsonView, useChannelName } from "../shared/Marks";
import { Bones } from "../shared/Page";
import { useText } from "./text";

const KINDS = ["all", "behaviour", "order", "contact", "message", "audience", "journey", "consent"] as const;
type Kind = (typeof KINDS)[number];

function groupByDay(items: TimelineItem[], day: (iso: string) => string): [string, TimelineItem[]][] {
  const groups = new Map<string, TimelineItem[]>();
  for (const item of items) {
    const key = day(item.time);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups];
}

export function Timeline({ id }: { id: string }) {
  const t = useText();
  const time = useTime();
  const [kind, setKind] = useState<Kind>("all");
  const query = useInfiniteQuery({
    queryKey: ["persons", id, "timeline", kind],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<TimelineItem>>(
        withParams(`/persons/${id}/timeline`, { after: pageParam, limit: 100, kind: kind === "all" ? null : kind }),
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  const channelName = useChannelName();
  const thingName = useThingNames(items.map(mentioned));
  const briefOf = (item: TimelineItem) => {
    const text = mentioned(item);
    return kindOf(text) ? thingName(text) : propOf(item, "channel") === text ? channelName(text) : text;
  };
  return (
    <div className="stack">
      <div className="scroll-x timeline-kinds">
        <Segmented
          value={kind}
          onChange={setKind}
          options={KINDS.map((value) => ({ value, label: t(`timeline.kind.${value}`) }))}
        />
      </div>
      {query.error ? (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      ) : query.isPending ? (
        <Bones lines={8} height={420} />
      ) : items.length === 0 ? (
        <p className="dim" style={{ padding: "32px 0", textAlign: "center" }}>
          {t("timeline.empty")}
        </p>
      ) : (
        <>
          {groupByDay(items, time.day).map(([day, entries]) => (
            <section key={day} className="day">
              <h3 className="num">
                {day} <span className="faint">{time.weekday(day)}</span>
              </h3>
              <ol>
                {entries.map((item) => (
                  <Entry key={item.key} item={item} brief={briefOf(item)} />
                ))}
              </ol>
            </section>
          ))}
          {query.hasNextPage ? (
            <Button onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
              {t("timeline.more")}
            </Button>
          ) : (
            <p className="faint small" style={{ textAlign: "center" }}>
              {t("timeline.end")}
            </p>
          )}
        </>
      )}
    </div>
  );
}

const BRIEF = ["product", "product_name", "name", "title", "reason", "channel", "audience", "journey", "query", "page", "path"];

function propOf({ props }: TimelineItem, name: string): string {
  const value = typeof props === "object" && props !== null ? (props as Record<string, unknown>)[name] : "";
  return typeof value === "string" ? value : "";
}

/** What an entry is about, in its own word: a product, a channel, the id of an audience. */
function mentioned(item: TimelineItem): string {
  return BRIEF.map((name) => propOf(item, name)).find(Boolean) ?? "";
}

function Entry({ item, brief }: { item: TimelineItem; brief: string }) {
  const t = useText();
  const say = useBilingual();
  const time = useTime();
  const [open, setOpen] = useState(false);
  const label = say(item.label) || item.event;
  return (
    <li className="entry">
      <button type="button" className="entry-head" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className="num faint">{time.clock(item.time)}</span>
        <span className="grow">
          <span className="strong">{label}</span>
          {brief && <span className="dim"> · {brief}</span>}
        </span>
        {item.amount_fen !== 0 && (
          <span className={item.event.startsWith("order_") ? "num strong" : "num faint"}>{formatMoney(item.amount_fen)}</span>
        )}
        <span className="faint small entry-source ellipsis">{item.source_name}</span>
      </button>
      {open && (
        <div className="entry-body stack">
          <p className="faint small">
            <code>{item.event}</code> · {t("timeline.received", { at: time.second(item.received_at) })}
          </p>
          <span className="small dim">{t("timeline.props")}</span>
          <JsonView value={item.props} />
          <span className="small dim">{t("timeline.context")}</span>
          <Carried context={item.context} />
        </div>
      )}
    </li>
  );
}
