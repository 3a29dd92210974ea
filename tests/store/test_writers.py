"""One writer at a time in a database, whoever writes: what one has read can't change before it writes."""

from __future__ import annotations

import threading

import pytest

from siyu.kit import BadInput
from siyu.store import Store
from tests import postgres
from tests.conftest import MakeStore

INSERT = "INSERT INTO settings_values (key, value, version, changed_at) VALUES ('n', '0', 1, 0)"
TURNS, THREADS = 25, 4


def test_what_was_read_holds_until_it_is_written(store: Store) -> None:
    with store.state.write() as conn:
        conn.exec_driver_sql(INSERT)

    def count() -> None:
        for _ in range(TURNS):
            with store.state.write() as conn:
                now = int(conn.exec_driver_sql("SELECT value FROM settings_values").scalar_one())
                conn.exec_driver_sql(f"UPDATE settings_values SET value = '{now + 1}'")

    threads = [threading.Thread(target=count) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.state.read() as conn:
        assert conn.exec_driver_sql("SELECT value FROM settings_values").scalar_one() == str(TURNS * THREADS)


def test_an_error_leaves_nothing_behind(store: Store) -> None:
    def write() -> None:
        with store.state.write() as conn:
            conn.exec_driver_sql(INSERT)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write()
    with store.state.read() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM settings_values").scalar_one() == 0


def test_texts_sort_by_their_bytes(store: Store) -> None:
    """Paging and the search for beginnings rest on it."""
    names = ["a", "B", "á", "中", "-", "_", "Z", "z", "🧧", "\U0010ffff"]
    with store.state.write() as conn:
        for name in names:
            conn.exec_driver_sql(
                f"INSERT INTO settings_values (key, value, version, changed_at) VALUES ('{name}', '', 1, 0)"
            )
    with store.state.read() as conn:
        found = list(conn.exec_driver_sql("SELECT key FROM settings_values ORDER BY key").scalars())
    assert found == sorted(names)


@pytest.mark.skipif(not postgres.ON, reason="SQLite takes it")
def test_a_text_the_database_cannot_hold_is_the_callers_fault(make_store: MakeStore) -> None:
    store = make_store()
    with pytest.raises(BadInput, match="NUL"), store.state.write() as conn:
        conn.exec_driver_sql(
            "INSERT INTO settings_values (key, value, version, changed_at) VALUES (%s, '', 1, 0)", ("a\0b",)
        )
