"""The list of events and traits with their quality, and one of them in full."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from siyu.catalog import notes_queries, queries
from siyu.catalog.actions import catalog
from siyu.catalog.keeping import Keeping
from siyu.catalog.labels import word_label
from siyu.catalog.naming import named
from siyu.catalog.notes import NOTHING, Noted, notes_of
from siyu.catalog.notes_queries import Glimpse, Place
from siyu.catalog.quality import WEEKS, anomaly, drifts
from siyu.catalog.queries import Volume
from siyu.catalog.seen import seen
from siyu.catalog.standard import STANDARD
from siyu.catalog.types import (
    Anomaly,
    CatalogParts,
    Definition,
    EntryRow,
    EntryView,
    Flag,
    Kind,
    Label,
    PropertyView,
    SourceType,
)
from siyu.kit import DAY, NotFound, iso, iso_or_none
from siyu.settings import current_settings
from siyu.store import Store

_DAYS = 7 * WEEKS + 2
_SHOWN = 28


def _counted(store: Store, now: int) -> dict[str, Volume]:
    with store.state.read() as conn:
        zone = current_settings(conn).timezone
    return queries.volumes(store.events, _DAYS, zone, now)


volumes = Keeping(_counted)


class _Look:
    """Everything the rows of one kind are made of, read once."""

    def __init__(self, store: Store, kind: Kind) -> None:
        self.kind = kind
        self.now = store.clock.now_ms()
        with store.state.read() as conn:
            self.notes = notes_of(conn, kind)
        self.found = seen(store, kind)
        self.drifts = drifts(self.found, self.now - 30 * DAY)
        self.volumes = volumes.of(store) if kind == "event" else {}
        known = catalog(store)
        self.traits = {one.name: one for one in known.traits}
        names = [one.name for one in (known.events if kind == "event" else known.traits)]
        self.names = list(dict.fromkeys([*names, *self.volumes, *(place[1] for place in self.found), *self.notes]))

    def row(self, name: str) -> EntryRow:
        noted, volume, standard = self.notes.get(name, NOTHING), self.volumes.get(name), STANDARD.get(name)
        own = word_label(name) if self.kind == "trait" else Label(name, name)
        label = Label(standard.zh, standard.en) if standard and self.kind == "event" else own
        glimpses = [one for place, one in self.found.items() if place[1] == name]
        daily = volume.daily if volume else []
        first = volume.first_at if volume else min((one.first_at for one in glimpses), default=0)
        last = volume.last_at if volume else max((one.last_at for one in glimpses), default=0)
        trait = self.traits.get(name) if self.kind == "trait" else None
        group = (standard.group if standard else "custom") if self.kind == "event" else "trait"
        return EntryRow(
            self.kind, name, named(label, noted.note), group, bool(noted.note.meaning), noted.note.owner,
            noted.note.hidden, noted.merged_into, self.flags(name), sum(daily[-30:]), daily[-_SHOWN:],
            trait.coverage if trait else None, iso_or_none(first), iso_or_none(last),
        )  # fmt: skip

    def flags(self, name: str) -> list[Flag]:
        noted = self.notes.get(name, NOTHING)
        if noted.note.hidden or noted.merged_into:
            return []
        drifting = [word for one, word in self.drifts if one == name and not _meant(noted, word)]
        unlike = any(_unlike(noted, place, one, self.now) for place, one in self.found.items() if place[1] == name)
        strange = self.anomaly(name)
        found: list[Flag] = ["drift"] if drifting else []
        return found + (["unlike_note"] if unlike else []) + ([strange.way] if strange else [])

    def anomaly(self, name: str) -> Anomaly | None:
        """Of the last whole day; what the product itself does has no usual day."""
        volume = self.volumes.get(name)
        if volume is None or set(volume.sources) <= {"siyu"}:
            return None
        started = max(0, _DAYS - 1 - max(0, self.now - volume.first_at) // DAY)
        return anomaly(volume.daily[:-1], started)


def _documented(noted: Noted, word: str) -> str:
    if not word:
        return noted.note.type
    return noted.note.properties[word].type if word in noted.note.properties else ""


def _meant(noted: Noted, word: str) -> bool:
    return _documented(noted, word) == "any"


def _unlike(noted: Noted, place: Place, one: Glimpse, now: int) -> bool:
    """It arrives as something else than operators say."""
    said = _documented(noted, place[2])
    recent = one.last_at >= now - 30 * DAY
    return recent and said not in ("", "any", place[4]) and (said, place[4]) != ("string", "time")


def entries(store: Store, kind: Kind) -> list[EntryRow]:
    """Every event or trait there is or was said to be, the most frequent (events) or common (traits) first."""
    look = _Look(store, kind)
    rows = [look.row(name) for name in look.names]
    return sorted(rows, key=lambda row: (-row.count_30d, -(row.coverage or 0), row.name))


def count_flagged(store: Store) -> int:
    """Events and traits with something wrong."""
    looks = [_Look(store, "event"), _Look(store, "trait")]
    return sum(bool(look.flags(name)) for look in looks for name in look.names)


def entry(store: Store, kind: Kind, name: str, parts: CatalogParts) -> EntryView:
    """One event or trait in full. Raises NotFound."""
    look = _Look(store, kind)
    if name not in look.names:
        raise NotFound(what=name[:80])
    noted = look.notes.get(name, NOTHING)
    sources = parts.sources(store)
    with store.state.read() as conn:
        merged = [one for one, into in notes_queries.merged(conn).items() if into == name]
    volume = look.volumes.get(name)
    ids = volume.sources if volume else sorted({place[3] for place in look.found if place[1] == name})
    return EntryView(
        row=look.row(name),
        note=noted.note,
        anomaly=look.anomaly(name),
        properties=_properties(look, name, noted, sources),
        sources=[sources.get(one, one) for one in ids],
        usages=[one.usage for one in users_of(kind, name, parts.definitions(store))],
        merged=merged if kind == "event" else [],
        merging=noted.merging,
        version=noted.version,
    )


def _properties(look: _Look, name: str, noted: Noted, sources: Mapping[str, str]) -> list[PropertyView]:
    words: dict[str, list[tuple[Place, Glimpse]]] = {}
    for place, one in sorted(look.found.items()):
        if place[1] == name:
            words.setdefault(place[2], []).append((place, one))
    for word in noted.note.properties:
        words.setdefault(word, [])
    return [_property(look, name, noted, sources, word, found) for word, found in sorted(words.items())]


def _property(
    look: _Look, name: str, noted: Noted, sources: Mapping[str, str], word: str, found: Sequence[tuple[Place, Glimpse]]
) -> PropertyView:
    types = [
        SourceType(place[4], place[3], sources.get(place[3], place[3]), one.seen, iso(one.first_at), iso(one.last_at))
        for place, one in found
    ]
    most = max(types, key=lambda one: one.seen).type if types else ""
    note = noted.note.properties.get(word)
    label = word_label(word) if word else word_label(name)
    return PropertyView(
        name=word,
        label=named(label, note) if note else label,
        type=_documented(noted, word) or most,
        types=types,
        examples=list(dict.fromkeys(text for _, one in found for text in one.examples))[:8],
        drift=(name, word) in look.drifts and not _meant(noted, word),
        unlike_note=any(_unlike(noted, place, one, look.now) for place, one in found),
    )


_KEYS = {"event": frozenset(("event", "events", "exit_events")), "trait": frozenset(("trait", "traits"))}


def users_of(kind: Kind, name: str, definitions: Sequence[Definition]) -> list[Definition]:
    """Those that name it: as the value of ``event`` or ``trait``, at any depth."""
    found = [one for one in definitions if name in set(_named(msgspec.json.decode(one.text), _KEYS[kind], ""))]
    return list({one.usage.id: one for one in found}.values())


def _named(value: Any, keys: frozenset[str], under: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, held in value.items():
            yield from _named(held, keys, key)
    elif isinstance(value, list):
        for held in value:
            yield from _named(held, keys, under)
    elif isinstance(value, str) and under in keys:
        yield value
