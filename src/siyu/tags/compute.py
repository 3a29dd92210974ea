"""Computing tags: of everybody, as many as are due in one scan, or of the persons that something happened to."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import msgspec
from pyroaring import BitMap64
from sqlalchemy.engine import Connection, Row

from siyu import audiences
from siyu.audiences import Book, Moment, Problem, Rule
from siyu.store import Store
from siyu.tags.kinds import KINDS
from siyu.tags.kinds.lifecycle import windows_for
from siyu.tags.kinds.rfm import needs_edges
from siyu.tags.kinds.rule import RuleConfig
from siyu.tags.problems import BadTag
from siyu.tags.queries import guard, scan, values
from siyu.tags.queries import said as said_queries
from siyu.tags.queries.scan import Ask, Source
from siyu.tags.queries.values import Changed, Held

_STEP, _STEPS = 100_000, 5
"""Person numbers aggregated in one go, and how often before what was found is written: it is held in memory."""


class Done(msgspec.Struct, frozen=True):
    """A tag of everybody as it was computed. ``fault`` is why it was not."""

    tag: str
    as_of: int
    changed: BitMap64
    took_ms: float
    facts: Mapping[str, Any] = {}
    fault: str = ""


def config_of(kind: str, text: str) -> Any:
    return msgspec.json.decode(text, type=KINDS[kind].config)


def ask_of(row: Row[Any], zone: Any) -> Ask:
    kind = KINDS[row.kind]
    config = config_of(row.kind, row.config)
    probes, problems = kind.probes(config, zone)
    if problems:
        raise BadTag(problems)
    return Ask(row.id, kind, config, probes, msgspec.json.decode(row.facts))


def rules_of(config: RuleConfig, everything: Book, own: str, language: str) -> tuple[list[Rule], list[Problem]]:
    """The rules of a tag's values, ready to be asked, or what is wrong with each."""
    found, problems = [], []
    for place, one in enumerate(config.values):
        rule, wrong = audiences.usable(everything, one.rule, own, language)
        problems += [Problem(f"values/{place}/rule{each.pointer}", each.code, each.params) for each in wrong]
        found += [rule] if rule is not None else []
    return found, problems


@contextmanager
def sources(store: Store, asks: Sequence[Ask], moment: Moment) -> Iterator[dict[str, Source]]:
    """For tags other than those read from events: a source each, of everybody, while the block runs."""
    with ExitStack() as stack:
        found: dict[str, Source] = {}
        for ask in asks:
            if ask.kind.how == "persons":
                windows = windows_for(ask.config, moment.windows)
                found[ask.tag] = scan.persons(windows, moment, "1", {})
            elif ask.kind.how == "sql":
                found[ask.tag] = guard.source(store.events, ask.config.sql, moment.now)
            else:
                with store.state.read() as conn:
                    held = _outside(store, conn, ask, moment, None)
                found[ask.tag] = stack.enter_context(values.narrow(store.events, held))
        yield found


def _outside(store: Store, conn: Connection, ask: Ask, moment: Moment, people: Sequence[int] | None) -> dict[int, str]:
    """Values worked out in Python: person → value."""
    if ask.kind.how == "said":
        return said_queries.values_of(conn, ask.tag, people)
    rules, problems = rules_of(ask.config, audiences.book(conn), ask.tag, "en")
    if problems:
        raise BadTag(problems)
    sets, left = audiences.fitting_rules(store, rules, moment, people)
    found: dict[int, str] = {}
    for one, members in zip(ask.config.values, sets, strict=True):
        found |= dict.fromkeys(members & left, one.value)
        left = left - members
    if ask.config.otherwise:
        found |= dict.fromkeys(left, ask.config.otherwise)
    return found


def with_edges(store: Store, ask: Ask, moment: Moment) -> Ask:
    """The tag with what has to be known of everybody before one person can be told."""
    if not needs_edges(ask.config):
        return ask
    return msgspec.structs.replace(ask, facts=scan.edges(store.events, ask, moment))


