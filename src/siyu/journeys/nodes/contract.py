"""What a node kind is: one file that declares itself as data, and acts on a set of runs at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from pyroaring import BitMap64
from sqlalchemy.engine import Connection

from siyu.delivery import Policies, field
from siyu.journeys.settings import JourneySettings
from siyu.journeys.types import Entry, Group, Move, Run, Text
from siyu.pipeline import Columns
from siyu.store import Store

THEN = "then"
"""The branch a node leaves by when it has nothing to say."""


OTHERWISE = "else"
"""The branch of those whom no other takes."""


ENTERS: dict[str, Text] = {THEN: {"zh": "进入", "en": "Enters"}}
ELSE: dict[str, Text] = {OTHERWISE: {"zh": "其他", "en": "Otherwise"}}


class Named(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A branch whose name the operator chooses."""

    name: Annotated[str, field("分支名称", "Branch name", min_length=1, max_length=60, pattern=r"^[^<>\n]+$")]


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
    settings: JourneySettings = msgspec.field(default_factory=JourneySettings)


class Checking(msgspec.Struct, frozen=True):
    """What a node may look at when its settings are checked."""

    enabled: set[str]
    policies: Policies
    settings: JourneySettings
    now: int = 0
    audiences: frozenset[str] = frozenset()
    journeys: frozenset[str] = frozenset()
    """Those that somebody can be sent into."""
    own: str = ""
    """The journey itself."""
    rule_faults: Callable[[dict[str, Any]], list[str]] = lambda _rule: []
    """What is wrong with the rule of a branch."""
    template: Callable[[str], str | None] = lambda _ref: None
    """The channel a saved message template is written for; None where there is no such template."""
    gift: Callable[[str, str], str] = lambda _tag, _value: ""
    """Why a tag can't be given this value, or nothing."""
    outbound: Callable[[str, int], str] = lambda _host, _port: ""
    """Why a host and port must not be called, or nothing."""


Fault = tuple[str, dict[str, Any]]
"""Code of a problem and the params of its text."""


def _nothing(_config: Any, _checking: Checking) -> Iterable[Fault]:
    return ()


class Kind(msgspec.Struct, frozen=True):
    """A node kind. ``branches``: name → label, the first is the ordinary one; none for the end of a path.

    ``act(moment, config, runs)`` answers one Move a run. ``dynamic`` names the list in the settings whose items are
    branches too.
    """

    name: str
    zh: str
    en: str
    group: Group
    config: type[msgspec.Struct]
    branches: dict[str, Text]
    act: Callable[[Moment, Any, Sequence[Run]], list[Move]]
    check: Callable[[Any, Checking], Iterable[Fault]] = _nothing
    dynamic: str = ""
    ends: Callable[[Any], bool] = lambda _config: False
    """Whether nothing needs to follow a node with these settings."""
    listens: Callable[[Any], frozenset[str]] = lambda _config: frozenset()
    """Events this node wants to be told of while runs wait at it; of a trigger, those that make people enter."""
    cuts: Callable[[Any], frozenset[str]] = lambda _config: frozenset()
    """Of a trigger at which people wait: the events that keep them from entering."""
    entries: Callable[[Any, Columns, Sequence[int]], list[Entry]] | None = None
    """Of a trigger by events: who enters, from the places of a settled batch whose event it listens to."""
    follows: Callable[[Any], tuple[str, str]] | None = None
    """Of a trigger by an audience: which one, and whether by ``entered`` or ``left``."""
    fires: Callable[[Any, int, ZoneInfo], int | None] | None = None
    """Of a trigger by the clock: the first time after a moment at which it lets people in."""
    people: Callable[[Store, Connection, Any, int], BitMap64] | None = None
    """Whom a trigger by the clock lets in at that time."""

    def named(self, config: Any) -> list[str]:
        """The branches the settings name."""
        return [one.name for one in getattr(config, self.dynamic)] if self.dynamic else []


def pass_on(_moment: Moment, _config: Any, runs: Sequence[Run]) -> list[Move]:
    """What triggers do with runs that stand on them: there is nothing left to decide."""
    return [Move(run, "entered", branch=THEN) for run in runs]
