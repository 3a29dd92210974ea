"""The catalog as the API shows it."""

from __future__ import annotations

from typing import Literal

import msgspec

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
