"""The catalog as the API shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from siyu.store import Store

ValueType = Literal["string", "number", "boolean", "time"]


class Label(msgspec.Struct, frozen=True):
    zh: str
    en: str


class Property(msgspec.Struct, frozen=True):
    """A property of an event; one inside an object is named with dots (``n.a``)."""

    name: str
    type: ValueType
    label: Label


class EventEntry(msgspec.Struct, frozen=True):
    """``count_30d`` counts appearances, not persons."""

    name: str
    label: Label
    group: str
    count_30d: int
    properties: list[Property]


class TraitEntry(msgspec.Struct, frozen=True):
    """``coverage`` is the share of persons that have it, 0 to 1, estimated from a sample of many."""

    name: str
    type: ValueType
    label: Label
    coverage: float


class NamedLabel(msgspec.Struct, frozen=True):
    name: str
    label: Label


class Catalog(msgspec.Struct, frozen=True):
    events: list[EventEntry]
    traits: list[TraitEntry]
    channels: list[NamedLabel]
    stages: list[NamedLabel]


Kind = Literal["event", "trait"]
Text = Annotated[str, Meta(max_length=1_000)]
Short = Annotated[str, Meta(max_length=80)]
Documented = Literal["", "string", "number", "boolean", "time", "any"]


class PropertyNote(msgspec.Struct, frozen=True):
    """What operators say of a property. ``type`` "any": several types are meant, "": nothing said."""

    zh: Short = ""
    en: Short = ""
    meaning: Text = ""
    type: Documented = ""


class Note(msgspec.Struct, frozen=True):
    """What operators say of an event or trait; display names left empty stay as they are."""

    zh: Short = ""
    en: Short = ""
    meaning: Text = ""
    type: Documented = ""
    examples: Text = ""
    owner: Short = ""
    hidden: bool = False
    properties: Annotated[dict[Annotated[str, Meta(max_length=200)], PropertyNote], Meta(max_length=500)] = {}


class Anomaly(msgspec.Struct, frozen=True):
    """The last whole day against the same weekday: ``usual`` is the median of ``before``, the newest first."""

    way: Literal["rose", "fell"]
    count: int
    usual: float
    before: list[int]


class SourceType(msgspec.Struct, frozen=True):
    """A type values had that came through a source; ``seen`` counts a sample."""

    type: str
    source_id: str
    source_name: str
    seen: int
    first_at: str
    last_at: str


Flag = Literal["drift", "unlike_note", "rose", "fell"]


class EntryRow(msgspec.Struct, frozen=True):
    """An event or trait in the list. ``daily``: appearances on each of the last 28 days, today last; events only.

    ``coverage``: share of persons that have a trait.
    """

    kind: Kind
    name: str
    label: Label
    group: str
    documented: bool
    owner: str
    hidden: bool
    merged_into: str
    flags: list[Flag]
    count_30d: int
    daily: list[int]
    coverage: float | None
    first_at: str | None
    last_at: str | None


class PropertyView(msgspec.Struct, frozen=True):
    """``examples`` are masked. ``drift``: it arrives with several types."""

    name: str
    label: Label
    type: str
    types: list[SourceType]
    examples: list[str]
    drift: bool
    unlike_note: bool


class Usage(msgspec.Struct, frozen=True):
    """Who names something in a rule or graph: ``kind`` is audience or journey."""

    kind: str
    id: str
    name: str


class EntryView(msgspec.Struct, frozen=True):
    row: EntryRow
    note: Note
    anomaly: Anomaly | None
    properties: list[PropertyView]
    sources: list[str]
    usages: list[Usage]
    merged: list[str]
    merging: bool
    version: int


class Merge(msgspec.Struct, frozen=True):
    """``into`` null: give the name back."""

    name: Annotated[str, Meta(min_length=1, max_length=255)]
    into: Annotated[str, Meta(min_length=1, max_length=255)] | None


class Definition(msgspec.Struct, frozen=True):
    """A rule or graph of another room, as JSON text, with who it is."""

    usage: Usage
    text: str


def _none(_store: Store) -> Sequence[Definition]:
    return ()


def _ids(_store: Store) -> dict[str, str]:
    return {}


class CatalogParts(msgspec.Struct, frozen=True):
    """What the catalog shows of rooms above it; ``app.py`` fills it in.

    ``definitions``: everything that names events and traits. ``sources``: source id → its name.
    """

    definitions: Callable[[Store], Sequence[Definition]] = _none
    sources: Callable[[Store], dict[str, str]] = _ids
