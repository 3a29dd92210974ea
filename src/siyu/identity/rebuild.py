"""The whole partition worked out afresh from the ledger, to verify and to repair, and to preview definitions.

Links are two columns of small numbers, so groups are connected components in numpy; only components in which a limit is
broken, a decision holds or a kind only attaches go through the reference, one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from sqlalchemy.engine import Connection

from siyu.collect import Definitions
from siyu.identity import rebuild_queries as queries
from siyu.identity.partition import Link, Pair, partition
from siyu.identity.types import VOID

Numbers = npt.NDArray[np.int64]


class Ledger(msgspec.Struct):
    """Identifiers by their place 0 … n-1, sorted by id, and links between places."""

    ids: Numbers
    kind: Numbers
    """Index into ``kinds``."""
    kinds: list[str]
    blocked: npt.NDArray[np.bool_]
    person: Numbers
    void: npt.NDArray[np.bool_]
    """As stored."""
    one: Numbers
    two: Numbers


def read_ledger(conn: Connection, definitions: Definitions) -> Ledger:
    """All identifiers and all links that are not removed."""
    ids, kind, person, blocked, dead, kinds = _identifiers(conn, definitions)
    ends = list(_parts(queries.link_ends(conn)))
    pairs = np.concatenate(ends) if ends else np.empty((0, 2), np.int64)
    one, two = np.searchsorted(ids, pairs[:, 0]), np.searchsorted(ids, pairs[:, 1])
    return Ledger(ids, kind, kinds, blocked, person, dead, one.astype(np.int64), two.astype(np.int64))


def _parts(rows: Iterator[list[Any]]) -> Iterator[Numbers]:
    for part in rows:
        yield np.fromiter(chain.from_iterable(part), np.int64, 2 * len(part)).reshape(-1, 2)


def _identifiers(
    conn: Connection, definitions: Definitions
) -> tuple[Numbers, Numbers, Numbers, npt.NDArray[np.bool_], npt.NDArray[np.bool_], list[str]]:
    index: dict[str, int] = {}
    watched: dict[str, bool] = {}
    parts: list[Numbers] = []
    for part in queries.identifiers(conn):
        rows = []
        for number, key, person, state in part:
            kind = key[: key.index(":")]
            place = index.get(kind)
            if place is None:
                place = index[kind] = len(index)
                watched[kind] = bool(definitions.of(kind).blocked)
            blocked = watched[kind] and definitions.blocks(kind, key[len(kind) + 1 :])
            rows.append((number, place, person, blocked, state & VOID))
        parts.append(np.fromiter(chain.from_iterable(rows), np.int64, 5 * len(rows)).reshape(-1, 5))
    table = np.concatenate(parts) if parts else np.empty((0, 5), np.int64)
    table = table[np.argsort(table[:, 0], kind="stable")]
    return (
        np.ascontiguousarray(table[:, 0]),
        np.ascontiguousarray(table[:, 1]),
        np.ascontiguousarray(table[:, 2]),
        table[:, 3].astype(np.bool_),
        table[:, 4].astype(np.bool_),
        list(index),
    )


def void(ledger: Ledger, definitions: Definitions) -> npt.NDArray[np.bool_]:
    """Blocked and shared identifiers, as ``partition.void_identifiers``."""
    size, kinds = len(ledger.ids), max(len(ledger.kinds), 1)
    limit = np.array([definitions.of(kind).limit for kind in ledger.kinds] or [1], dtype=np.int64)
    most = np.array([definitions.of(kind).shared_after for kind in ledger.kinds] or [1], dtype=np.int64)
    shared = np.zeros(size, dtype=np.bool_)
    end = np.concatenate([ledger.one, ledger.two])
    other = ledger.kind[np.concatenate([ledger.two, ledger.one])]
    cell, counts = np.unique(end * kinds + other, return_counts=True)
    who, kind = cell // kinds, cell % kinds
    shared[who[counts > most[ledger.kind[who]] * limit[kind]]] = True
    return shared | ledger.blocked


def components(size: int, one: Numbers, two: Numbers) -> Numbers:
    """The smallest place in each place's connected component: hook to smaller roots, then shortcut, until it rests."""
    root = np.arange(size, dtype=np.int64)
    while len(one):
        left, right = root[one], root[two]
        apart = left != right
        one, two, left, right = one[apart], two[apart], left[apart], right[apart]
        if not len(one):
            break
        np.minimum.at(root, np.maximum(left, right), np.minimum(left, right))
        while True:
            above = root[root]
            if np.array_equal(above, root):
                break
            root = above
    return root


