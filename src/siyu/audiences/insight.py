"""What sets an audience apart: distributions against others, overlap, who stays against who is lost."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from pyroaring import BitMap64
from sqlalchemy.engine import Connection

from siyu.audiences.filling import book
from siyu.audiences.looking import moment_of
from siyu.audiences.membership import membership_of
from siyu.audiences.problems import TooManyCompared
from siyu.audiences.queries import definitions
from siyu.audiences.queries import insight as queries
from siyu.audiences.queries import membership as changes
from siyu.audiences.queries.terms import Moment
from siyu.audiences.types import Contrast, ContrastLine, Distribution, Insight, InsightLine, Overlap, Region
from siyu.kit import DAY, NotFound, iso
from siyu.privacy import withdrawn
from siyu.profiles import PersonItem, person_items
from siyu.store import Store

MOST_OVERLAPPING = 5
_SAMPLE = 10
_SIGNIFICANT = 0.05
_FEW = 20
"""A group of so few persons is not tested: the normal approximation would not hold."""

Feature = tuple[str, str, str]
"""(dimension, name of the trait or event or id of the tag, value)."""
_ORDER = {"lifecycle": 0, "tag": 1, "trait": 1, "channel": 2, "event": 3}
"""Dimensions as they are shown; of tags and traits the one that tells most comes first."""


def insight(store: Store, audience_id: str, against: str | None) -> Insight:
    """How values are spread in an audience and in everybody (or the audience ``against``), the most telling first."""
    sets, moment, _ = _members(store, [audience_id, *([against] if against else [])])
    everyone, found = queries.features(store.events, moment, _tags(store))
    own = sets[audience_id] & everyone
    base = sets[against] & everyone if against else everyone
    with store.state.read() as conn:
        sample = _sample(conn, own)
    spread: dict[tuple[str, str], list[InsightLine]] = {}
    for (dimension, name, value), people in found.items():
        line = _line(value, len(people & own), len(own), len(people & base), len(base))
        if line.count or line.base_count:
            spread.setdefault((dimension, name), []).append(line)
    telling = [
        (dimension, name, lines)
        for (dimension, name), lines in spread.items()
        if dimension not in ("trait", "tag") or _tells(lines, len(base))
    ]
    telling.sort(key=lambda one: (_ORDER[one[0]], -_distance(one[2]), one[1]))
    distributions = [
        Distribution(dimension, name, sorted(lines, key=lambda line: -line.count)[:30])
        for dimension, name, lines in telling
    ]
    return Insight(len(own), len(base), against, distributions, sample)


def _tags(store: Store) -> list[str]:
    with store.state.read() as conn:
        return list(book(conn).known.tags)


def _tells(lines: Sequence[InsightLine], size: int) -> bool:
    """Whether some value is shared by enough persons; one that each has to themselves tells nothing of a group."""
    counts = [line.base_count for line in lines]
    return max(counts) > max(1, sum(counts) // 50, size // 200)


def _distance(lines: Sequence[InsightLine]) -> float:
    """How far two distributions lie apart: half of all differences between their shares."""
    return sum(abs(line.share - line.base_share) for line in lines) / 2


def _line(value: str, count: int, size: int, base_count: int, base_size: int) -> InsightLine:
    share, base_share = count / size if size else 0.0, base_count / base_size if base_size else 0.0
    tgi = round(100 * share / base_share, 1) if base_share else None
    return InsightLine(value, count, round(share, 4), base_count, round(base_share, 4), tgi)


def _sample(conn: Connection, members: BitMap64) -> list[PersonItem]:
    """Members from all over the audience, always the same ones."""
    places = range(min(_SAMPLE, len(members)))
    people = [members[len(members) * place // len(places)] for place in places]
    return person_items(conn, people, withdrawn(conn, people))


def overlap(store: Store, ids: Sequence[str]) -> Overlap:
    """How many are in each audience and in exactly each combination of them."""
    wanted = list(dict.fromkeys(ids))
    if not 2 <= len(wanted) <= MOST_OVERLAPPING:
        raise TooManyCompared(limit=MOST_OVERLAPPING)
    sets, _, names = _members(store, wanted)
    regions = []
    for number in range(1, len(wanted) + 1):
        for chosen in combinations(wanted, number):
            others = [sets[name] for name in wanted if name not in chosen]
            within = BitMap64.intersection(*[sets[name] for name in chosen])
            regions.append(Region(list(chosen), len(within - BitMap64.union(BitMap64(), *others)), len(within)))
    return Overlap({name: names[name] for name in wanted}, {name: len(sets[name]) for name in wanted}, regions)


def contrast(store: Store, audience_id: str, days: int) -> Contrast:
    """Who was in the audience ``days`` ago: in what do those who stayed differ from those who were lost?

    Behaviour counts from the 30 days before, so that nothing is compared with what came of it. Two shares are tested
    against each other, and the probabilities corrected for their number (Holm).
    """
    sets, moment, _ = _members(store, [audience_id])
    since = moment.now - days * DAY
    with store.state.read() as conn:
        then = _then(conn, audience_id, sets[audience_id], since)
    stayed, lost = then & sets[audience_id], then - sets[audience_id]
    _, found = queries.features(store.events, Moment(since, moment.zone, moment.windows), _tags(store), stages=False)
    lines = _compared(found, stayed, lost)
    return Contrast(iso(since), len(stayed), len(lost), min(len(stayed), len(lost)) >= _FEW, lines)


def _then(conn: Connection, audience_id: str, now: BitMap64, since: int) -> BitMap64:
    """Members at a time in the last 30 days: what changed after it, taken back."""
    members = now.copy()
    for person, change in changes.changes_after(conn, audience_id, since):
        if change in ("entered", "joined"):
            members.discard(person)
        else:
            members.add(person)
    return members


def _compared(found: Mapping[Feature, BitMap64], stayed: BitMap64, lost: BitMap64) -> list[ContrastLine]:
    tested = []
    for feature, people in found.items():
        kept, gone = len(people & stayed), len(people & lost)
        if kept + gone >= 5:
            tested.append((feature, kept, gone, two_proportions(kept, len(stayed), gone, len(lost))))
    enough = min(len(stayed), len(lost)) >= _FEW
    corrected = holm([chance for *_, chance in tested])
    lines = [
        ContrastLine(
            dimension, name, value, kept, _share(kept, stayed), gone, _share(gone, lost),
            chance, adjusted, enough and adjusted < _SIGNIFICANT,
        )
        for ((dimension, name, value), kept, gone, chance), adjusted in zip(tested, corrected, strict=True)
    ]  # fmt: skip
    return sorted(lines, key=lambda line: (line.p_adjusted, -abs(line.stayed_share - line.lost_share)))[:100]


def _share(count: int, of: BitMap64) -> float:
    return round(count / max(len(of), 1), 4)


def two_proportions(first: int, first_of: int, second: int, second_of: int) -> float:
    """The chance of shares as different as these when there is no difference (two-sided z test, pooled)."""
    if not first_of or not second_of:
        return 1.0
    pooled = (first + second) / (first_of + second_of)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / first_of + 1 / second_of))
    if not spread:
        return 1.0
    return math.erfc(abs(first / first_of - second / second_of) / spread / math.sqrt(2))


def holm(chances: Sequence[float]) -> list[float]:
    """Probabilities corrected for how many there are, in the same order."""
    order = sorted(range(len(chances)), key=lambda place: chances[place])
    answer = [1.0] * len(chances)
    highest = 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, chances[place] * (len(chances) - rank)))
        answer[place] = highest
    return answer


def _members(store: Store, ids: Iterable[str]) -> tuple[dict[str, BitMap64], Moment, dict[str, str]]:
    with store.state.read() as conn:
        names = {row.id: row.name for row in definitions.all_of(conn)}
        missing = [name for name in ids if name not in names]
        if missing:
            raise NotFound(what=f"audience {missing[0][:40]}")
        membership = membership_of(store)
        membership.catch_up(conn)
        held = membership.sets()
        return {name: held[name] for name in ids}, moment_of(conn, store.clock.now_ms()), names
