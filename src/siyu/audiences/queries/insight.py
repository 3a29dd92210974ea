"""Everybody by the values they have: a set of persons for each, to be cut with any audience outside."""

# ruff: noqa: S608 - what is put into the text are our own words and checked paths; all texts are bound

from __future__ import annotations

from collections.abc import Sequence

from pyroaring import BitMap64

from siyu.audiences.queries.bitmaps import decode
from siyu.audiences.queries.terms import Moment, value_at
from siyu.collect import KINDS
from siyu.kit import DAY
from siyu.profiles import is_personal, stage_sql
from siyu.store import EventEngine

_VALUES = 60
"""Values of a trait that are told apart; those of fewer persons are left out."""
_TRAITS = 40
_BINS = 8
_DAYS = 30

Features = dict[tuple[str, str, str], BitMap64]
"""(dimension, trait, tag or event, value) → who has it. Dimensions: lifecycle, channel, trait, tag, event."""


def features(
    engine: EventEngine, moment: Moment, tags: Sequence[str] = (), *, stages: bool = True
) -> tuple[BitMap64, Features]:
    """Everybody, and who is in which stage, can be reached how, has which trait, had which value of a tag then, did
    what in the 30 days before."""
    stage, params = stage_sql(moment.windows, moment.now)
    known = "FROM persons FINAL WHERE deleted = 0 AND staff = 0"
    sets = "hex(groupBitmapState(person))"
    parts = [
        f"SELECT '' AS kind, '' AS name, '' AS value, {sets} AS people {known}",
        f"""SELECT 'channel', '', channel, {sets}
        FROM (SELECT person, arrayJoin(channels) AS channel {known}) GROUP BY channel""",
    ]
    if stages:
        parts.append(
            f"SELECT 'lifecycle', '', stage, {sets} FROM (SELECT person, {stage} AS stage {known}) GROUP BY stage"
        )
    parts += [_trait(name) for name in _traits(engine)]
    edges = _edges(engine, tags, moment)
    parts += [_tag(name, moment, edges.get(name, "[]")) for name in tags]
    rows = list(engine.query("\nUNION ALL\n".join(parts), params if stages else {})) + _events(engine, moment)
    found = {(str(kind), str(name), str(value)): decode(people) for kind, name, value, people in rows}
    everyone = found.pop(("", "", ""), BitMap64())
    return everyone, {feature: people & everyone for feature, people in found.items()}


def _traits(engine: EventEngine) -> list[str]:
    """Traits that many have and that don't name a person."""
    sql = """
        SELECT arrayJoin(JSONAllPaths(traits)) AS name, count() AS n FROM
        (SELECT traits FROM persons FINAL WHERE deleted = 0 AND staff = 0
            AND person % greatest(1, intDiv((SELECT max(person) FROM persons), 20000)) = 0)
        GROUP BY name ORDER BY n DESC, name LIMIT 200
    """
    names = [str(row[0]) for row in engine.query(sql)]
    fitting = [name for name in names if not is_personal(name) and name not in KINDS]
    return [name for name in fitting if "`" not in name and "\\" not in name][:_TRAITS]


def _trait(name: str) -> str:
    value = value_at("traits", name)
    label = "'" + name.replace("'", "''") + "'"
    rows = f"""SELECT person, {_by_month(value.sql)} AS text, {value.number} AS number
        FROM persons FINAL WHERE deleted = 0 AND staff = 0 AND isNotNull({value.sql})"""
    return _spread("trait", label, rows, f"(SELECT {_EDGES} FROM ({rows}) WHERE isNotNull(number))")


def _by_month(text: str) -> str:
    """Days are told by their month."""
    return f"if(match({text}, '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}'), substring({text}, 1, 7), {text})"


def _tag(tag: str, moment: Moment, edges: str) -> str:
    return _spread("tag", f"'{tag}'", _held([tag], moment), edges)


def _held(tags: Sequence[str], moment: Moment, where: str = "1") -> str:
    """What each tag said at the moment of each person, in the order the table lies in."""
    names = ", ".join(f"'{tag}'" for tag in tags)
    rows = f"""SELECT tag, person, value, items FROM tag_values
        WHERE tag IN ({names}) AND since <= fromUnixTimestamp64Milli({moment.now}, 'UTC') AND {where}
        ORDER BY tag, person, version DESC LIMIT 1 BY tag, person"""
    return f"""SELECT tag, person, {_by_month("each")} AS text, toFloat64OrNull(text) AS number FROM
        (SELECT tag, person, arrayJoin(if(empty(items), [value], items)) AS each FROM ({rows}) WHERE value != '')"""


_EDGES = f"""if(uniq(number) > 20,
    arrayDistinct(quantiles({", ".join(f"{place / _BINS:.3f}" for place in range(1, _BINS))})(number)), [])"""


def _edges(engine: EventEngine, tags: Sequence[str], moment: Moment) -> dict[str, str]:
    """Where the stretches of each tag's numbers part, from some 50,000 persons."""
    if not tags:
        return {}
    some = "person % greatest(1, intDiv((SELECT max(person) FROM persons), 50000)) = 0"
    rows = _held(tags, moment, some)
    sql = f"SELECT toString(tag), toString({_EDGES}) FROM ({rows}) WHERE isNotNull(number) GROUP BY tag"
    return {str(tag): str(edges) for tag, edges in engine.query(sql)}


def _spread(dimension: str, label: str, rows: str, edges: str) -> str:
    """The commonest values; numbers of which there are many different ones in stretches of equally many persons."""
    place = "arrayCount(edge -> edge <= number, edges)"
    low = f"if({place} = 0, '', toString(edges[{place}]))"
    high = f"if({place} = length(edges), '', toString(edges[{place} + 1]))"
    stretch = f"concat({low}, ' – ', {high})"
    shown = f"if(isNotNull(number) AND notEmpty(edges), {stretch}, text)"
    return f"""
        SELECT '{dimension}', {label}, value, hex(groupBitmapState(person)) FROM
        (WITH CAST({edges}, 'Array(Float64)') AS edges SELECT person, {shown} AS value FROM ({rows}))
        GROUP BY value ORDER BY count() DESC LIMIT {_VALUES}"""


def _events(engine: EventEngine, moment: Moment) -> list[tuple[str, str, str, str]]:
    sql = f"""
        SELECT 'event', toString(event), '', hex(groupBitmapState({engine.canonical()})) FROM events
        WHERE time >= fromUnixTimestamp64Milli({{since:Int64}}, 'UTC')
            AND time <= fromUnixTimestamp64Milli({{now:Int64}}, 'UTC')
        GROUP BY event ORDER BY count() DESC LIMIT 100
    """
    rows = engine.query(sql, {"since": moment.now - _DAYS * DAY, "now": moment.now})
    return [(str(row[0]), str(row[1]), str(row[2]), str(row[3])) for row in rows]
