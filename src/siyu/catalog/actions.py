"""What there is: events, properties, traits, channels and stages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from siyu.catalog import queries
from siyu.catalog.infer import types_in
from siyu.catalog.keeping import Keeping
from siyu.catalog.labels import CHANNEL_LABELS, USUAL_PROPERTIES, word_label
from siyu.catalog.naming import named, stage_labels
from siyu.catalog.notes import Noted, notes_of
from siyu.catalog.standard import STANDARD
from siyu.catalog.types import (
    Catalog,
    EventEntry,
    Label,
    NamedLabel,
    Property,
    PropertyNote,
    TraitEntry,
    ValueType,
)
from siyu.kit import DAY
from siyu.store import Store

Entry = TypeVar("Entry", EventEntry, TraitEntry)


def catalog(store: Store) -> Catalog:
    """The catalog as of some seconds ago, at most a minute; stages as of now."""
    return msgspec.structs.replace(_kept.of(store), stages=_stages(store))


def forget(store: Store) -> None:
    """Make the catalog anew when it is asked for next: operators have changed it."""
    _kept.forget(store)


def _make(store: Store, now: int) -> Catalog:
    with store.state.read() as conn:
        events, traits = notes_of(conn, "event"), notes_of(conn, "trait")
    return Catalog(
        events=[
            called(one, events.get(one.name)) for one in _events(store, now - 30 * DAY) if _shown(events, one.name)
        ],
        traits=[called(one, traits.get(one.name)) for one in _traits(store) if _shown(traits, one.name)],
        channels=[NamedLabel(name, label) for name, label in CHANNEL_LABELS.items()],
        stages=[],
    )


_kept = Keeping(_make)


def _shown(notes: Mapping[str, Noted], name: str) -> bool:
    noted = notes.get(name)
    return noted is None or not (noted.note.hidden or noted.merged_into)


def called(entry: Entry, noted: Noted | None) -> Entry:
    """An entry under the names operators have given it and its properties."""
    if noted is None:
        return entry
    entry = msgspec.structs.replace(entry, label=named(entry.label, noted.note))
    if isinstance(entry, EventEntry):
        properties = [_property(one, noted.note.properties.get(one.name)) for one in entry.properties]
        return msgspec.structs.replace(entry, properties=properties)
    return entry


def _property(one: Property, note: PropertyNote | None) -> Property:
    return msgspec.structs.replace(one, label=named(one.label, note)) if note else one


def _stages(store: Store) -> list[NamedLabel]:
    with store.state.read() as conn:
        return [NamedLabel(name, label) for name, label in stage_labels(conn).items()]


def _events(store: Store, since: int) -> list[EventEntry]:
    counts = queries.counts_since(store.events, since)
    texts: dict[str, list[str]] = {}
    for event, props in queries.sample_props(store.events, since, sum(counts.values()), list(counts)):
        texts.setdefault(event, []).append(props)
    names = [*counts, *(name for name in STANDARD if name not in counts)]
    return [_event(name, counts.get(name, 0), texts.get(name, [])) for name in names]


def _event(name: str, count: int, texts: list[str]) -> EventEntry:
    known = STANDARD.get(name)
    types: dict[str, ValueType] = dict(USUAL_PROPERTIES.get(name, {}))
    for word, found in types_in(texts).items():
        types.setdefault(word, found.type)
    return EventEntry(
        name=name,
        label=Label(known.zh, known.en) if known else Label(name, name),
        group=known.group if known else "custom",
        count_30d=count,
        properties=[Property(word, kind, word_label(word)) for word, kind in types.items()],
    )


def _traits(store: Store) -> list[TraitEntry]:
    texts = queries.sample_traits(store.events)
    return [
        TraitEntry(name, found.type, word_label(name), round(found.types.total() / len(texts), 4))
        for name, found in types_in(texts).items()
    ]
