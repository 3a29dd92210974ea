"""What there is: events, properties, traits, channels and stages."""

from __future__ import annotations

import threading
from weakref import WeakKeyDictionary

from siyu.catalog import queries
from siyu.catalog.infer import types_in
from siyu.catalog.labels import CHANNEL_LABELS, STAGE_LABELS, USUAL_PROPERTIES, word_label
from siyu.catalog.standard import STANDARD
from siyu.catalog.types import Catalog, EventEntry, Label, NamedLabel, Property, TraitEntry, ValueType
from siyu.kit import DAY, MINUTE
from siyu.settings import PRESETS, current_settings
from siyu.store import Store

_kept: WeakKeyDictionary[Store, tuple[int, Catalog]] = WeakKeyDictionary()
_making = threading.Lock()


def catalog(store: Store) -> Catalog:
    """The catalog as of at most a minute ago; made by one caller at a time."""
    with _making:
        now = store.clock.now_ms()
        kept = _kept.get(store)
        if kept is None or not kept[0] <= now < kept[0] + MINUTE:
            kept = _kept[store] = (now, _make(store, now))
        return kept[1]


def _make(store: Store, now: int) -> Catalog:
    return Catalog(
        events=_events(store, now - 30 * DAY),
        traits=_traits(store),
        channels=[NamedLabel(name, label) for name, label in CHANNEL_LABELS.items()],
        stages=_stages(store),
    )


def _stages(store: Store) -> list[NamedLabel]:
    """Called as the industry of the settings calls them."""
    with store.state.read() as conn:
        own = PRESETS[current_settings(conn).lifecycle.preset].stages
    return [
        NamedLabel(name, Label(own[name].zh, own[name].en) if name in own else label)
        for name, label in STAGE_LABELS.items()
    ]


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
