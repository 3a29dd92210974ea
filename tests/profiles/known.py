"""A state database of one test, written to the way the pipeline does, and everything that is known of persons in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from siyu import app, privacy, profiles
from siyu.collect import Record, TraitOp
from siyu.identity import Move
from siyu.pipeline import Columns, Settled
from siyu.profiles import queries, settle_queries
from siyu.profiles.rules_queries import Stored, store
from siyu.profiles.types import TraitRules
from siyu.store import metadata

assert app.ROUTES, "importing the house declares every room's tables"

NOW = 1_000_000
_TABLES = [one for one in metadata.sorted_tables if one.name.startswith(("identity_", "privacy_", "profiles_"))]
SOURCES = ("src_a", "src_b")
_IDENTIFIER = """INSERT INTO identity_identifiers (key, id, anchor, person_id, born, first_seen_at, source_id)
    VALUES (?, ?, ?, ?, ?, ?, 'src_a')"""
_LINK = """INSERT INTO identity_links (one, two, at, source, event) VALUES (?, ?, ?, 1, 1)
    ON CONFLICT (one, two) DO UPDATE SET at = excluded.at"""


class Told(msgspec.Struct, frozen=True):
    """One record: ``origin`` is who said it (0, 1, 2), ``anchor`` by which of their two identifiers."""

    origin: int
    anchor: int
    at: int
    event: str = ""
    props: str = "{}"
    order: str = ""
    amount: int = 0
    traits: tuple[TraitOp, ...] = ()
    source: str = "src_a"


def anchors_of(origin: int) -> tuple[int, int]:
    return (origin * 10 + 11, origin * 10 + 12)


class World:
    """Three persons, 1 to 3, of two identifiers each. ``who`` says whose number each origin has now."""

    def __init__(self, rules: TraitRules | None = None) -> None:
        self.engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
        metadata.create_all(self.engine, tables=_TABLES)
        self.conn: Connection = self.engine.connect()
        self.who = {0: 1, 1: 2, 2: 3}
        if rules:
            store(self.conn, Stored(rules, 1, [], 0), 0)
        for person in (1, 2, 3):
            values = {"id": person, "at": 500 + person}
            statement = "INSERT INTO identity_persons (id, created_at, source_id) VALUES (:id, :at, 'src_a')"
            self.conn.execute(sa.text(statement), values)
            one, two = anchors_of(person - 1)
            identifiers = [(f"user_id:{anchor}", anchor, anchor, person, person, anchor) for anchor in (one, two)]
            self.conn.exec_driver_sql(_IDENTIFIER, identifiers)
            self.link([(one, two)], 0)
        created = {person: (500 + person, "src_a") for person in (1, 2, 3)}
        profiles.apply(self.conn, [], created, [], NOW)

    def link(self, pairs: Sequence[tuple[int, int]], at: int) -> None:
        """These belong together since ``at``."""
        self.conn.exec_driver_sql(_LINK, [(min(pair), max(pair), at) for pair in pairs])

    def close(self) -> None:
        self.conn.close()
        self.engine.dispose()

    def settle(self, told: Sequence[Told], moves: Sequence[Move] = ()) -> World:
        """A batch as the pipeline takes it over."""
        people = [self.who[one.origin] for one in told]
        anchors = [anchors_of(one.origin)[one.anchor] for one in told]
        records = [
            Record(one.event, one.at, one.at, number, (), one.props, "{}", one.amount, one.traits, one.order)
            for number, one in enumerate(told)
        ]
        sources = [one.source for one in told]
        parts = profiles.telling(records, people, anchors, sources)
        profiles.apply(self.conn, parts, {}, moves, NOW)
        spoken = [place for place, one in enumerate(told) if one.event]
        events = Columns(
            person=[people[place] for place in spoken],
            anchor=[anchors[place] for place in spoken],
            time=[told[place].at for place in spoken],
            event=[told[place].event for place in spoken],
            key=spoken,
            source=[sources[place] for place in spoken],
            received=[NOW for _ in spoken],
            amount=[told[place].amount for place in spoken],
            props=[told[place].props for place in spoken],
            context=["{}" for _ in spoken],
        )
        for move in moves:
            gone = "" if move.anchors is None else f" AND anchor IN {(*move.anchors, 0)}"
            statement = f"UPDATE identity_identifiers SET person_id = ? WHERE person_id = ?{gone}"
            self.conn.exec_driver_sql(statement, (move.target, move.source))
        settled = Settled(1, NOW, events, [], {}, list(moves))
        privacy.on_settled(None, self.conn, settled)  # type: ignore[arg-type]
        return self

    def merge(self, gone: int, kept: int, at: int = 50) -> World:
        """One origin's person takes over another's, as identity would say it; they are one since ``at``."""
        source, target = self.who[gone], self.who[kept]
        theirs, ours = (
            [anchor for origin, person in self.who.items() if person == one for anchor in anchors_of(origin)]
            for one in (source, target)
        )
        self.link([(one, two) for one in theirs for two in ours], at)
        self.conn.execute(
            sa.text("UPDATE identity_persons SET merged_into = :to WHERE id = :gone OR merged_into = :gone"),
            {"to": target, "gone": source},
        )
        self.who = {origin: target if person == source else person for origin, person in self.who.items()}
        return self.settle([], [Move(source, target, None)])

    def part(self, *origins: int) -> World:
        """Origins become a person of their own again, under the smallest of their first numbers."""
        source, target = self.who[origins[0]], min(origins) + 1
        if target == source:
            origins = tuple(one for one, person in self.who.items() if person == source and one not in origins)
            target = min(origins) + 1
        for one in origins:
            into = None if one + 1 == target else target
            statement = sa.text("UPDATE identity_persons SET merged_into = :to WHERE id = :id")
            self.conn.execute(statement, {"to": into, "id": one + 1})
            self.who[one] = target
        moved = tuple(anchor for one in origins for anchor in anchors_of(one))
        return self.settle([], [Move(source, target, moved)])

    def known(self) -> dict[int, Any]:
        """Everything known of every person there is now."""
        people = sorted(set(self.who.values()))
        rows = {row.person_id: row for row in settle_queries.persons_of(self.conn, people)}
        traits = queries.traits_of(self.conn, people)
        channels = settle_queries.channels_of(self.conn, people)
        count = self.conn.execute(sa.text("SELECT count(*) FROM profiles_persons")).scalar()
        assert count == len(people) == len(rows)
        return {
            person: {
                "facts": rows[person]._replace(version=0),
                "traits": [msgspec.to_builtins(trait) for trait in traits.get(person, [])],
                "channels": {name: fact for (who, name), fact in channels.items() if who == person},
                "orders": [msgspec.to_builtins(row) for row in queries.orders_of(self.conn, [person], None, 99)],
                "consent": [(*row.weight, row.channel) for row in privacy.consents(self.conn, person)],
                "withdrawn": privacy.withdrawn(self.conn, [person]).get(person, frozenset()),
            }
            for person in people
        }

    def trait(self, person: int, name: str) -> Any:
        return profiles.traits_of(self.conn, [person], [name]).get(person, {}).get(name)


def op(verb: Any, name: str, value: Any = None) -> TraitOp:
    return TraitOp(verb, name, "" if value is None else json.dumps(value))
