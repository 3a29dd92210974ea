"""What a kind of tag is: one file that declares its form and says how a person's value is found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from siyu.audiences import Event, EventTerms, Problem
from siyu.audiences import Sequence as Steps
from siyu.kit import field

Text = dict[str, str]
Probe = Event | Steps


NO_ITEMS = "emptyArrayString()"


class Out(msgspec.Struct, frozen=True):
    """SQL over a person's cells: ``value`` is a text, empty for none; ``items`` the texts where there may be several.

    ``facts``: what the value was read from, name → SQL of a text.
    """

    value: str
    items: str = NO_ITEMS
    facts: dict[str, str] = {}

    @property
    def several(self) -> bool:
        return self.items != NO_ITEMS


class Cells:
    """The aggregates of one scan, each once; kinds add to them and write their values over them."""

    def __init__(self, reading: EventTerms, now: int, zone: str, facts: Mapping[str, Any]) -> None:
        self.reading = reading
        self.now = now
        self.zone = zone
        self.facts = facts
        """What was found out about everybody beforehand, of the tag at hand."""
        self.columns: dict[str, str] = {}

    def column(self, sql: str) -> str:
        return self.columns.setdefault(sql, f"c{len(self.columns)}")

    def count(self, probe: Event) -> str:
        return self.column(f"countIf({self.reading.when(probe)})")

    def weights(self, keys: str, weight: str, probe: Event) -> str:
        """How much of each key: an array of (key, weight), the heaviest first, equal ones by their key."""
        when = self.reading.when(probe)
        if weight == "1":  # gathering keys and counting them afterwards takes half of what a map a person takes
            held = self.column(f"groupArrayArrayIf({keys}, {when})")
            left = f"arrayReverse(arrayEnumerateUniq(arrayReverse({held})))"
            last = f"arrayFilter(one -> one.3 = 1, arrayZip({held}, arrayEnumerateUniq({held}), {left}))"
            return f"arraySort(one -> (-one.2, one.1), {last})"
        held = self.column(f"sumMapIf({keys}, arrayMap(one -> toInt64({weight}), {keys}), {when})")
        return f"arraySort(one -> (-one.2, one.1), arrayZip({held}.1, {held}.2))"


class Kind(msgspec.Struct, frozen=True):
    """A kind of tag.

    ``how`` its values come about: from ``events`` (``probes`` and ``value`` say how), from what is known of ``persons``
    (``known``), by ``rules``, because somebody ``said`` so, or by ``sql``. ``labels``: values that have a name.
    ``per_person`` is false where everybody has to be looked at for one person's value. ``check`` adds what only the
    kind knows to be wrong.
    """

    name: str
    zh: str
    en: str
    hint: Text
    config: type[msgspec.Struct]
    how: Literal["events", "persons", "rules", "said", "sql"]
    probes: Callable[[Any, ZoneInfo], tuple[list[Probe], list[Problem]]] = lambda _config, _zone: ([], [])
    value: Callable[[Any, Sequence[Any], Cells], Out] | None = None
    check: Callable[[Any], Iterable[Problem]] = lambda _config: ()
    labels: dict[str, Text] = {}
    per_person: Callable[[Any], bool] = lambda _config: True
    unit: Callable[[Any], str] = lambda _config: ""


def asked(zh: str, en: str, widget: str, hint_zh: str = "", hint_en: str = "", **limits: Any) -> msgspec.Meta:
    """A field that the console draws with a widget of its own: event, property, window, where, rules, steps, sql."""
    meta = field(zh, en, hint_zh, hint_en, **limits)
    return msgspec.Meta(
        title=meta.title, extra_json_schema={**(meta.extra_json_schema or {}), "x-widget": widget}, **limits
    )


def clause(config: Any, **more: Any) -> dict[str, Any]:
    """The parts of a config that say which events count, as an event clause of the rule language."""
    return {"event": config.event, "where": list(config.where), "window": config.window, **more}
