"""All SQL of the catalog: what the event engine holds, sampled so that the answer's cost does not grow."""

from __future__ import annotations

import msgspec

from siyu.store import EventEngine

_SAMPLE = 20_000
_RANGES = 8
_EACH = 200


def counts_since(engine: EventEngine, since: int) -> dict[str, int]:
    """Event name → appearances since then (epoch ms)."""
    sql = """
        SELECT event, count() AS n FROM events WHERE time >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
        GROUP BY event ORDER BY n DESC LIMIT 2000
    """
    return {row[0]: int(row[1]) for row in engine.query(sql, {"since": since}, max_seconds=10)}


def sample_props(engine: EventEngine, since: int, appearances: int, names: list[str]) -> list[tuple[str, str]]:
    """(event, properties as JSON text) of some events since then: up to 200 of each name.

    Looks at persons in a few stretches of the table's order, then once more for the names seen in none of them.
    """
    top = int(engine.query("SELECT max(person) FROM events", max_seconds=10).one()[0])
    fits, params = _stretches(top, appearances)
    rows = _props(engine, since, fits, params)
    missing = sorted(set(names) - {event for event, _ in rows})
    if missing:
        rows += _props(engine, since, "event IN {names:Array(String)}", {"names": missing[:500]})
    return rows


def _props(engine: EventEngine, since: int, fits: str, params: dict[str, object]) -> list[tuple[str, str]]:
    sql = f"""
        SELECT event, toString(props) FROM events
        WHERE time >= fromUnixTimestamp64Milli({{since:Int64}}, 'UTC') AND ({fits})
        LIMIT {_EACH} BY event LIMIT {_SAMPLE}
    """  # noqa: S608
    answer = engine.query(sql, params | {"since": since}, max_seconds=10, max_memory=1 << 30)
    return [(str(row[0]), str(row[1])) for row in answer]


def sample_traits(engine: EventEngine) -> list[str]:
    """Traits as JSON text of every person, or of a sample of about 20,000."""
    found = engine.query("SELECT max(person), count() FROM persons", max_seconds=10).one()
    fits, params = _stretches(int(found[0]), int(found[1]))
    sql = f"SELECT toString(traits) FROM persons FINAL WHERE deleted = 0 AND ({fits}) LIMIT {4 * _SAMPLE}"  # noqa: S608
    return [str(row[0]) for row in engine.query(sql, params, max_seconds=10, max_memory=1 << 30)]


def _stretches(top: int, rows: int) -> tuple[str, dict[str, object]]:
    """A condition on ``person`` that leaves about a sample of ``rows``, in stretches spread over all persons."""
    if rows <= _SAMPLE:
        return "1", {}
    width = max(1, top * _SAMPLE // (rows * _RANGES))
    starts = [place * (top + 1) // _RANGES for place in range(_RANGES)]
    stretches = range(len(starts))
    fits = " OR ".join(f"person BETWEEN {{low{i}:UInt64}} AND {{high{i}:UInt64}}" for i in stretches)
    lows: dict[str, object] = {f"low{i}": starts[i] for i in stretches}
    return fits, lows | {f"high{i}": starts[i] + width - 1 for i in stretches}


class Volume(msgspec.Struct, frozen=True):
    """How often an event came: by day (the last ``days``, today last), since when, until when, from which sources."""

    daily: list[int]
    first_at: int
    last_at: int
    sources: list[str]


def volumes(engine: EventEngine, days: int, zone: str, now: int) -> dict[str, Volume]:
    """Event → its volume; days are those of the zone, and what lies in the future counts today."""
    sql = """
        WITH toDate(fromUnixTimestamp64Milli({now:Int64}, 'UTC'), {zone:String}) AS today
        SELECT event, sumMap(map(ago, n)), min(first), max(last), arrayDistinct(flatten(groupArray(sources)))
        FROM (
            SELECT toString(event) AS event,
                toInt32(least({days:Int32}, greatest(0, today - toDate(time, {zone:String})))) AS ago,
                count() AS n, toUnixTimestamp64Milli(min(time)) AS first, toUnixTimestamp64Milli(max(time)) AS last,
                groupUniqArray(20)(toString(source)) AS sources
            FROM events GROUP BY event, ago
        ) GROUP BY event ORDER BY event LIMIT 2000
    """
    rows = engine.query(sql, {"days": days, "zone": zone, "now": now}, max_seconds=15)
    return {
        str(event): Volume(
            [int(counted.get(ago, 0)) for ago in range(days - 1, -1, -1)], int(first), int(last), sorted(sources)
        )
        for event, counted, first, last, sources in rows
    }
