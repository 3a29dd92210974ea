"""Who is it? Sets of identifiers become persons, a batch at a time.

Most records bring nothing new, or attach to one person, or make a new one; there any order gives the same persons, and
they are taken set-wise. Where a limit or a decision stands against a link, or a link of the group yields already, the
group is contested and is worked out anew from all its links (``contested.py``), as the reference says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import count

import msgspec
from sqlalchemy.engine import Connection

from siyu.collect import PERSON_KIND, Definitions, anchor_of
from siyu.identity import ledger_queries as ledger
from siyu.identity import queries
from siyu.identity.contested import Gathered, gather, settle
from siyu.identity.partition import Pair, lead, scope
from siyu.identity.types import ANCHORED, BLOCKED, TIED, VOID, LinkRow, Move, Row
from siyu.kit import DAY

_PERSON_PREFIX = f"{PERSON_KIND}:"


def named_person(ids: tuple[str, ...]) -> int | None:
    """The person the product itself named in an event of its own."""
    return int(ids[0][len(_PERSON_PREFIX) :]) if ids and ids[0].startswith(_PERSON_PREFIX) else None


class Sighting(msgspec.Struct, gc=False):
    """A set of identifiers seen together, first at ``at`` in ``source_id`` as ``event``."""

    ids: tuple[str, ...]
    at: int
    source_id: str
    event: int
    lead: int = 0
    """Index of the identifier that stands for the set."""


def sightings(
    ids: Sequence[tuple[str, ...]], times: Sequence[int], sources: Sequence[str], events: Sequence[int]
) -> list[Sighting]:
    """The distinct sets of identifiers, each with its earliest record."""
    first: dict[tuple[str, ...], int] = {}
    for index, keys in enumerate(ids):
        held = first.get(keys)
        if held is None or times[index] < times[held]:
            first[keys] = index
    return [Sighting(keys, times[index], sources[index], events[index]) for keys, index in first.items()]


class Joining:
    """Groups that come together in a batch: disjoint sets over known persons (n) and new identifiers (-id)."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._into: dict[int, int] = {}
        self.counts: dict[int, dict[str, int]] = {}
        """Group → kind → how many identifiers of it; filled in by the caller for known persons."""
        self.dirty: set[int] = set()
        """Groups that have to be worked out from all their links."""

    def root(self, group: int) -> int:
        into = self._into
        while (above := into.get(group)) is not None:
            group = above
        return group

    def doubt(self, *groups: int) -> None:
        self.dirty.update(self.root(group) for group in groups)

    def join(self, one: int, two: int) -> None:
        """Bring two groups together, or doubt both when a limit stands against it."""
        one, two = self.root(one), self.root(two)
        if one == two:
            return
        ours, theirs = self.counts[one], self.counts[two]
        if len(ours) < len(theirs):
            one, two, ours, theirs = two, one, theirs, ours
        for kind, number in theirs.items():
            if kind in ours and ours[kind] + number > self._definitions.of(kind).limit:
                self.dirty |= {one, two}
                return
        for kind, number in theirs.items():
            ours[kind] = ours.get(kind, 0) + number
        self._into[two] = one
        if two in self.dirty:
            self.dirty.add(one)

    def attach(self, one: int, two: int, through: Sequence[int]) -> None:
        """As ``join``, where the groups ``through`` are of identifiers that only attach: fine while they are alone."""
        if self.root(one) == self.root(two):
            return
        if any(sum(self.counts[self.root(group)].values()) > 1 for group in through):
            self.doubt(one, two)
        else:
            self.join(one, two)


