"""Who is it? Sets of identifiers become persons, a batch at a time.

Every set is worked through from its strongest identifier down. An unknown identifier attaches to the person found; a
second person found is merged, unless a limit (two user ids, two UnionIDs …) says they are different people: then the
weaker link yields, nothing is merged, and the conflict is kept for review.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from siyu.collect import KINDS, PERSON_KIND, anchor_of, family
from siyu.identity.types import Conflict, Merge, Move, Resolution

_PERSON_PREFIX = f"{PERSON_KIND}:"
_UNKNOWN_LIMIT = 5


def scope(key: str) -> str:
    """What a limit counts within: the kind with its scope (``openid.wx1``)."""
    return key.partition(":")[0]


def _limit(key: str) -> int:
    kind = KINDS.get(family(key))
    return kind.limit if kind else _UNKNOWN_LIMIT


def named_person(ids: tuple[str, ...]) -> int | None:
    """The person the product itself named in an event of its own."""
    return int(ids[0][len(_PERSON_PREFIX) :]) if ids and ids[0].startswith(_PERSON_PREFIX) else None


class Sighting(msgspec.Struct, frozen=True, gc=False):
    """A set of identifiers seen together, first at ``at`` in ``source_id``."""

    ids: tuple[str, ...]
    at: int
    source_id: str


class Resolver:
    """Resolves sightings against what is known; the caller loads ``owner`` and ``owned`` and writes the outcome.

    ``owner``: key → person for every key of the sightings that is known. ``owned``: person → its keys, for every
    person that may gain a key or be merged.
    """

    def __init__(self, owner: Mapping[str, int], owned: Mapping[int, set[str]], next_person: int) -> None:
        self._owner = dict(owner)
        self._owned = {person: set(keys) for person, keys in owned.items()}
        self._next = next_person
        self._into: dict[int, int] = {}
        self.created: dict[int, tuple[int, str]] = {}
        self.attached: dict[str, tuple[int, str]] = {}
        self.merges: list[Merge] = []
        self.conflicts: list[Conflict] = []

    def resolve(self, sighting: Sighting) -> int:
        """The person a sighting names, made if need be."""
        person: int | None = None
        unknown: list[str] = []
        for key in sighting.ids:
            found = self._owner.get(key)
            if found is None:
                if person is None:
                    unknown.append(key)
                else:
                    self._attach(person, key, sighting)
                continue
            found = self.canonical(found)
            if person is None:
                if all(self._fits(found, other) for other in unknown):
                    person = found
                else:
                    person = self._create(sighting)
                    self._conflict(person, key, found, sighting)
                for other in unknown:
                    self._attach(person, other, sighting)
                unknown = []
            elif found != person:
                person = self._merge(person, found, key, sighting)
        if person is None:
            person = self._create(sighting)
            for key in unknown:
                self._attach(person, key, sighting)
        return person

    def canonical(self, person: int) -> int:
        while person in self._into:
            person = self._into[person]
        return person

    def owner_of(self, key: str) -> int:
        return self.canonical(self._owner[key])

    @property
    def absorbed(self) -> dict[int, int]:
        return {person: self.canonical(person) for person in self._into}

    def _create(self, sighting: Sighting) -> int:
        person = self._next
        self._next += 1
        self.created[person] = (sighting.at, sighting.source_id)
        self._owned[person] = set()
        return person

    def _fits(self, person: int, key: str) -> bool:
        mark = scope(key)
        held = sum(1 for other in self._owned.get(person, ()) if scope(other) == mark)
        return held < _limit(key)

    def _attach(self, person: int, key: str, sighting: Sighting) -> None:
        if not self._fits(person, key):
            self._conflict(person, key, person, sighting)
            return
        self._owner[key] = person
        self._owned.setdefault(person, set()).add(key)
        self.attached[key] = (sighting.at, sighting.source_id)

    def _merge(self, person: int, found: int, key: str, sighting: Sighting) -> int:
        kind = KINDS.get(family(key))
        if not (kind and kind.merges) or not self._may_join(person, found):
            self._conflict(person, key, found, sighting)
            return person
        keep, gone = min(person, found), max(person, found)
        self._into[gone] = keep
        self._owned.setdefault(keep, set()).update(self._owned.pop(gone, ()))
        self.merges.append(Merge(keep, gone, key, sighting.at, sighting.source_id))
        return keep

    def _may_join(self, one: int, two: int) -> bool:
        counts: dict[str, int] = {}
        for key in self._owned.get(one, set()) | self._owned.get(two, set()):
            mark = scope(key)
            counts[mark] = counts.get(mark, 0) + 1
            if counts[mark] > _limit(key):
                return False
        return True

    def _conflict(self, person: int, key: str, other: int, sighting: Sighting) -> None:
        self.conflicts.append(Conflict(person, key, other, sighting.at, sighting.source_id))


def sightings(ids: Sequence[tuple[str, ...]], times: Sequence[int], sources: Sequence[str]) -> list[Sighting]:
    """The distinct sets of identifiers, in order of time."""
    first: dict[tuple[str, ...], tuple[int, str]] = {}
    for keys, at, source in zip(ids, times, sources, strict=True):
        known = first.get(keys)
        if known is None or at < known[0]:
            first[keys] = (at, source)
    return [Sighting(keys, at, source) for keys, (at, source) in sorted(first.items(), key=_by_time)]


def _by_time(item: tuple[tuple[str, ...], tuple[int, str]]) -> tuple[int, tuple[str, ...]]:
    return item[1][0], item[0]


def settled_before(
    seen: Iterable[Sighting], owner: Mapping[str, int]
) -> tuple[dict[tuple[str, ...], int], list[Sighting]]:
    """Sightings whose identifiers all belong to one person already, and those that need thought."""
    who: dict[tuple[str, ...], int] = {}
    rest: list[Sighting] = []
    for sighting in seen:
        ids = sighting.ids
        person = owner.get(ids[0])
        if person is None or any(owner.get(key) != person for key in ids[1:]):
            rest.append(sighting)
        else:
            who[ids] = person
    return who, rest


def persons_to_load(seen: Iterable[Sighting], owner: Mapping[str, int]) -> set[int]:
    """Known persons that a sighting may change: it names two of them, or brings a key not known yet."""
    touched: set[int] = set()
    for sighting in seen:
        found = {owner[key] for key in sighting.ids if key in owner}
        if found and (len(found) > 1 or any(key not in owner for key in sighting.ids)):
            touched |= found
    return touched


def answer(resolver: Resolver, who: Mapping[tuple[str, ...], int], ids: Sequence[tuple[str, ...]]) -> Resolution:
    final = {keys: resolver.canonical(person) for keys, person in who.items()}
    anchors = {keys: anchor_of(keys[0]) for keys in who}
    absorbed = resolver.absorbed
    return Resolution(
        [final[keys] for keys in ids],
        [anchors[keys] for keys in ids],
        resolver.created,
        absorbed,
        [Move(gone, keep, None) for gone, keep in absorbed.items()],
    )
