"""SQL about sources, quarantine and what waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from siyu.catalog import STANDARD
from siyu.collect.tables import inbox, quarantine, sources
from siyu.store import EventEngine, Rows, chunks


class SourceRow(msgspec.Struct, frozen=True):
    """A row of ``collect_sources``."""

    id: str
    name: str
    kind: str
    category: str
    write_key: str
    created_at: int
    disabled: bool
    version: int


class QuarantineRow(msgspec.Struct, frozen=True):
    """A row of ``collect_quarantine``."""

    id: int
    at: int
    source_id: str
    format: str
    reason: str
    detail: str
    record: str
    state: str


_SOURCE = [sources.c[name] for name in SourceRow.__struct_fields__]
_KEPT = [quarantine.c[name] for name in QuarantineRow.__struct_fields__]


def add_source(conn: Connection, row: SourceRow) -> None:
    conn.execute(sa.insert(sources).values(msgspec.structs.asdict(row)))


def source(conn: Connection, source_id: str) -> SourceRow | None:
    row = conn.execute(sa.select(*_SOURCE).where(sources.c.id == source_id)).one_or_none()
    return SourceRow(*row) if row else None


def list_sources(conn: Connection, before: tuple[int, str] | None, limit: int) -> list[SourceRow]:
    """Sources, the newest first; ``before`` is (created_at, id) of the last one seen."""
    query = sa.select(*_SOURCE).order_by(sources.c.created_at.desc(), sources.c.id.desc()).limit(limit)
    if before:
        query = query.where(sa.tuple_(sources.c.created_at, sources.c.id) < sa.tuple_(*before))
    return [SourceRow(*row) for row in conn.execute(query)]


def source_names(conn: Connection) -> dict[str, tuple[str, str]]:
    """Source id → (name, kind)."""
    return {row[0]: (row[1], row[2]) for row in conn.execute(sa.select(sources.c.id, sources.c.name, sources.c.kind))}


def change_source(conn: Connection, source_id: str, values: dict[str, Any]) -> None:
    conn.execute(
        sa.update(sources).where(sources.c.id == source_id).values(values | {"version": sources.c.version + 1})
    )


def oldest_waiting(conn: Connection, after_id: int) -> int | None:
    """When the oldest append beyond an inbox id arrived."""
    query = sa.select(inbox.c.received_at).where(inbox.c.id > after_id).order_by(inbox.c.id).limit(1)
    return conn.execute(query).scalar()


def quarantined(
    conn: Connection,
    *,
    state: str | None = "waiting",
    source_id: str | None = None,
    reason: str | None = None,
    before_id: int | None = None,
    limit: int,
) -> list[QuarantineRow]:
    """Newest first."""
    query = sa.select(*_KEPT).order_by(quarantine.c.id.desc()).limit(limit)
    wanted = {"state": state, "source_id": source_id, "reason": reason}
    for name, value in wanted.items():
        if value is not None:
            query = query.where(quarantine.c[name] == value)
    if before_id is not None:
        query = query.where(quarantine.c.id < before_id)
    return [QuarantineRow(*row) for row in conn.execute(query)]


def quarantined_by_id(conn: Connection, ids: Sequence[int]) -> list[QuarantineRow]:
    found: list[QuarantineRow] = []
    for part in chunks(ids):
        found += [QuarantineRow(*row) for row in conn.execute(sa.select(*_KEPT).where(quarantine.c.id.in_(part)))]
    return found


def set_state(conn: Connection, ids: Sequence[int], state: str) -> int:
    """Answers how many waited."""
    changed = 0
    for part in chunks(ids):
        waiting = sa.and_(quarantine.c.id.in_(part), quarantine.c.state == "waiting")
        changed += conn.execute(sa.update(quarantine).where(waiting).values(state=state)).rowcount
    return changed


def set_record(conn: Connection, row_id: int, record: str) -> None:
    conn.execute(sa.update(quarantine).where(quarantine.c.id == row_id).values(record=record))


def set_fault(conn: Connection, row_id: int, reason: str, detail: str) -> None:
    conn.execute(sa.update(quarantine).where(quarantine.c.id == row_id).values(reason=reason, detail=detail))


def waiting_by_source(conn: Connection, since: int) -> dict[str, int]:
    """Source → records put aside since a time that still wait."""
    rows = conn.execute(
        sa.select(quarantine.c.source_id, sa.func.count())
        .where(quarantine.c.at > since, quarantine.c.state == "waiting")
        .group_by(quarantine.c.source_id)
    )
    return {row[0]: int(row[1]) for row in rows}


def count_waiting(conn: Connection) -> int:
    """Records in quarantine that wait for somebody."""
    query = sa.select(sa.func.count()).select_from(quarantine).where(quarantine.c.state == "waiting")
    return int(conn.execute(query).scalar_one())


_NEWEST = """
SELECT person, time, event, source, received, toString(key), toJSONString(props), context FROM events
WHERE received >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND received < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND time > fromUnixTimestamp64Milli({since:Int64}, 'UTC') - INTERVAL 31 DAY
  AND ({source:String} = '' OR source = {source:String})
