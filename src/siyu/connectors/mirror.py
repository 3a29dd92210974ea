"""What a vendor's list says against what is known: new links begin, changed ones are told anew, missing ones end.

Everything here happens in one transaction with the cursor of the pull, and what it tells enters the pipeline in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec
import xxhash
from sqlalchemy.engine import Connection, Row

from siyu.collect import current_definitions, enter, key_of
from siyu.connectors import queries, tagging
from siyu.connectors.contract import Connector, Item, Link, Page
from siyu.connectors.entering import decoded
from siyu.connectors.session import Session
from siyu.delivery import rename_address
from siyu.identity import aliases_of, find_person, unveil, veil, veiled_key
from siyu.kit import MINUTE
from siyu.store import Store

QUIET = 10 * MINUTE
"""A link younger than this that no callback has told of is left to its callback; the next run takes it if none came."""

_encode = msgspec.json.Encoder(order="deterministic").encode


class Keeper:
    """Applies pages for one install. ``run`` names the run (0: no run, a task)."""

    def __init__(
        self, store: Store, conn: Connection, row: Row[Any], connector: Connector, session: Session, run: int
    ) -> None:
        self._store, self._conn, self._row = store, conn, row
        self._connector, self._session, self._run = connector, session, run
        self._now = store.clock.now_ms()

    def take(self, page: Page, read_at: int) -> None:
        """``read_at`` (epoch ms): before the page was asked for."""
        items = [*page.items, *self._links(page.links, read_at)]
        for kind, prefix in page.complete:
            given = {link.key for link in page.links if link.kind == kind}
            rows = queries.links_within(self._conn, self._row.id, kind, prefix)
            items += self.end([row for row in rows if row.key not in given and row.changed_at <= read_at])
        self.tell(items)

    def tell(self, items: Sequence[Item]) -> None:
        """Into the pipeline, in this transaction."""
        most, definitions = self._store.settings.max_event_bytes, current_definitions(self._conn)
        learned = decoded(items, self._now, self._row.source_id, definitions, most, by="list")
        enter(self._conn, self._row.source_id, learned.records, self._now)

    def _links(self, links: Sequence[Link], read_at: int) -> list[Item]:
        items: list[Item] = []
        told: set[str] = set()
        for kind in dict.fromkeys(link.kind for link in links):
            here = {link.key: link for link in links if link.kind == kind}
            rows = queries.links(self._conn, self._row.id, kind, here)
            put, learned = [], []
            for link in here.values():
                found, row = self._one(link, rows.get(link.key), read_at)
                learned += [(link.owner, item) for item in found if item.id not in told]
                told |= {item.id for item in found}
                put += row
            self.remember([row[2] for row in put if row[1] not in rows or not rows[row[1]].present])
            queries.put_links(self._conn, self._row.id, put)
            items += self._completed(kind, learned)
        return items

    def _completed(self, kind: str, learned: Sequence[tuple[str, Item]]) -> list[Item]:
        """What is known of owners also says what they hold now."""
        held = self._held(kind, {owner for owner, item in learned if not item.event})
        return [_and(item, held[owner]) if owner in held and not item.event else item for owner, item in learned]

    def _one(self, link: Link, row: Row[Any] | None, read_at: int) -> tuple[list[Item], list[Any]]:
        """What to tell of a link, and its row in the mirror."""
        holds = self._connector.held is not None
        print_ = xxhash.xxh3_64_intdigest(_encode([_told(link.known), link.data, holds])) >> 1
        there = row is not None and row.present
        heard = row.changed_at if row is not None else 0
        if row is not None and not there and heard > read_at - 5_000:
            return [], []  # heard meanwhile that it has ended
        if row is not None and not there and self._connector.forgets and link.began and link.began.at <= heard:
            return [], []  # what the list tells of had ended already, and is forgotten
        items = []
        if not there and link.began is not None:
            if row is None and self._run and read_at - link.began.at < QUIET:
                return [], []
            items.append(link.began)
        if link.known is not None and (row is None or row.hash != print_):
            id = f"{link.kind} {link.owner} {print_} {self._run or read_at}"
            items.append(msgspec.structs.replace(link.known, id=id, at=read_at))
        changed = heard if there else read_at
        seen = self._run or (row.seen if row is not None else 0)
        return items, [(link.kind, link.key, link.owner, True, print_, changed, seen, link.data)]

    def sweep(self, kinds: Sequence[str], limit: int) -> bool:
        """End some of the links a complete run has not met; True when there may be more."""
        rows = queries.unseen_links(self._conn, self._row.id, kinds, self._run, limit)
        self.tell(self.end(rows))
        return len(rows) == limit

    def end(self, rows: Iterable[Row[Any]], at: int = 0) -> list[Item]:
        """Mark links as ended, and say so for owners that have none left."""
        moment, gone = at or self._now, list(rows)
        forgets = self._connector.forgets is not None
        put = [(row.kind, row.key, "" if forgets else row.owner, False, 0, moment, row.seen, row.data) for row in gone]
        queries.put_links(self._conn, self._row.id, put)
        owners: dict[str, set[str]] = defaultdict(set)
        for row in gone:
            owners[row.kind].add(row.owner)
            self._forget(row.owner, moment)
        return [
            item
            for kind, names in sorted(owners.items())
            for item in (*self._ended(kind, names, moment), *self._held(kind, names).values())
        ]

    def _held(self, kind: str, owners: Collection[str]) -> dict[str, Item]:
        """Owner → what the links they have in a kind say of them."""
        if self._connector.held is None or not owners:
            return {}
        keys = queries.keys_by_owner(self._conn, self._row.id, kind, owners)
        found = {owner: self._connector.held(kind, owner, keys.get(owner, ()), self._now) for owner in sorted(owners)}
        return {owner: item for owner, item in found.items() if item is not None}

    def _forget(self, owner: str, at: int) -> None:
        """Where the vendor wants it, the identifier of who has left is kept nowhere any more."""
        if key := self._forgettable(owner):
            forget(self._conn, self._row, key, at)

    def remember(self, owners: Sequence[str]) -> None:
        """Who comes anew is known again."""
        unveil(self._conn, [key for owner in owners if (key := self._forgettable(owner))])

    def _forgettable(self, owner: str) -> str | None:
        forgets = self._connector.forgets
        return key_of(*forgets(self._session, owner)) if forgets and owner else None

    def _ended(self, kind: str, owners: Collection[str], at: int) -> list[Item]:
        if self._connector.ended is None:
            return []
        left = queries.owners_left(self._conn, self._row.id, kind, owners)
        found = [self._connector.ended(self._session, kind, owner, at) for owner in sorted(set(owners) - left)]
        return [item for item in found if item is not None]


def forget(conn: Connection, install: Row[Any], key: str, at: int) -> None:
    """Forget an identifier: in the ledger, in messages that went to it, in work about it."""
    person, value = find_person(conn, key), key.partition(":")[2]
    veil(conn, key, at, install.source_id)
    for task in queries.tasks_naming(conn, install.id, value):
        tagging.leave_out(conn, task, value)
    if person is not None:
        rename_address(conn, aliases_of(conn, person), value, veiled_key(key).partition(":")[2])


def _and(known: Item, held: Item) -> Item:
    traits = {**known.traits, **held.traits}
    return msgspec.structs.replace(known, id=f"{known.id} {_encode(held.traits).decode()}", traits=traits)


def _told(item: Item | None) -> Any:
    return None if item is None else [item.ids, dict(item.traits)]
