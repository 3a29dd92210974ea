"""Values as people read them, and why somebody has one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from siyu import audiences, profiles
from siyu.audiences import Moment, moment_of
from siyu.catalog import spoken, stage_labels
from siyu.collect import anchor_of
from siyu.identity import identifiers_of
from siyu.kit import BadInput, iso, mask_identifier, person_no
from siyu.privacy import withdrawn
from siyu.store import Store
from siyu.tags import compute
from siyu.tags.giving import row_of, words_of
from siyu.tags.kinds import Kind
from siyu.tags.queries import definitions, scan, values
from siyu.tags.queries.scan import Ask
from siyu.tags.queries.values import Held
from siyu.tags.types import Evidence, Fact, PastValue, PersonTag, ValueCount, Valued, Witness, Words

_EVENTS, _PAST = 10, 30


def labels_of(conn: Connection, kind: Kind, config: Any) -> dict[str, Words]:
    """What values are called; of a favourite time those of its unit, stages as the shop's industry calls them."""
    if kind.name == "lifecycle":
        return {name: Words(label.zh, label.en) for name, label in stage_labels(conn).items()}
    unit = kind.unit(config)
    return {
        name.removeprefix(f"{unit}/"): Words(**text)
        for name, text in kind.labels.items()
        if "/" not in name or name.startswith(f"{unit}/")
    }


def texts(ask: Ask, value: str, items: Sequence[str], *, clear: bool = False) -> list[str]:
    """The values of a person, personal ones masked unless ``clear``."""
    shown = list(items) if items else [value] if value else []
    name = _property(ask)
    return [str(profiles.mask_trait(name, one)) for one in shown] if profiles.is_personal(name) and not clear else shown


def _property(ask: Ask) -> str:
    return str(getattr(ask.config, "property", "")).rpartition(".")[2]


def value_counts(store: Store, ask: Ask, persons: int, found: Sequence[tuple[str, int]]) -> list[ValueCount]:
    with store.state.read() as conn:
        labels = labels_of(conn, ask.kind, ask.config)
    return [
        ValueCount(texts(ask, value, [])[0], labels.get(value), count, round(count / max(persons, 1), 4))
        for value, count in found
    ]


def valued(store: Store, ask: Ask, people: Sequence[tuple[int, str, list[str]]]) -> list[Valued]:
    numbers = [person for person, _, _ in people]
    with store.state.read() as conn:
        items = profiles.person_items(conn, numbers, withdrawn(conn, numbers))
    shown = {person_no(item.id): item for item in items}
    return [Valued(shown[person], texts(ask, value, some)) for person, value, some in people if person in shown]


def cursor(after: str | None) -> int:
    if after is None:
        return 0
    if not (after.isascii() and after.isdigit() and len(after) < 19):
        raise BadInput(detail="after is no cursor of this list.")
    return int(after)


def tags_of(store: Store, ref: str) -> list[PersonTag]:
    """The values of a person, by the tags' names. Raises NotFound."""
    with store.state.read() as conn:
        person = profiles.find(conn, ref).person
        rows = {row.id: row for row in definitions.all_of(conn)}
        zone = audiences.zone_of(conn)
        asks = {tag: compute.ask_of(row, zone) for tag, row in rows.items()}
        called = {tag: labels_of(conn, ask.kind, ask.config) for tag, ask in asks.items()}
    held = {one.tag: one for one in values.of_people(store.events, [person], list(rows))} if rows else {}
    found = []
    for tag, row in sorted(rows.items(), key=lambda pair: pair[1].name):
        if tag not in held:
            continue
        ask, one = asks[tag], held[tag]
        shown = texts(ask, one.value, one.items)
        labels = {name: label for name, label in called[tag].items() if name in shown}
        found.append(PersonTag(tag, row.name, row.kind, shown, labels, ask.kind.unit(ask.config), iso(one.since)))
    return found


def in_words(
    store: Store, conn: Connection, names: Collection[str], people: Sequence[int]
) -> dict[int, dict[str, Words]]:
    """Person → tag (by name or id, as asked for) → its value as a message may say it; personal ones masked."""
    zone = audiences.zone_of(conn)
    rows = definitions.all_of(conn)
    known = {row.name: row for row in rows} | {row.id: row for row in rows}
    called: dict[str, list[str]] = {}
    for name in names:
        if name in known:
            called.setdefault(known[name].id, []).append(name)
    asks = {tag: compute.ask_of(known[tag], zone) for tag in called}
    labels = {tag: labels_of(conn, ask.kind, ask.config) for tag, ask in asks.items()}
    found: dict[int, dict[str, Words]] = {}
    for one in values.of_people(store.events, people, list(asks)) if asks else ():
        words = _spoken(asks[one.tag], labels[one.tag], one, zone)
        found.setdefault(one.person, {}).update(dict.fromkeys(called[one.tag], words))
    return found


def listed(conn: Connection) -> list[tuple[str, str, bool]]:
    """(id, name, whether its values are personal) of every tag, by name."""
    zone = audiences.zone_of(conn)
    rows = sorted(definitions.all_of(conn), key=lambda row: str(row.name))
    return [(row.id, row.name, profiles.is_personal(_property(compute.ask_of(row, zone)))) for row in rows]


