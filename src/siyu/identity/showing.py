"""How identity looks to operators: a person's graph, its history, the queue of conflicts."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.engine import Connection

from siyu.collect import has_settled
from siyu.identity import decision_queries as queries
from siyu.identity import ledger_queries as ledger
from siyu.identity import queries as people
from siyu.identity.decisions import find, parting
from siyu.identity.types import BLOCKED, REMOVED, SHARED, YIELDS, LinkRow, Row
from siyu.identity.views import (
    Answered,
    ConflictView,
    Edge,
    Graph,
    History,
    IdentifierRef,
    Node,
    SplitEffect,
    SplitRequest,
    Step,
)
from siyu.kit import BadInput, NotFound, Page, iso, mask_identifier, person_no, person_ref
from siyu.store import Store

_MOST = 500
"""Identifiers and links of one graph."""


def answer(conn: Connection, refs: list[IdentifierRef]) -> Answered:
    """Who these identifiers name, the first that names anybody first."""
    persons: dict[int, None] = {}
    for ref in refs:
        try:
            persons |= {row.person: None for row in find(conn, [ref]) if row.person}
        except NotFound:
            continue
    named = [person_ref(person) for person in persons]
    return Answered(named[0] if named else None, named[1:])


def graph(conn: Connection, person: str) -> Graph:
    number, rows = _person(conn, person)
    links = ledger.links_of(conn, [row.id for row in rows if not row.void])
    kept = sorted(links.values(), key=lambda held: (held.state == REMOVED, held.at))[:_MOST]
    nodes = {row.id: row for row in rows[:_MOST]}
    nodes |= people.rows_by_id(conn, {end for held in kept for end in (held.one, held.two)} - nodes.keys())
    sources = queries.source_names(conn)
    edges = [_edge(held, nodes, sources) for held in kept]
    more = len(links) > len(kept) or len(rows) > _MOST
    settling = not _settled(conn, number)
    return Graph(person_ref(number), [_node(row) for row in nodes.values()], edges, more, settling)


def _settled(conn: Connection, person: int) -> bool:
    """Whether the last move about a person has come to its end."""
    batch = ledger.last_batch(conn, person)
    return batch is None or has_settled(conn, batch)


def split_effect(store: Store, asked: SplitRequest) -> SplitEffect:
    """What a split would do; nothing is changed."""
    with store.state.read() as conn:
        parted = parting(conn, asked.person, find(conn, asked.identifiers))
        person = parted.go[0].person
    return SplitEffect(
        queries.count_events(store.events, person, [row.anchor for row in parted.go]), len(parted.across)
    )


def history(conn: Connection, person: str) -> History:
    """Why these identifiers are one person, oldest step first."""
    _, rows = _person(conn, person)
    ids = [row.id for row in rows]
    sources = queries.source_names(conn)
    made = [
        Step(iso(held.at), "linked", held.one, held.two, sources.get(held.source, ""), "", 0, held.state == REMOVED)
        for held in ledger.links_of(conn, [row.id for row in rows if not row.void]).values()
        if held.source
    ]
    later = queries.history_of(conn, ids)
    known = queries.decisions_about(conn, {row[6] for row in later} - {0})
    steps = sorted(made, key=lambda step: step.at)[:_MOST] + [_step(row, known) for row in later[-_MOST:]]
    nodes = people.rows_by_id(conn, {end for step in steps for end in (step.one, step.two)})
    return History(steps, [_node(row) for row in nodes.values()])


def _step(
    row: tuple[int, int, int, int, str, str, int], known: dict[int, tuple[int, str, str, int | None, str]]
) -> Step:
    decision = known.get(row[6])
    undone = decision is not None and decision[3] is not None
    actor, verb = (decision[1], decision[4]) if decision else ("", "")
    return Step(iso(row[3]), row[4], row[1], row[2], row[5], actor, row[6], undone, verb)


def conflict_page(conn: Connection, state: str, after: str | None, limit: int) -> Page[ConflictView]:
    """The queue, newest first."""
    if after is not None and not (after.isascii() and after.isdigit()):
        raise BadInput(detail="after is no cursor of this list.")
    rows = queries.list_conflicts(conn, state, int(after) if after else None, limit)
    nodes = people.rows_by_id(conn, {end for row in rows for end in (row.one, row.two)})
    held = ledger.links_at(conn, [(row.one, row.two) for row in rows])
    sources = queries.source_names(conn)
    items = [
        ConflictView(
            row.id,
            row.state,
            row.reason,
            row.scope,
            iso(row.at),
            sources.get(held[row.one, row.two].source, "") if (row.one, row.two) in held else "",
            _node(nodes[row.one]),
            _node(nodes[row.two]),
        )
        for row in rows
        if row.one in nodes and row.two in nodes
    ]
    return Page(items, str(rows[-1].id) if len(rows) == limit else None)


def _person(conn: Connection, person: str) -> tuple[int, list[Row]]:
    number = person_no(person)
    number = people.canonical(conn, [number]).get(number, number)
    if not people.exists(conn, number):
        raise NotFound(what=person[:40])
    return number, sorted(people.rows_of(conn, [number]), key=lambda row: (row.first_seen_at, row.key))


def _node(row: Row) -> Node:
    kind, _, value = row.key.partition(":")
    return Node(
        row.id,
        kind,
        mask_identifier(kind, value),
        person_ref(row.person) if row.person else None,
        bool(row.state & SHARED),
        bool(row.state & BLOCKED),
        iso(row.first_seen_at),
        iso(row.last_seen_at),
    )


def _edge(held: LinkRow, nodes: dict[int, Row], sources: dict[int, str]) -> Edge:
    return Edge(
        held.one,
        held.two,
        _state(held, (nodes[held.one], nodes[held.two])),
        bool(held.manual),
        iso(held.at),
        sources.get(held.source, ""),
        f"{held.event:x}" if held.source else "",
    )


def _state(held: LinkRow, ends: Collection[Row]) -> str:
    if held.state == REMOVED:
        return "removed"
    if any(row.void for row in ends):
        return "void"
    return "yields" if held.state == YIELDS else "stands"