class Batch:
    """One batch being resolved. ``run`` does it all, in the caller's transaction."""

    def __init__(self, conn: Connection, seen: list[Sighting], definitions: Definitions, number: int, now: int) -> None:
        self._conn = conn
        self._seen = seen
        self._definitions = definitions
        self._number = number
        self._now = now
        self._attaching = not all(kind.merges for kind in definitions.kinds)
        self._new: list[Row] = []
        self._changed: dict[int, Row] = {}
        self._links: dict[Pair, LinkRow] = {}
        self._numbers = count(queries.next_person(conn))
        self._settled: dict[int, tuple[int, str]] = {}
        self.created: dict[int, tuple[int, str]] = {}
        self.moves: list[Move] = []

    def run(self) -> dict[tuple[str, ...], Row]:
        """Answers the identifier each set of identifiers is kept under; its ``person`` is who that is."""
        self._rows = queries.known(self._conn, {key for one in self._seen for key in one.ids})
        self._sight()
        self._tie()
        joining = self._join()
        seeds = {row.id for row in self._rows.values() if joining.root(_group(row)) in joining.dirty}
        self._found(joining)
        self._store(seeds)
        gathered = gather(self._conn, seeds, self._definitions) if seeds else None
        leads = self._leads(gathered)
        if gathered is not None:
            self._settle(gathered)
        self._finish()
        return leads

    # --- what the records say

    def _sight(self) -> None:
        """Make rows of new identifiers; remember first and last times. One that is veiled stays so."""
        rows, numbers = self._rows, count(queries.next_identifier(self._conn))
        veils = queries.veiled(self._conn, {key for one in self._seen for key in one.ids} - rows.keys())
        for one in self._seen:
            at = one.at
            for key in one.ids:
                row = rows.get(key)
                if row is None:
                    blocked = BLOCKED if self._definitions.blocks(*_parts(key)) else 0
                    name = veils.get(key, key)
                    row = rows[key] = Row(name, next(numbers), anchor_of(key), 0, 0, blocked, at, at, one.source_id)
                    self._new.append(row)
                    continue
                if at < row.first_seen_at:
                    row.first_seen_at = at
                    self._changed[row.id] = row
                if at >= row.last_seen_at + DAY:
                    row.last_seen_at = at
                    self._changed[row.id] = row

    def _tie(self) -> None:
        """The links the records say: a star from the identifier that stands for the record."""
        rows, links = self._rows, self._links
        leads: dict[tuple[str, ...], int] = {}
        sources = ledger.source_numbers(self._conn, {one.source_id for one in self._seen})
        for one in self._seen:
            if len(one.ids) < 2:
                continue
            kinds = tuple([key[: key.index(":")] for key in one.ids])
            first = leads.get(kinds)
            if first is None:
                first = leads[kinds] = lead(kinds, self._definitions)
            one.lead = first
            middle = rows[one.ids[first]].id
            source = sources[one.source_id]
            for key in one.ids:
                other = rows[key].id
                if other == middle:
                    continue
                pair = (middle, other) if middle < other else (other, middle)
                link = links.get(pair)
                if link is None:
                    links[pair] = LinkRow(*pair, one.at, source, one.event)
                elif one.at < link.at:
                    link.at, link.source, link.event = one.at, source, one.event

    # --- where any order gives the same

    def _join(self) -> Joining:
        """Bring groups together as far as nothing stands against it; the others are left in doubt."""
        joining = Joining(self._definitions)
        by_id = {row.id: row for row in self._rows.values()}
        fresh = {row.id for row in self._new}
        open_links, special = self._sorted_links(by_id, fresh)
        self._count(joining, open_links, by_id)
        for one, two in open_links:
            self._join_pair(joining, by_id[one], by_id[two])
        for pair in self._news(special, by_id):
            for end in pair:
                if not by_id[end].void:
                    joining.doubt(_group(by_id[end]))
        return joining

    def _sorted_links(self, by_id: dict[int, Row], fresh: set[int]) -> tuple[list[Pair], list[Pair]]:
        """Links between groups, and those with an end that is void, contested or tied to a void one."""
        plain, special = [], []
        void_ties: dict[int, int] = defaultdict(int)
        for pair in self._links:
            one, two = by_id[pair[0]], by_id[pair[1]]
            if (one.state | two.state) & ~ANCHORED:
                special.append(pair)
                void_ties[one.id] += two.void
                void_ties[two.id] += one.void
            elif one.person != two.person or not one.person:
                plain.append(pair)
        return plain, [pair for pair in special if not self._just_new(pair, by_id, fresh, void_ties)]

    def _just_new(self, pair: Pair, by_id: dict[int, Row], fresh: set[int], void_ties: dict[int, int]) -> bool:
        """Whether the link ties a new identifier to a void one, and no other: that changes nothing for anybody."""
        one, two = by_id[pair[0]], by_id[pair[1]]
        if one.void == two.void:
            return one.void
        end = two if one.void else one
        alone = end.id in fresh and void_ties[end.id] == 1 and self._definitions.of(scope(end.key)).shared_after > 1
        if alone:
            end.state |= TIED
        return alone

    def _count(self, joining: Joining, pairs: list[Pair], by_id: dict[int, Row]) -> None:
        """How many identifiers of each kind the groups have that may come together."""
        people = {by_id[end].person for pair in pairs for end in pair} - {0}
        for person, keys in queries.keys_of(self._conn, people).items():
            counts: dict[str, int] = {}
            for key in keys:
                kind = scope(key)
                counts[kind] = counts.get(kind, 0) + 1
            joining.counts[person] = counts
        for row in self._new:
            joining.counts[-row.id] = {scope(row.key): 1}

    def _join_pair(self, joining: Joining, one: Row, two: Row) -> None:
        if self._attaching:
            through = [_group(row) for row in (one, two) if not self._definitions.of(scope(row.key)).merges]
            if through:
                joining.attach(_group(one), _group(two), through)
                return
        joining.join(_group(one), _group(two))

    def _news(self, pairs: list[Pair], by_id: dict[int, Row]) -> list[Pair]:
        """Those of the links that are new, or seen earlier than known."""
        held = ledger.links_at(self._conn, pairs)
        return [pair for pair in pairs if pair not in held or self._links[pair].at < held[pair].at]

    def _found(self, joining: Joining) -> None:
        """Give the groups that are clear their persons."""
        joined: dict[int, set[int]] = defaultdict(set)
        for group in joining.counts:
            if group > 0 and (root := joining.root(group)) not in joining.dirty:
                joined[root].add(group)
        person_of = {root: min(people) for root, people in joined.items()}
        merged = {gone: person_of[root] for root, people in joined.items() for gone in people - {person_of[root]}}
        for row in self._new:
            root = joining.root(-row.id)
            if root in joining.dirty or row.void:
                continue
            person = person_of.get(root)
            if person is None:
                person = person_of[root] = next(self._numbers)
                self.created[person] = (row.first_seen_at, row.source_id)
            elif person in self.created:
                self.created[person] = min(self.created[person], (row.first_seen_at, row.source_id))
            row.person = row.born = person
        self._merge(merged)

    def _merge(self, merged: dict[int, int]) -> None:
        if not merged:
            return
        for row in self._rows.values():
            row.person = merged.get(row.person, row.person)
        queries.merge(self._conn, merged)
        moves = [Move(gone, keep, None) for gone, keep in sorted(merged.items())]
        ledger.add_moves(self._conn, moves, self._number, self._now)
        self.moves += moves

    # --- where it has to be worked out

    def _store(self, seeds: set[int]) -> None:
        """Write down what the records said. Groups in doubt are nobody's until they are worked out."""
        for one in self._seen:
            if not seeds or seeds.isdisjoint([self._rows[key].id for key in one.ids]):
                self._keep_under(self._lead_of(one))
        for row in self._new:
            self._changed.pop(row.id, None)
        queries.add_rows(self._conn, self._new)
        queries.save_rows(self._conn, self._changed.values())
        self._changed = {}
        ledger.add_links(self._conn, list(self._links.values()))

    def _keep_under(self, row: Row) -> None:
        if not row.state & ANCHORED:
            row.state |= ANCHORED
            self._changed[row.id] = row

    def _lead_of(self, one: Sighting) -> Row:
        """The identifier a record is kept under: the one that stands for it, of those that are not shared."""
        row = self._rows[one.ids[one.lead]]
        if not row.state & VOID:
            return row
        rows = [self._rows[key] for key in one.ids]
        clear = [row for row in rows if not row.void] or rows
        return clear[lead([scope(row.key) for row in clear], self._definitions)]

    # --- where it has to be worked out

    def _leads(self, gathered: Gathered | None) -> dict[tuple[str, ...], Row]:
        """What each set of identifiers is kept under, now that it is known which are shared."""
        if gathered is not None:
            self._rows = {key: gathered.rows.get(row.id, row) for key, row in self._rows.items()}
        leads = {one.ids: self._lead_of(one) for one in self._seen}
        for row in leads.values():
            self._keep_under(row)
        return leads

    def _settle(self, gathered: Gathered) -> None:
        done = settle(self._conn, gathered, self._numbers, self._now, self._number)
        self.moves += done.moves
        self._settled = done.created
        for one in gathered.rows:
            self._changed.pop(one, None)

    def _finish(self) -> None:
        """Give a person to void identifiers that a record names alone; write down the new persons."""
        for row in self._changed.values():
            if not row.person:
                row.person = row.born = next(self._numbers)
                self.created[row.person] = (row.first_seen_at, row.source_id)
        queries.save_rows(self._conn, self._changed.values())
        queries.add_persons(self._conn, [(number, *said) for number, said in self.created.items()])
        self.created |= self._settled


def _group(row: Row) -> int:
    """The handle of an identifier's group: its person, or itself while it has none."""
    return row.person or -row.id


def _parts(key: str) -> tuple[str, str]:
    kind, _, value = key.partition(":")
    return kind, value
