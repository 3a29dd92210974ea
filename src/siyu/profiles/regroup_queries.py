"""All SQL of what moves between persons."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy.engine import Connection

from siyu.identity import Move
from siyu.store import among, bulk

_TABLES = (
    "profiles_traits", "profiles_sensitive_traits", "profiles_channels", "profiles_entries", "profiles_orders",
    "profiles_staff",
)  # fmt: skip


def move(conn: Connection, moves: Sequence[Move]) -> None:
    """Carry out moves in order; neighbours of one kind travel together."""
    start = 0
    while start < len(moves):
        end = start
        while end < len(moves) and moves[end].anchors is None:
            end += 1
        if end == start:
            _move_anchors(conn, moves[start])
            end += 1
        else:
            _move_all(conn, moves[start:end])
        start = end


def _move_all(conn: Connection, merges: Sequence[Move]) -> None:
    for table in _TABLES:
        bulk(
            conn,
            f"UPDATE {table} SET person_id = ? WHERE person_id = ?",  # noqa: S608 - tables named above
            [(merge.target, merge.source) for merge in merges],
        )


def _move_anchors(conn: Connection, split: Move) -> None:
    for table in _TABLES:
        bulk(
            conn,
            f"UPDATE {table} SET person_id = ? WHERE person_id = ? AND anchor = ?",  # noqa: S608 - tables named above
            [(split.target, split.source, anchor) for anchor in split.anchors or ()],
        )


def retire(conn: Connection, people: Collection[int], now: int) -> None:
    """Take absorbed persons off the list, with a version above the one they had."""
    rows = among(conn, "SELECT person_id, version FROM profiles_persons WHERE person_id IN {values}", people)
    held = {row[0]: row[1] for row in rows}
    bulk(
        conn,
        "INSERT INTO profiles_gone (person_id, version) VALUES (?, ?)"
        " ON CONFLICT (person_id) DO UPDATE SET version = excluded.version"
        " WHERE excluded.version > profiles_gone.version",
        [(person, max(held.get(person, 0) + 1, now)) for person in people],
    )
    bulk(conn, "DELETE FROM profiles_persons WHERE person_id = ?", [(person,) for person in held])


def revive(conn: Connection, people: Collection[int], now: int) -> None:
    """Put persons on the list who are not, with a version above any they had."""
    rows = among(conn, "SELECT person_id FROM profiles_persons WHERE person_id IN {values}", people)
    there = {row[0] for row in rows}
    versions = gone_versions(conn, people)
    missing = [person for person in people if person not in there]
    bulk(
        conn,
        "INSERT INTO profiles_persons (person_id, created_at, version) VALUES (?, ?, ?)",
        [(person, now, max(now, versions.get(person, 0) + 1)) for person in missing],
    )
    bulk(conn, "DELETE FROM profiles_gone WHERE person_id = ?", [(person,) for person in missing if person in versions])


def gone_versions(conn: Connection, people: Collection[int]) -> dict[int, int]:
    """Absorbed person → the version the event engine is told so under."""
    rows = among(conn, "SELECT person_id, version FROM profiles_gone WHERE person_id IN {values}", people)
    return {row[0]: row[1] for row in rows}


def fold_created(conn: Connection, people: Collection[int]) -> None:
    """Persons are as old as the oldest number they hold."""
    born = _born(conn, people)
    bulk(
        conn,
        "UPDATE profiles_persons SET created_at = ? WHERE person_id = ?",
        [(at, person) for person, at in born.items()],
    )


def _born(conn: Connection, people: Collection[int]) -> Mapping[int, int]:
    born: dict[int, int] = {}
    for number in ("id", "merged_into"):
        rows = among(
            conn,
            f"SELECT {number}, min(created_at) FROM identity_persons"  # noqa: S608 - columns named above
            f" WHERE {number} IN {{values}} GROUP BY {number}",
            people,
        )
        for person, at in rows:
            born[person] = min(at, born.get(person, at))
    return born