def in_cells(
    store: Store, conn: Connection, names: Collection[str], people: Sequence[int], tongue: str, *, clear: bool
) -> dict[int, dict[str, str | int | Decimal]]:
    """Person → tag (its id) → its value in a file; personal ones masked unless ``clear``.

    In a language (``zh``, ``en``) as it is read there, numbers as numbers and money in yuan; without one the text that
    is kept, several with a space between.
    """
    zone = audiences.zone_of(conn)
    asks = {row.id: compute.ask_of(row, zone) for row in definitions.all_of(conn) if row.id in names}
    labels = {tag: labels_of(conn, ask.kind, ask.config) for tag, ask in asks.items()}
    found: dict[int, dict[str, str | int | Decimal]] = {}
    for one in values.of_people(store.events, people, list(asks)) if asks else ():
        ask = asks[one.tag]
        number = _number(ask, one, clear=clear) if tongue else None
        if number is not None:
            cell: str | int | Decimal = number
        elif tongue:
            words = _spoken(ask, labels[one.tag], one, zone, clear=clear)
            cell = words.zh if tongue == "zh" else words.en
        else:
            cell = " ".join(texts(ask, one.value, one.items, clear=clear))
        found.setdefault(one.person, {})[one.tag] = cell
    return found


def _number(ask: Ask, held: Held, *, clear: bool) -> int | Decimal | None:
    """A value that may be shown as a number: days, a count, money in yuan."""
    unit = ask.kind.unit(ask.config)
    if held.items or (unit not in ("money", "days") and ask.kind.name != "number"):
        return None
    number = Decimal(held.value)
    if not number.is_finite() or (profiles.is_personal(_property(ask)) and not clear):
        return None
    if unit == "money":
        return number.scaleb(-2).quantize(Decimal("0.01"))
    return int(number) if number == number.to_integral_value() else number


def _spoken(ask: Ask, labels: Mapping[str, Words], held: Held, zone: ZoneInfo, *, clear: bool = False) -> Words:
    plain = [_plain(text, ask.kind.unit(ask.config), zone) for text in texts(ask, held.value, held.items, clear=clear)]
    pairs = [labels.get(text) or Words(text, text) for text in plain]
    return Words("、".join(one.zh for one in pairs), ", ".join(one.en for one in pairs))


def _plain(text: str, unit: str, zone: ZoneInfo) -> str:
    """Money in yuan, a time as the day it was in the shop."""
    if unit == "money":
        return f"{float(text) / 100:.2f}".removesuffix(".00")
    return datetime.fromisoformat(text).astimezone(zone).date().isoformat() if unit == "time" else text


def evidence(store: Store, tag_id: str, ref: str) -> Evidence:
    """Why a person has the value they have. Raises NotFound."""
    with store.state.read() as conn:
        row, person = row_of(conn, tag_id), profiles.find(conn, ref).person
        ask = compute.ask_of(row, audiences.zone_of(conn))
        moment = moment_of(conn, max(row.fresh_at, 1) if not row.live else store.clock.now_ms())
        words = words_of(conn, tag_id, person, _identifiers(conn, person)) if ask.kind.how == "said" else []
        rule = _rule(store, conn, ask, moment, person) if ask.kind.how == "rules" else None
    past = values.history(store.events, [person], tag_id, _PAST)
    held = past[0] if past else None
    facts, counted, events = _happened(store, ask, moment, person) if ask.kind.how == "events" else ([], 0, [])
    return Evidence(
        tag=tag_id,
        values=texts(ask, held.value, held.items) if held else [],
        since=iso(held.since) if held else None,
        facts=facts or (_known(store, ref) if ask.kind.how == "persons" else []),
        counted=counted,
        events=events,
        rule=rule,
        words=words,
        history=[_past(ask, one) for one in past],
    )


def _past(ask: Ask, one: Held) -> PastValue:
    return PastValue(texts(ask, one.value, one.items), iso(one.since))


def _identifiers(conn: Connection, person: int) -> dict[int, str]:
    return {
        anchor_of(one.key): mask_identifier(one.kind.partition(".")[0], one.value)
        for one in identifiers_of(conn, person)
    }


def _rule(store: Store, conn: Connection, ask: Ask, moment: Moment, person: int) -> Words | None:
    everything = audiences.book(conn)
    rules, problems = compute.rules_of(ask.config, everything, ask.tag, "en")
    if problems:
        return None
    sets, _ = audiences.fitting_rules(store, rules, moment, [person])
    for rule, members in zip(rules, sets, strict=True):
        if person in members:
            read = audiences.read(rule, everything, spoken(conn))
            return Words(read.zh, read.en)
    return None


def _happened(store: Store, ask: Ask, moment: Moment, person: int) -> tuple[list[Fact], int, list[Witness]]:
    scope = scan.some(store.events, [person])
    one = scan.events([ask], moment, scope, facts=True)
    facts = [
        Fact(str(name), str(value))
        for row in store.events.query(one.sql, one.params)
        if row[0] == person
        for name, value in dict(row[3]).items()
    ]
    counted, events = 0, []
    for source in scan.matching(ask, moment, scope, _EVENTS):
        number_here = 0
        for at, event, amount, text, number in store.events.query(source.sql, source.params):
            number_here = int(number)
            events.append(Witness(iso(at), str(event), int(amount), (texts(ask, str(text), []) or [""])[0]))
        counted += number_here
    return facts, counted, sorted(events, key=lambda one: one.time, reverse=True)


def _known(store: Store, ref: str) -> list[Fact]:
    with store.state.read() as conn:
        facts = profiles.find(conn, ref)
    times = {"entered": facts.entered_at, "created": facts.created_at, "last_order": facts.last_order_at}
    return [Fact("orders", str(facts.orders)), *(Fact(name, iso(at)) for name, at in times.items() if at)]
