"""Many rows in one statement do exactly what they would one by one, on either database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from siyu.store import Store, among, bulk

ODD = [
    "plain", "", "null", "NULL", 'a "quoted" word', "back\\slash", "\\", '\\"', "{a,b}", "line\nfeed", "tab\t", "\x01",
    "\\n", "emoji 🧧", "中文", "'", "%s", "?", "\u2028",
]  # fmt: skip

MISSES = "INSERT INTO journeys_misses (person_id, journey_id, params, at, code) VALUES (?, ?, ?, ?, ?)"
KEEP = MISSES + " ON CONFLICT DO NOTHING"
REPLACE = MISSES + " ON CONFLICT (journey_id, person_id) DO UPDATE SET params = excluded.params, at = excluded.at"
LATER = REPLACE + " WHERE excluded.at >= journeys_misses.at"
CHANGE = "UPDATE journeys_misses SET params = ?, at = ? WHERE person_id = ? AND journey_id = ?"
EARLIER = "UPDATE journeys_misses SET at = ? WHERE person_id = ? AND (at = 0 OR at > ?)"
DROP = "DELETE FROM journeys_misses WHERE person_id = ? AND journey_id = ?"

texts = st.one_of(st.sampled_from(ODD), st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
people = st.integers(1, 3)
names = st.sampled_from(["a", "b", ODD[4]])
times = st.sampled_from([0, 1, 2, (1 << 63) - 1])
rows = st.lists(st.tuples(people, names, texts, times, st.just("s")), max_size=40)


def all_of(conn: Connection) -> list[Any]:
    return sorted(tuple(row) for row in conn.exec_driver_sql("SELECT * FROM journeys_misses"))


def after(store: Store, do: Callable[[Connection], Any]) -> tuple[list[Any], Any]:
    """What is in the table, and the answer, after ``do`` to an empty table; nothing of it stays."""
    with store.state.write() as conn:
        answer = do(conn)
        found = all_of(conn)
        conn.rollback()
    return found, answer


def one_by_one(conn: Connection, statement: str, given: Sequence[Sequence[Any]]) -> int:
    marked = statement.replace("?", "%s") if conn.dialect.name == "postgresql" else statement
    return sum(conn.exec_driver_sql(marked, tuple(row)).rowcount for row in given)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=rows, then=rows)
@pytest.mark.parametrize("statement", [KEEP, REPLACE, LATER])
def test_inserts(store: Store, statement: str, first: list[Any], then: list[Any]) -> None:
    def together(conn: Connection) -> list[int]:
        return [bulk(conn, statement, first), bulk(conn, statement, then)]

    def singly(conn: Connection) -> list[int]:
        return [one_by_one(conn, statement, first), one_by_one(conn, statement, then)]

    assert after(store, together) == after(store, singly)


CHANGES: dict[str, Callable[[Any], tuple[Any, ...]]] = {
    CHANGE: lambda row: (row[2], row[3], row[0], row[1]),
    EARLIER: lambda row: (row[3], row[0], row[3]),
    DROP: lambda row: (row[0], row[1]),
}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=rows, then=rows)
@pytest.mark.parametrize("statement", CHANGES)
def test_changes(store: Store, statement: str, first: list[Any], then: list[Any]) -> None:
    """What is touched twice may be counted twice or once, but it ends the same."""
    wanted = [CHANGES[statement](row) for row in then]

    def together(conn: Connection) -> None:
        bulk(conn, KEEP, first)
        bulk(conn, statement, wanted)

    def singly(conn: Connection) -> None:
        one_by_one(conn, KEEP, first)
        one_by_one(conn, statement, wanted)

    assert after(store, together) == after(store, singly)


@pytest.mark.parametrize("many", [1, 20, 20_000])
def test_among_any_number_of_values(store: Store, many: int) -> None:
    with store.state.write() as conn:
        bulk(conn, MISSES, [(number, text, "1", 0, "s") for number, text in enumerate(ODD)])
    with store.state.read() as conn:
        wanted = [*ODD, *(f"other {number}" for number in range(many))]
        by_text = among(conn, "SELECT person_id, journey_id FROM journeys_misses WHERE journey_id IN {values}", wanted)
        by_number = among(conn, "SELECT journey_id FROM journeys_misses WHERE person_id IN {values}", range(many))
        nobody = among(conn, "SELECT journey_id FROM journeys_misses WHERE person_id IN {values}", [])
    assert sorted(tuple(row) for row in by_text) == list(enumerate(ODD))
    assert sorted(row[0] for row in by_number) == sorted(ODD[:many])
    assert nobody == []


@pytest.mark.parametrize("many", [1, 20, 20_000])
def test_among_pairs(store: Store, many: int) -> None:
    with store.state.write() as conn:
        bulk(conn, MISSES, [(number, text, "1", 0, "s") for number, text in enumerate(ODD)])
    statement = "SELECT person_id, journey_id FROM journeys_misses WHERE (person_id, journey_id) IN {values}"
    wanted = [*enumerate(ODD), *((number + 1, text) for number, text in enumerate(ODD[:many]))]
    wanted += [(0, f"other {number}") for number in range(many)]
    with store.state.read() as conn:
        found = among(conn, statement, wanted)
    assert sorted(tuple(row) for row in found) == list(enumerate(ODD))


def test_bytes_go_in_whole(store: Store) -> None:
    bodies = [bytes(range(256)), b"", b"\\x00"]
    with store.state.write() as conn:
        insert = "INSERT INTO collect_inbox (source_id, received_at, records, body) VALUES (?, ?, ?, ?)"
        bulk(conn, insert, [("s", 1, 1, body) for body in bodies])
    with store.state.read() as conn:
        found = conn.exec_driver_sql("SELECT body FROM collect_inbox ORDER BY id").scalars().all()
    assert [bytes(body) for body in found] == bodies
