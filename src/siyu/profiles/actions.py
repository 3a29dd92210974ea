"""What operators ask of persons: lists, pages, timelines, orders, and personal data in clear."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from siyu.accounts import Operator, audit
from siyu.catalog import STANDARD, spoken
from siyu.identity import aliases_of, canonical, identifiers_of, keys_of, search
from siyu.kit import NotFound, Page, iso, iso_or_none, mask_identifier, mask_name, person_no, person_ref
from siyu.profiles import queries, staff_queries, views
from siyu.profiles.cursors import (
    order_cursor,
    read_order_cursor,
    read_person_cursor,
    read_timeline_cursor,
    timeline_cursor,
)
from siyu.profiles.lifecycle import stage_of, stage_sql
from siyu.profiles.portrait import name_of
from siyu.profiles.reach import NOBODY, reach_list, reachable_channels
from siyu.profiles.sensitive import reveal_sensitive, sensitive_of
from siyu.profiles.staff import staff_of
from siyu.profiles.types import (
    Facts,
    MaskedIdentifier,
    OrderView,
    PersonItem,
    PersonItems,
    PersonPage,
    PersonParts,
    Revealed,
    TimelineItem,
    Windows,
)
from siyu.settings import current_settings
from siyu.store import Store, now_of

MOST_FOUND = 1_000
"""Persons a search looks at; more than that is no search."""


class PersonFilter(msgspec.Struct, frozen=True):
    """``text`` is any identifier or a part of a name."""

    text: str = ""
    stage: str | None = None
    channel: str | None = None
    staff: bool = False
    """Only staff and test accounts."""


def list_persons(store: Store, wanted: PersonFilter, after: str | None, limit: int, parts: PersonParts) -> PersonItems:
    """Persons that fit, the newest first."""
    before = read_person_cursor(after) if after else None
    with store.state.read() as conn:
        if wanted.text.strip():
            found = _search(store, conn, wanted, parts)
            total = len(found)
            people = [person for person in found if before is None or person < before][: limit + 1]
        elif wanted.staff:
            people, total = staff_queries.staff_persons(conn, before, limit + 1), staff_queries.count_staff(conn)
        elif wanted.stage or wanted.channel:
            where, params = _conditions(conn, wanted)
            people = queries.people_in_engine(store.events, where, params, before, limit + 1)
            total = queries.count_in_engine(store.events, where, params)
        else:
            people = queries.newest(conn, before, limit + 1)
            total = queries.count_persons(conn)
        items = person_items(conn, people[:limit], parts.withdrawn(conn, people[:limit]))
    more = len(people) > limit
    return PersonItems(items, person_ref(people[limit - 1]) if more else None, total)


def _conditions(conn: Connection, wanted: PersonFilter) -> tuple[list[str], dict[str, Any]]:
    where = ["staff = 0"]
    params: dict[str, Any] = {}
    if wanted.stage:
        stage, params = stage_sql(windows_of(conn), now_of(conn))
        where.append(f"{stage} = {{stage:String}}")
        params = params | {"stage": wanted.stage}
    if wanted.channel:
        where.append("has(channels, {channel:String})")
        params = params | {"channel": wanted.channel}
    return where, params


def _search(store: Store, conn: Connection, wanted: PersonFilter, parts: PersonParts) -> list[int]:
    text = wanted.text.strip()
    found = set(search(conn, text, MOST_FOUND))
    if text.startswith("per_"):
        found |= set(_by_ref(conn, text))
    if not text.removeprefix("+").isdigit() and "@" not in text:  # names are looked for in every person: half a second
        named = queries.people_in_engine(store.events, [queries.NAME_CONDITION], {"name_part": text}, None, MOST_FOUND)
        found |= set(named)
    facts = queries.facts_of(conn, found)
    people = sorted(facts, reverse=True)[:MOST_FOUND]
    if wanted.stage:
        windows, now = windows_of(conn), now_of(conn)
        people = [one for one in people if stage_of(facts[one], windows, now)[0] == wanted.stage]
    if wanted.channel:
        reach = reachable_channels(conn, people, parts.withdrawn(conn, people))
        people = [one for one in people if wanted.channel in reach[one]]
    return people


def _by_ref(conn: Connection, text: str) -> list[int]:
    try:
        number = person_no(text)
    except NotFound:
        return []
    return [canonical(conn, [number])[number]]


def person_items(
    conn: Connection, people: Sequence[int], withdrawn: Mapping[int, frozenset[str]] = NOBODY
) -> list[PersonItem]:
    """Persons as lists show them, in the order given; those unknown are left out."""
    facts = queries.facts_of(conn, people)
    names = display_names(conn, people)
    keys = keys_of(conn, people)
    reach = reachable_channels(conn, people, withdrawn)
    windows, now = windows_of(conn), now_of(conn)
    staff = staff_queries.marked_among(conn, people)
    return [
        _item(facts[one], windows, now, names.get(one), sorted(keys[one]), reach[one], one in staff)
        for one in people
        if one in facts
    ]


def _item(
    facts: Facts, windows: Windows, now: int, name: str | None, keys: Sequence[str], channels: list[str], staff: bool
) -> PersonItem:
    return PersonItem(
        staff=staff,
        id=person_ref(facts.person),
        name=name,
        identifiers=[_masked(*key.split(":", 1)) for key in keys[:10]],
        stage=stage_of(facts, windows, now)[0],
        orders=facts.orders,
        revenue_fen=facts.revenue,
        created_at=iso(facts.created_at),
        entered_at=iso_or_none(facts.entered_at),
        entered_via=facts.entered_via or None,
        channels=channels,
    )


def _masked(kind: str, value: str) -> MaskedIdentifier:
    return MaskedIdentifier(kind, mask_identifier(kind.partition(".")[0], value))


def display_names(conn: Connection, people: Sequence[int]) -> dict[int, str]:
    """What to call canonical persons on a screen, masked; those without a name are not in the answer."""
    return {person: mask_name(name) for person, name in names_of(conn, people).items()}


def names_of(conn: Connection, people: Collection[int]) -> dict[int, str]:
    """Canonical person → name, in clear; those without a name are not in the answer."""
    held = queries.traits_of(conn, people, queries.NAME_TRAITS)
    return {person: name for person, traits in held.items() if (name := name_of(traits))}


def display_name(conn: Connection, person: int) -> str | None:
    return display_names(conn, [person]).get(person)


def people_after(conn: Connection, person: int, limit: int) -> list[int]:
    """Canonical persons above a number, by number: page by page through everybody."""
    return queries.people_after(conn, person, limit)


def traits_of(conn: Connection, people: Collection[int], names: Collection[str]) -> dict[int, dict[str, Any]]:
    """Canonical person → the named traits they have, in clear."""
    return {
        person: {trait.name: trait.value for trait in held}
        for person, held in queries.traits_of(conn, people, names).items()
    }


def windows_of(conn: Connection) -> Windows:
    """The lifecycle windows the operators have set."""
    return current_settings(conn).lifecycle


def find(conn: Connection, ref: str) -> Facts:
    """The canonical person behind a public name, also behind that of somebody merged. Raises NotFound."""
    number = person_no(ref)
    person = canonical(conn, [number])[number]
    facts = queries.facts_of(conn, [person])
    if person not in facts:
        raise NotFound(what=ref[:40])
    return facts[person]


def person_page(store: Store, ref: str, parts: PersonParts) -> PersonPage:
    """Everything known of one person, personal data masked. Raises NotFound."""
    with store.state.read() as conn:
        facts = find(conn, ref)
        person = facts.person
        material = views.Material(
            facts=facts,
            traits=queries.traits_of(conn, [person]).get(person, []),
            identifiers=identifiers_of(conn, person),
            merged=aliases_of(conn, person)[1:],
            reach=reach_list(conn, person, parts.withdrawn(conn, [person]), parts.accounts(conn)),
            sources=queries.source_names(conn),
        )
        consent, audiences = parts.consent(conn, person), parts.audiences(conn, person)
        apart = sensitive_of(conn, person, consent, material.sources)
        more = (staff_of(conn, person), apart)
        return views.page(material, consent, audiences, more, windows_of(conn), now_of(conn))


def reveal(conn: Connection, operator: Operator, ref: str, fields: Sequence[str], parts: PersonParts) -> Revealed:
    """Personal data in clear. Who looked at what goes into the audit before anything is answered."""
    person = find(conn, ref).person
    audit(conn, operator, "person.reveal", person_ref(person), {"fields": sorted(set(fields))})
    traits = queries.traits_of(conn, [person]).get(person, [])
    identifiers = [MaskedIdentifier(one.kind, one.value) for one in identifiers_of(conn, person)]
    return Revealed(
        identifiers=identifiers if "identifiers" in fields else None,
        name=name_of(traits) if "name" in fields else None,
        traits={trait.name: trait.value for trait in traits} if "traits" in fields else None,
        sensitive=reveal_sensitive(conn, person, parts.consent(conn, person)) if "sensitive" in fields else None,
    )


def timeline(
    store: Store, ref: str, after: str | None = None, limit: int = 100, kind: str | None = None
) -> Page[TimelineItem]:
    """Events of a person, the newest first. ``kind`` is a group of the catalog, ``custom``, or an event name."""
    since = read_timeline_cursor(after) if after else None
    with store.state.read() as conn:
        person = find(conn, ref).person
        sources, called = queries.source_names(conn), spoken(conn)
    people = store.events.numbers_of([person])
    rows = queries.timeline(store.events, people, since, limit + 1, _events_of(kind) if kind else None)
    items = [views.timeline_item(row, sources, called) for row in rows[:limit]]
    return Page(items, timeline_cursor(rows[limit - 1]) if len(rows) > limit else None)


def _events_of(kind: str) -> tuple[bool, list[str]]:
    if kind == "custom":
        return False, list(STANDARD)
    names = [name for name, event in STANDARD.items() if event.group == kind]
    return True, names or [kind]


def orders(store: Store, ref: str, after: str | None, limit: int) -> Page[OrderView]:
    """Orders of a person with their raw payload, personal data masked, the newest first."""
    since = read_order_cursor(after) if after else None
    with store.state.read() as conn:
        people = aliases_of(conn, find(conn, ref).person)
        sources = queries.source_names(conn)
        rows = queries.orders_of(conn, people, since, limit + 1)
    items = [views.order(row, sources) for row in rows[:limit]]
    return Page(items, order_cursor(rows[limit - 1]) if len(rows) > limit else None)
