"""Which identifiers are one person: a pure function of the links and of what operators decided.

This is the reference. The order in which records arrived does not occur in it, so it can't matter:

1. An identifier that is blocked, or *shared* (seen with more persons' worth of identifiers than one person can have),
   names nobody in particular: all its links are void.
2. The other links are taken in order: those an operator made first, then by the rank of the weaker identifier (a tie
   between two strong identifiers says more than one with a device), then by the first time, then by the keys.
3. A link is accepted, and joins two groups, unless the group would then break a limit (two user ids), or hold two
   identifiers that an operator set apart, or come together through an identifier that only attaches.
4. A link whose ends are in different groups in the end *yields*: a conflict for review.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import msgspec

from siyu.collect import Definitions

Pair = tuple[int, int]


class Link(msgspec.Struct, frozen=True, gc=False):
    """Identifiers ``one`` < ``two`` belong together, since ``at``; ``manual``: when an operator said so, else 0."""

    one: int
    two: int
    at: int
    manual: int = 0


class Partition(msgspec.Struct):
    """``groups`` of identifiers, void ones alone; ``yielded``: link → (reason, the kind that stood against it)."""

    groups: list[list[int]]
    yielded: dict[Pair, tuple[str, str]]


def scope(key: str) -> str:
    """What a limit counts within: the kind with its scope (``openid.wx1``)."""
    return key.partition(":")[0]


def is_shared(key: str, neighbours: Iterable[str], definitions: Definitions) -> bool:
    """Whether an identifier was seen with more persons' worth of identifiers of any one kind than it may be."""
    most = definitions.of(scope(key)).shared_after
    counts: dict[str, int] = defaultdict(int)
    for other in neighbours:
        counts[scope(other)] += 1
    return any(count > most * definitions.of(kind).limit for kind, count in counts.items())


def void_identifiers(keys: Mapping[int, str], links: Iterable[Link], definitions: Definitions) -> set[int]:
    """Identifiers that are blocked or shared. Every link counts, also those that are void through their other end."""
    seen: dict[int, list[str]] = defaultdict(list)
    for link in links:
        seen[link.one].append(keys[link.two])
        seen[link.two].append(keys[link.one])
    blocked = {one for one, key in keys.items() if definitions.blocks(*_parts(key))}
    return blocked | {one for one, others in seen.items() if is_shared(keys[one], others, definitions)}


def _parts(key: str) -> tuple[str, str]:
    kind, _, value = key.partition(":")
    return kind, value


def order_of(keys: Mapping[int, str], definitions: Definitions) -> Callable[[Link], tuple[object, ...]]:
    """The order in which links are taken."""

    def order(link: Link) -> tuple[object, ...]:
        one, two = sorted((keys[link.one], keys[link.two]))
        rank = max(definitions.rank(scope(one)), definitions.rank(scope(two)))
        return not link.manual, link.manual, rank, link.at, one, two

    return order


def partition(
    keys: Mapping[int, str],
    links: Collection[Link],
    apart: Collection[Pair],
    void: Collection[int],
    definitions: Definitions,
) -> Partition:
    """The persons. ``keys``: identifier → key; ``links`` and ``apart`` only between identifiers of ``keys``."""
    groups = _Groups(keys, apart, definitions)
    live = [link for link in links if link.one not in void and link.two not in void]
    refused: dict[Pair, tuple[str, str]] = {}
    for link in sorted(live, key=order_of(keys, definitions)):
        against = groups.join(link.one, link.two)
        if against is not None:
            refused[link.one, link.two] = against
    apart_still = {pair: why for pair, why in refused.items() if groups.of[pair[0]] is not groups.of[pair[1]]}
    return Partition(groups.all(), apart_still)


class _Group:
    def __init__(self, one: int, kind: str) -> None:
        self.members = [one]
        self.counts = {kind: 1}


class _Groups:
    """Groups of identifiers under way."""

    def __init__(self, keys: Mapping[int, str], apart: Collection[Pair], definitions: Definitions) -> None:
        self._definitions = definitions
        self._kind = {one: scope(key) for one, key in keys.items()}
        self._apart = list(apart)
        self.of = {one: _Group(one, kind) for one, kind in self._kind.items()}

    def all(self) -> list[list[int]]:
        found = {id(group): group for group in self.of.values()}
        return [sorted(group.members) for group in found.values()]

    def join(self, one: int, two: int) -> tuple[str, str] | None:
        """Bring two groups together; answers what stands against it, if anything does."""
        ours, theirs = self.of[one], self.of[two]
        if ours is theirs:
            return None
        against = self._against(one, two, ours, theirs)
        if against is not None:
            return against
        if len(ours.members) < len(theirs.members):
            ours, theirs = theirs, ours
        ours.members += theirs.members
        for kind, count in theirs.counts.items():
            ours.counts[kind] = ours.counts.get(kind, 0) + count
        for member in theirs.members:
            self.of[member] = ours
        return None

    def _against(self, one: int, two: int, ours: _Group, theirs: _Group) -> tuple[str, str] | None:
        for kind, count in theirs.counts.items():
            if kind in ours.counts and ours.counts[kind] + count > self._definitions.of(kind).limit:
                return "limit", kind
        for left, right in self._apart:
            sides = self.of.get(left), self.of.get(right)
            if sides in ((ours, theirs), (theirs, ours)):
                return "apart", self._kind[left]
        for end, group in ((one, ours), (two, theirs)):
            if len(group.members) > 1 and not self._definitions.of(self._kind[end]).merges:
                return "attach", self._kind[end]
        return None


def lead(kinds: Sequence[str], definitions: Definitions) -> int:
    """Which of a record's identifiers, strongest first, stands for it: one that names exactly one person, if any."""
    for index, kind in enumerate(kinds):
        if definitions.of(kind).limit == 1:
            return index
    return 0