def rebuild(conn: Connection, ledger: Ledger, definitions: Definitions) -> Numbers:
    """For each identifier the smallest place of its group; -1 for void ones."""
    dead = void(ledger, definitions)
    live = ~(dead[ledger.one] | dead[ledger.two])
    root = components(len(ledger.ids), ledger.one[live], ledger.two[live])
    for group in _contested(conn, ledger, definitions, root, dead):
        _by_reference(conn, ledger, definitions, root, group)
    root[dead] = -1
    return root


def _contested(
    conn: Connection, ledger: Ledger, definitions: Definitions, root: Numbers, dead: npt.NDArray[np.bool_]
) -> list[Numbers]:
    """Places of each component that the reference has to decide on."""
    kinds = max(len(ledger.kinds), 1)
    limit = np.array([definitions.of(kind).limit for kind in ledger.kinds] or [1], dtype=np.int64)
    merges = np.array([definitions.of(kind).merges for kind in ledger.kinds] or [True], dtype=np.bool_)
    cell, counts = np.unique(root[~dead] * kinds + ledger.kind[~dead], return_counts=True)
    broken = (cell // kinds)[counts > limit[cell % kinds]]
    said = np.array(sorted(queries.decided(conn)), dtype=np.int64)
    touched = root[np.searchsorted(ledger.ids, said)] if len(said) else said
    attached = root[~merges[ledger.kind]] if not merges.all() else said[:0]
    wanted = np.unique(np.concatenate([broken, touched, attached]))
    places = np.flatnonzero(np.isin(root, wanted) & ~dead)
    order = np.argsort(root[places], kind="stable")
    places = places[order]
    return np.split(places, np.flatnonzero(np.diff(root[places])) + 1) if len(places) else []


def _by_reference(conn: Connection, ledger: Ledger, definitions: Definitions, root: Numbers, places: Numbers) -> None:
    ids = [int(number) for number in ledger.ids[places]]
    place = dict(zip(ids, (int(one) for one in places), strict=True))
    keys = queries.keys(conn, ids)
    links = [Link(*row) for row in queries.links_among(conn, ids) if row[0] in place and row[1] in place]
    apart: list[Pair] = queries.apart(conn, ids)
    for group in partition(keys, links, apart, (), definitions).groups:
        lowest = min(place[one] for one in group)
        for one in group:
            root[place[one]] = lowest


class Difference(msgspec.Struct, frozen=True):
    """``merged``: groups of the ledger that are stored as several persons; ``split``: persons of several groups."""

    identifiers: int
    links: int
    persons: int
    groups: int
    merged: int
    split: int
    wrong: list[int]
    """Some identifiers to work out again."""


def compare(ledger: Ledger, root: Numbers) -> Difference:
    """What is stored against what the ledger says. A void identifier is right on its own, or nobody's."""
    named = root >= 0
    pairs = np.unique(np.stack([root[named], ledger.person[named]], axis=1), axis=0)
    groups, times = np.unique(pairs[:, 0], return_counts=True)
    persons, shares = np.unique(pairs[:, 1], return_counts=True)
    alone, held = np.unique(ledger.person[ledger.person > 0], return_counts=True)
    crowded = np.isin(ledger.person, alone[held > 1]) & ~named
    several = shares > 1
    wrong = (
        (named == ledger.void)
        | np.isin(root, groups[times > 1])
        | np.isin(ledger.person, persons[several]) & (ledger.person > 0)
        | crowded
    )
    return Difference(
        len(ledger.ids),
        len(ledger.one),
        len(alone),
        len(groups),
        int((times > 1).sum()),
        int((several & (persons > 0)).sum() + len(np.unique(ledger.person[crowded]))),
        [int(number) for number in ledger.ids[wrong]],
    )
