"""What a node kind is: one file that declares itself as data, and acts on a set of runs at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from siyu.delivery import Policies
from siyu.journeys.types import Entry, Move, Run, Text
from siyu.pipeline import Columns
from siyu.store import Store

THEN = "then"
"""The branch a node leaves by when it has nothing to say."""


class Moment(msgspec.Struct, frozen=True):
    """Where and when a node acts: inside the transaction that writes everything it decides."""

    store: Store
    conn: Connection
    now: int
    journey: str
    name: str
    node: str
    has_branch: Callable[[str], bool]
    """Whether a branch of this node leads anywhere."""


class Checking(msgspec.Struct, frozen=True):
    """What a node may look at when its settings are checked."""

    enabled: set[str]
    policies: Policies
    reentry_days: int | None
    """Of the trigger; None when there is no (valid) one."""


Fault = tuple[str, dict[str, Any]]
"""Code of a problem and the params of its text."""


def _nothing(_config: Any, _checking: Checking) -> Iterable[Fault]:
    return ()


class Kind(msgspec.Struct, frozen=True):
    """A node kind. ``branches``: name → label, the first is the ordinary one; none for the end of a path.

    ``act(moment, config, runs)`` answers one Move a run. A trigger has ``entries(config, columns, places)`` instead,
    which picks who enters from the places of a settled batch whose event is one of ``listens(config)``.
    """

    name: str
    zh: str
    en: str
    config: type[msgspec.Struct]
    branches: dict[str, Text]
    act: Callable[[Moment, Any, Sequence[Run]], list[Move]]
    check: Callable[[Any, Checking], Iterable[Fault]] = _nothing
    entries: Callable[[Any, Columns, Sequence[int]], list[Entry]] | None = None
    listens: Callable[[Any], frozenset[str]] = lambda _config: frozenset()
    """Events this node wants to be told of while runs wait at it; of a trigger, those that make people enter."""