ORDER BY received DESC LIMIT 100
"""


def newest_events(engine: EventEngine, source_id: str | None, since: int, until: int) -> Rows:
    """The 100 events received last in a span of epoch ms; one pass over the arrival times of a month or two."""
    return engine.query(_NEWEST, {"since": since, "until": until, "source": source_id or ""}, max_seconds=5)


def unjoined(engine: EventEngine, since: int) -> dict[str, tuple[int, int]]:
    """Source → its events since a time, and those whose person has no event of another source since."""
    sql = f"""
        SELECT source, sum(events), sumIf(events, alone)
        FROM (
            SELECT source, events, count() OVER (PARTITION BY who) = 1 AS alone
            FROM (
                SELECT {engine.canonical()} AS who, source, count() AS events FROM events
                WHERE time >= fromUnixTimestamp64Milli({{since:Int64}}, 'UTC') AND source != 'siyu'
                GROUP BY who, source
            )
        )
        GROUP BY source
    """  # noqa: S608
    rows = engine.query(sql, {"since": since}, max_seconds=15, max_memory=2 << 30)
    return {row[0]: (int(row[1]), int(row[2])) for row in rows}


def coverage(engine: EventEngine, since: int, places: Mapping[str, str]) -> list[tuple[str, int, int, int]]:
    """(place, buyers since a time, those of them in the private domain, persons who came in there).

    ``places``: source → place. Who came in there did something that enters, or was recognised by a parcel's card as a
    buyer of it.
    """
    who, entering = engine.canonical(), [name for name, event in STANDARD.items() if event.enters]
    staff = "SELECT person FROM persons FINAL WHERE staff = 1 AND deleted = 0"
    sql = f"""
        SELECT place, countIf(bought), countIf(bought AND inside), countIf(came OR (bought AND matched))
        FROM (
            SELECT who, place, bought, came,
                who IN (SELECT person FROM persons FINAL
                    WHERE deleted = 0 AND toUnixTimestamp64Milli(entered) != 0) AS inside,
                who IN (SELECT {who} FROM events WHERE event = 'parcel_matched') AS matched
            FROM (
                SELECT {who} AS who, transform(source, {{ids:Array(String)}}, {{places:Array(String)}}, '') AS place,
                    max(event = 'order_paid') AS bought, max(event IN {{entering:Array(String)}}) AS came
                FROM events
                WHERE time >= fromUnixTimestamp64Milli({{since:Int64}}, 'UTC') AND source IN {{ids:Array(String)}}
                    AND (event = 'order_paid' OR event IN {{entering:Array(String)}}) AND {who} NOT IN ({staff})
                GROUP BY who, place
            )
        )
        GROUP BY place
    """  # noqa: S608
    params = {"since": since, "ids": list(places), "places": list(places.values()), "entering": entering}
    rows = engine.query(sql, params, max_seconds=15, max_memory=2 << 30)
    return [(str(row[0]), int(row[1]), int(row[2]), int(row[3])) for row in rows]
