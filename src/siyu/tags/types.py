"""Shapes of the tags API. Times are ISO 8601; persons and tags are named by their public ids."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from siyu.audiences import Schedule, Use
from siyu.kit import FieldError
from siyu.profiles import PersonItem

Empty = Literal["clear", "keep"]
KindName = Literal[
    "rule", "number", "first_last", "preference", "distribution", "sequence", "rfm", "lifecycle", "interval",
    "imported", "manual", "sql",
]  # fmt: skip
GivenValue = Annotated[str, msgspec.Meta(max_length=100)]


class Words(msgspec.Struct, frozen=True):
    zh: str
    en: str


class TagDraft(msgspec.Struct, frozen=True):
    """What an operator decides of a tag.

    ``live``: persons are looked at after every batch they are in; ``schedule``: when everybody is, null for only when
    asked. ``empty``: whether a value is cleared or kept when nothing is found any more.
    """

    name: str
    kind: KindName
    config: dict[str, Any]
    description: str = ""
    live: bool = False
    schedule: Schedule | None = None
    empty: Empty = "clear"


class PreviewDraft(msgspec.Struct, frozen=True):
    """``as_of``: compute as of an earlier time (ISO 8601); the same data then give the same values."""

    kind: KindName
    config: dict[str, Any]
    as_of: str | None = None


class KindView(msgspec.Struct, frozen=True):
    """``form`` is the JSON Schema of the config. ``role`` is needed to save one."""

    name: str
    label: Words
    hint: Words
    form: dict[str, Any]
    given: bool
    role: str


class ValueCount(msgspec.Struct, frozen=True):
    """``share``: of those who have a value."""

    value: str
    label: Words | None
    persons: int
    share: float


class Valued(msgspec.Struct, frozen=True):
    """A person with a value (a text; several where the tag gives several)."""

    person: PersonItem
    values: list[str]


class PreviewView(msgspec.Struct, frozen=True):
    """``persons`` of ``everyone`` get a value. ``levels``: lowest, quarters and highest where values are numbers."""

    persons: int
    everyone: int
    values: list[ValueCount]
    levels: list[float] | None
    unit: str
    sample: list[Valued]
    took_ms: float
    as_of: str


class RunView(msgspec.Struct, frozen=True):
    as_of: str
    took_ms: float
    persons: int
    changed: int
    fault: str


class TagView(msgspec.Struct, frozen=True):
    """``coverage``: share of everybody who has a value. ``unit``: money (fen), days, time, date, hour, weekday or none.

    ``fresh_at``: as of when everybody was looked at. ``waiting``: it is due and will be computed at once.
    """

    id: str
    name: str
    description: str
    kind: KindName
    config: dict[str, Any]
    live: bool
    schedule: Schedule | None
    empty: Empty
    version: int
    created_at: str
    fresh_at: str | None
    next_at: str | None
    waiting: bool
    persons: int
    coverage: float
    unit: str
    labels: dict[str, Words]
    given: bool
    last_run: RunView | None
    used_by: list[Use]
    uses: list[Use]


class ValuesView(msgspec.Struct, frozen=True):
    persons: int
    values: list[ValueCount]
    levels: list[float] | None


class DayCount(msgspec.Struct, frozen=True):
    """``value`` is empty for any value."""

    day: str
    value: str
    persons: int


class PersonTag(msgspec.Struct, frozen=True):
    """A value on the person page. ``since`` is when it came to hold."""

    tag: str
    name: str
    kind: KindName
    values: list[str]
    labels: dict[str, Words]
    unit: str
    since: str


class Fact(msgspec.Struct, frozen=True):
    name: str
    value: str


class Witness(msgspec.Struct, frozen=True):
    """An event that counted."""

    time: str
    event: str
    amount_fen: int
    value: str


class Word(msgspec.Struct, frozen=True):
    """What somebody said: ``identifier`` (masked) is what it was said of; an empty value took one away."""

    value: str
    at: str
    by: str
    identifier: str


class PastValue(msgspec.Struct, frozen=True):
    values: list[str]
    since: str


class Evidence(msgspec.Struct, frozen=True):
    """Why a person has a value: ``facts`` it was read from, the latest ``events`` of those ``counted``, the rule that
    fits in words, or what was said; and the values before it."""

    tag: str
    values: list[str]
    since: str | None
    facts: list[Fact]
    counted: int
    events: list[Witness]
    rule: Words | None
    words: list[Word]
    history: list[PastValue]


class GiveDraft(msgspec.Struct, frozen=True):
    """``value`` empty takes the value away."""

    value: GivenValue


class BatchDraft(msgspec.Struct, frozen=True):
    """Give everybody in an audience a value, or take it away (empty)."""

    audience: str
    value: GivenValue


class Given(msgspec.Struct, frozen=True):
    persons: int


class ImportFault(msgspec.Struct, frozen=True):
    """``why``: unreadable, unknown_person, several_persons, no_value, value_long or value_not_offered."""

    row: int
    value: str
    why: str


class ImportReport(msgspec.Struct, frozen=True):
    """``faults``: the first of ``faulty``."""

    rows: int
    persons: int
    repeated: int
    faulty: int
    faults: list[ImportFault]
    saved: bool


class CheckView(msgspec.Struct, frozen=True):
    errors: list[FieldError]
