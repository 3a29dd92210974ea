"""Connectors as the API takes and shows them."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from siyu.connectors.contract import Grade

Label = dict[str, str]
"""Text by language: ``zh`` and ``en``."""
Name = Annotated[str, Meta(min_length=1, max_length=80)]


class ActView(msgspec.Struct, frozen=True):
    name: str
    label: Label
    form_schema: dict[str, Any]


class ConnectorView(msgspec.Struct, frozen=True):
    """A connector that can be set up. ``grade``: proven, documented or remembered (docs/connectors.md)."""

    connector: str
    label: Label
    about: Label
    grade: Grade
    config_schema: dict[str, Any]
    pulls: list[str]
    code_schema: dict[str, Any] | None
    """What a channel code of it is set up with; null when it makes none."""
    tests: bool


class DoorView(msgspec.Struct, frozen=True):
    """``url`` is null for who may not see it: its last part is a secret, but for doors customers' programs call."""

    door: str
    url: str | None


class PullView(msgspec.Struct, frozen=True):
    """``state``: never, running, sweeping, done, failed. ``share`` is how much is read, null when nobody knows."""

    pull: str
    label: Label
    state: str
    done: int
    total: int
    share: float | None
    calls: int
    began_at: str | None
    finished_at: str | None
    next_at: str | None
    error: str


class CallView(msgspec.Struct, frozen=True):
    at: str
    door: str
    verdict: str
    detail: str
    items: int
    ms: float


class FailedTask(msgspec.Struct, frozen=True):
    id: str
    task: str
    error: str
    attempts: int
    at: str


class InstallView(msgspec.Struct, frozen=True):
    """``status``: paused, failing, waiting (nothing has come yet) or ok. ``aside``: callbacks that wait for replay;
    ``links``: what the vendor's lists hold, by kind."""

    id: str
    connector: str
    label: Label
    name: str
    grade: Grade
    status: str
    paused: bool
    source_id: str
    config: dict[str, Any]
    doors: list[DoorView]
    pulls: list[PullView]
    links: dict[str, int]
    count_24h: int
    last_event_at: str | None
    last_ok_at: str | None
    last_error_at: str | None
    last_error: str
    aside: int
    tasks_waiting: int
    tasks_failed: int
    acts: list[ActView]
    created_at: str
    version: int


class Activity(msgspec.Struct, frozen=True):
    """The newest callbacks (of this process) and the tasks that were given up."""

    calls: list[CallView]
    failed: list[FailedTask]


class NewInstall(msgspec.Struct, frozen=True):
    connector: Annotated[str, Meta(max_length=40)]
    name: Name
    config: dict[str, Any]


class InstallChange(msgspec.Struct, frozen=True):
    """Fields left out stay as they are; so do secrets left out of ``config``."""

    name: Name | UnsetType = UNSET
    config: dict[str, Any] | UnsetType = UNSET
    paused: bool | UnsetType = UNSET


class Tested(msgspec.Struct, frozen=True):
    ok: bool
    text: str


class Replayed(msgspec.Struct, frozen=True):
    """``callbacks`` read now, ``still`` that can't be yet, ``tasks`` that are tried again."""

    callbacks: int
    still: int
    tasks: int


class ActAsked(msgspec.Struct, frozen=True):
    form: dict[str, Any]


class ActDone(msgspec.Struct, frozen=True):
    text: str


class StaffView(msgspec.Struct, frozen=True):
    """A member of the vendor's staff tree."""

    staff: str
    name: str
    departments: list[str]
