"""From scored pairs to what is worth asking: the surest links of every group, none that may not be made.

The links kept are a maximum spanning forest: whatever score an operator accepts from, the persons who then become one
are the same as if every pair above that score were accepted. A person of a group of five is asked about once, not
four times.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from siyu.collect import Definitions
from siyu.matching import Pair

LARGEST_GROUP = 50
"""More records than this are hardly one person; what would make a larger group is left out."""


class Choice:
    """Groups that grow link by link. ``apart``: persons somebody said are two."""

    def __init__(
        self, keys: Mapping[int, Collection[str]], apart: Iterable[tuple[int, int]], definitions: Definitions
    ) -> None:
        self._keys = keys
        self._definitions = definitions
        self._into: dict[int, int] = {}
        self._members: dict[int, set[int]] = {}
        self._apart: dict[int, set[int]] = {}
        for a, b in apart:
            self._apart.setdefault(a, set()).add(b)
            self._apart.setdefault(b, set()).add(a)

    def links(self, pairs: Iterable[Pair]) -> list[Pair]:
        """Those to ask about; ``pairs`` come the surest first."""
        return [pair for pair in pairs if self._join(pair.a, pair.b)]

    def group_of(self, person: int) -> int:
        """How many persons would become one with this one, itself included."""
        return len(self._members.get(self._root(person), {person}))

    def _root(self, person: int) -> int:
        while (above := self._into.get(person, person)) != person:
            self._into[person] = self._into.get(above, above)
            person = above
        return person

    def _join(self, a: int, b: int) -> bool:
        one, other = self._root(a), self._root(b)
        if one == other:
            return False
        mine, theirs = self._members.get(one, {one}), self._members.get(other, {other})
        if len(mine) < len(theirs):
            one, other, mine, theirs = other, one, theirs, mine
        if len(mine) + len(theirs) > LARGEST_GROUP or self._kept_apart(mine, theirs) or self._too_many(mine | theirs):
            return False
        self._into[other] = one
        self._members[one] = mine | theirs
        self._members.pop(other, None)
        return True

    def _kept_apart(self, mine: set[int], theirs: set[int]) -> bool:
        return any(not theirs.isdisjoint(self._apart[person]) for person in mine if person in self._apart)

    def _too_many(self, people: set[int]) -> bool:
        """Would one person have more identifiers of a kind than a person may?"""
        kinds = Counter(_scope(key) for person in people for key in self._keys.get(person, ()))
        return any(count > self._definitions.of(kind).limit for kind, count in kinds.items())


def strongest(keys: Collection[str], definitions: Definitions) -> str | None:
    """The identifier that stands for a person in a decision."""
    return min(keys, key=lambda key: (definitions.rank(_scope(key)), key), default=None)


def _scope(key: str) -> str:
    """What a limit counts within: ``openid.wx1`` of ``openid.wx1:oA``."""
    return key.partition(":")[0]
