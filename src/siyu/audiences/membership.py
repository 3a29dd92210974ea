"""Members of audiences in memory: a cache of the snapshots and changes in the state, caught up when asked for.

Nothing is put in here but what was read from committed rows, so a crash, a rollback or a second process can't make it
differ from what a restart would build.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import msgspec
from pyroaring import BitMap64
from sqlalchemy.engine import Connection

from siyu.audiences import plan, rules
from siyu.audiences.expand import Known, expand, parsed
from siyu.audiences.precedence import Precedence
from siyu.audiences.queries import definitions
from siyu.audiences.queries import membership as queries
from siyu.audiences.queries.bitmaps import unpack
from siyu.audiences.queries.due import is_timed
from siyu.audiences.rules import Rule
from siyu.settings import current_settings
from siyu.store import Store


class LiveAudience(msgspec.Struct, frozen=True):
    """``rule`` with nested live audiences expanded. ``events``: names that can move somebody in or out; ``personal``:
    so can a change of what is known, or a new person; ``timed``: and so can time alone. ``named``: audiences whose
    members decide it, ``tags``: tags whose values do."""

    id: str
    filled: int
    rule: Rule
    events: frozenset[str]
    personal: bool
    timed: bool
    named: frozenset[str]
    tags: frozenset[str]


class _Held(msgspec.Struct):
    filled: int
    seq: int
    members: BitMap64


class Membership:
    """The audiences of a store and who is in them."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._edits = -1
        self._seq = 0
        self._zone = ""
        self._audiences: dict[str, LiveAudience] = {}
        self._still: dict[str, int] = {}
        self._held: dict[str, _Held] = {}
        self._doubted = BitMap64()
        self.clock_at = 0
        self.precedence = Precedence()

    clock_at: int
    """Until when (epoch ms) this process has looked for who crosses an edge of time, if it has."""

    def catch_up(self, conn: Connection) -> dict[str, LiveAudience]:
        """The live audiences as committed. Never call it in a transaction that has written audiences or changes."""
        with self._lock:
            head = queries.head_of(conn)
            zone = current_settings(conn).timezone
            if head.edits != self._edits or zone != self._zone:
                self._read_definitions(conn, zone)
                self._edits, self._zone = head.edits, zone
            if head.seq > self._seq:
                self._take(queries.changes_between(conn, self._seq, head.seq))
                self._seq = head.seq
            filled = self._still | {one.id: one.filled for one in self._audiences.values()}
            for name, number in filled.items():
                held = self._held.get(name)
                if held is None or held.filled != number:
                    self._load(conn, name, number)
            return dict(self._audiences)

    def doubt(self, people: BitMap64) -> None:
        """These were looked at while it had long not been followed what time brings: at both ends of that time a clause
        may fail them that held in between."""
        with self._lock:
            self._doubted |= people

    def doubted(self) -> BitMap64:
        """Those people, once."""
        with self._lock:
            people, self._doubted = self._doubted, BitMap64()
            return people

    def sets(self) -> dict[str, BitMap64]:
        """Members of every audience as of the last catch-up; not to be changed by the caller."""
        with self._lock:
            return {name: held.members for name, held in self._held.items()}

    def still(self) -> list[str]:
        """Audiences that don't follow the stream."""
        with self._lock:
            return list(self._still)

    def members(self, audience_id: str) -> BitMap64:
        """Members as of the last catch-up; not to be changed by the caller."""
        held = self._held.get(audience_id)
        return held.members if held else BitMap64()

    def _read_definitions(self, conn: Connection, zone: str) -> None:
        rows = definitions.all_of(conn)
        live = {row.id: parsed(row.rule, ZoneInfo(zone)) for row in rows if row.kind == "live"}
        self._still = {row.id: row.filled for row in rows if row.kind != "live"}
        named = {leaf.tag: "" for rule in live.values() for leaf in rules.leaves(rule) if isinstance(leaf, rules.Tag)}
        known = Known(live, frozenset(self._still), named)
        self._audiences = {
            row.id: _live(row.id, row.filled, expand(live[row.id], known)) for row in rows if row.id in live
        }
        self._held = {name: held for name, held in self._held.items() if name in live or name in self._still}

    def _load(self, conn: Connection, name: str, filled: int) -> None:
        snapshot = queries.snapshot_of(conn, name)
        if snapshot is None:
            self._held[name] = _Held(filled, 0, BitMap64())
            return
        rows = queries.changes_of(conn, name, snapshot.seq)
        members = unpack(snapshot.members)
        _follow(members, ((person, change) for _, person, change in rows))
        last = rows[-1][0] if rows else snapshot.seq
        self._held[name] = _Held(snapshot.filled, max(last, self._seq), members)

    def _take(self, rows: Iterable[tuple[int, str, int, str]]) -> None:
        """Follow changes on copies, since other threads may be reading the sets."""
        fresh: dict[str, list[tuple[int, str]]] = {}
        last: dict[str, int] = {}
        for seq, name, person, change in rows:
            held = self._held.get(name)
            if held is not None and seq > held.seq:
                fresh.setdefault(name, []).append((person, change))
                last[name] = seq
        for name, moves in fresh.items():
            held = self._held[name]
            members = held.members.copy()
            _follow(members, moves)
            self._held[name] = _Held(held.filled, last[name], members)


def _live(name: str, filled: int, rule: Rule) -> LiveAudience:
    timed = any(is_timed(leaf) for leaf in rules.leaves(rule))
    return LiveAudience(
        name, filled, rule, plan.event_names(rule), plan.needs_person(rule), timed, plan.names_members(rule),
        plan.names_tags(rule),
    )  # fmt: skip


def _follow(members: BitMap64, moves: Iterable[tuple[int, str]]) -> None:
    for person, change in moves:
        if change in ("entered", "joined"):
            members.add(person)
        else:
            members.discard(person)


_BY_STORE: WeakKeyDictionary[Store, Membership] = WeakKeyDictionary()
_FIRST = threading.Lock()


def membership_of(store: Store) -> Membership:
    """The one of this store, in this process."""
    with _FIRST:
        return _BY_STORE.setdefault(store, Membership())
