"""How complete the base portrait is over everybody, with where each field comes from."""

from __future__ import annotations

import threading
from weakref import WeakKeyDictionary

from siyu.kit import MINUTE, iso, iso_or_none
from siyu.profiles import completeness_queries as queries
from siyu.profiles.portrait import FIELDS, traits_behind
from siyu.profiles.queries import source_names
from siyu.profiles.types import BaseField, BasePortrait, Bilingual, FieldSource
from siyu.store import Store

_KEPT = 5 * MINUTE
_MOST_SOURCES = 5
_kept: WeakKeyDictionary[Store, tuple[int, BasePortrait]] = WeakKeyDictionary()
_making = threading.Lock()


def base_portrait(store: Store) -> BasePortrait:
    """The base as of at most five minutes ago: it reads every trait. Staff and test accounts don't count."""
    with _making:
        now = store.clock.now_ms()
        kept = _kept.get(store)
        if kept is None or not kept[0] <= now < kept[0] + _KEPT:
            kept = _kept[store] = (now, _make(store, now))
        return kept[1]


def _make(store: Store, now: int) -> BasePortrait:
    behind = {field.name: traits_behind(field.name) for field in FIELDS}
    persons, filled, whole = queries.filled(store.events, list(behind.values()))
    with store.state.read() as conn:
        rows = queries.sources_of(conn, sorted({name.partition(".")[0] for names in behind.values() for name in names}))
        named = source_names(conn)
    fields = []
    for field, count in zip(FIELDS, filled, strict=True):
        traits = {name.partition(".")[0] for name in behind[field.name]}
        found: dict[str, tuple[int, int]] = {}
        for name, source, number, last in rows:
            if name in traits:
                held = found.get(source, (0, 0))
                found[source] = (max(held[0], number), max(held[1], last))
        most = sorted(found.items(), key=lambda pair: -pair[1][0])[:_MOST_SOURCES]
        sources = [FieldSource(named.get(one, one), number, iso(last)) for one, (number, last) in most]
        newest = max((last for _, last in found.values()), default=0)
        label = Bilingual(field.zh, field.en)
        fields.append(
            BaseField(
                field.name, label, count, round(count / persons, 4) if persons else 0.0, sources, iso_or_none(newest)
            )
        )
    share = sum(filled) / (persons * len(FIELDS)) if persons else 0.0
    return BasePortrait(persons, round(share, 4), whole, fields, iso(now))