def of_everybody(store: Store, asks: Sequence[Ask], clearing: Collection[str], moment: Moment) -> list[Done]:
    """Compute tags of everybody and write what changed: those read from events in one scan, the others each."""
    began = time.perf_counter()
    happened = [with_edges(store, ask, moment) for ask in asks if ask.kind.how == "events"]
    version = values.next_version(store.events)
    if happened:
        _scan_everybody(store, happened, clearing, moment, version)
    shared = (time.perf_counter() - began) * 1000 / max(len(happened), 1)
    done = [Done(ask.tag, moment.now, _changed(store, ask, version), shared, ask.facts) for ask in happened]
    alone = [ask for ask in asks if ask.kind.how != "events"]
    return done + [_alone(store, ask, clearing, moment, version) for ask in alone]


def _scan_everybody(store: Store, asks: Sequence[Ask], clearing: Collection[str], moment: Moment, version: int) -> None:
    """A scan for each set of events that tags look at together: the properties of other events are not even read."""
    engine = store.events
    _, last = values.everyone(engine)
    parts = scan.scopes(engine, 0, last, _STEP)
    for start in range(0, len(parts), _STEPS):
        some = parts[start : start + _STEPS]
        wheres = [f"({scope.where})" for scope in some]
        where = f"({' OR '.join(wheres)})"
        for together in _by_events(asks):
            with values.wide(engine, [scan.events(together, moment, scope) for scope in some], wheres) as found:
                for ask, source in zip(together, found, strict=True):
                    values.put(engine, ask.tag, source, where, moment.now, version, clear=ask.tag in clearing)


def _by_events(asks: Sequence[Ask]) -> list[list[Ask]]:
    found: dict[frozenset[str], list[Ask]] = {}
    for ask in asks:
        found.setdefault(event_names(ask), []).append(ask)
    return list(found.values())


def _alone(store: Store, ask: Ask, clearing: Collection[str], moment: Moment, version: int) -> Done:
    began = time.perf_counter()
    try:
        with sources(store, [ask], moment) as found:
            clear = ask.tag in clearing or ask.kind.how == "said"
            values.put(store.events, ask.tag, found[ask.tag], "1", moment.now, version, clear=clear)
        fault = ""
    except BadTag as error:
        fault = "; ".join(one.message for one in error.errors)[:500]
    took = (time.perf_counter() - began) * 1000
    return Done(ask.tag, moment.now, _changed(store, ask, version), took, {}, fault)


def _changed(store: Store, ask: Ask, version: int) -> BitMap64:
    return values.changed_at(store.events, ask.tag, version)


def of_some(
    store: Store,
    conn: Connection,
    asks: Sequence[Ask],
    keeping: frozenset[str],
    moment: Moment,
    people: Sequence[int],
) -> dict[str, Changed]:
    """Compute tags of a few canonical persons; answers whose value changed of which tag."""
    found: list[Held] = []
    happened = [ask for ask in asks if ask.kind.how == "events"]
    if happened:
        scope = scan.some(store.events, people)
        found += values.found_in(store.events, scan.events(happened, moment, scope), happened, people)
    for ask in asks:
        if ask.kind.how == "persons":
            where, params = "person IN {people:Array(UInt64)}", {"people": list(people)}
            source = scan.persons(windows_for(ask.config, moment.windows), moment, where, params)
            found += values.found_from(store.events, ask.tag, source)
        elif ask.kind.how in ("said", "rules"):
            held = _outside(store, conn, ask, moment, people)
            found += [Held(ask.tag, person, value, [], 0) for person, value in held.items()]
    return values.put_some(store.events, found, keeping, people, [ask.tag for ask in asks], moment.now)


def event_names(ask: Ask) -> frozenset[str]:
    """The events that can decide a tag."""
    return frozenset(name for probe in ask.probes for name in audiences.names_in(probe))


def in_waves(asks: Sequence[Ask], names: Mapping[str, frozenset[str]]) -> list[list[Ask]]:
    """Tags in an order in which what one names comes before it; ``names``: tag or audience → what decides it."""
    wanted = {ask.tag: ask for ask in asks}
    depth: dict[str, int] = {}

    def level(name: str, seen: frozenset[str]) -> int:
        if name in seen:
            return 0
        if name not in depth:
            below = [level(one, seen | {name}) for one in names.get(name, ())]
            depth[name] = max(below, default=0) + (name in wanted)
        return depth[name]

    waves: dict[int, list[Ask]] = {}
    for name, ask in wanted.items():
        waves.setdefault(level(name, frozenset()), []).append(ask)
    return [waves[place] for place in sorted(waves)]
