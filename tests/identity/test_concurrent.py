"""Many at once come to the same persons as one after the other: threads of this process, and processes of their own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu import identity
from siyu.collect import DEFAULTS
from siyu.identity.rebuild import compare, read_ledger, rebuild
from siyu.store import Store
from tests.identity.resolver import Job
from tests.identity.worlds import RECORDS, Record, clear, expected, found, settle

AT_ONCE = 4
_SIZES = st.integers(1, 4)
_property = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def jobs(records: Sequence[Record], size: int) -> list[Job]:
    parts = [records[start : start + size] for start in range(0, len(records), size)]
    return [Job(number + 1, [one[0] for one in part], [one[1] for one in part]) for number, part in enumerate(parts)]


def hold_together(store: Store, records: Sequence[Record]) -> None:
    """The persons are those of one after the other, every number leads to its person, and the ledger says so too."""
    together = found(store)
    assert together == expected(records)
    with store.state.read() as conn:
        ledger = read_ledger(conn, DEFAULTS)
        assert compare(ledger, rebuild(conn, ledger, DEFAULTS)).wrong == []
        into = dict(conn.exec_driver_sql("SELECT id, merged_into FROM identity_persons").all())  # type: ignore[arg-type]
        rows = conn.exec_driver_sql("SELECT person_id, born FROM identity_identifiers WHERE person_id <> 0").all()
    assert all(into[person] is None and into[born] in (None, person) for person, born in rows)
    clear(store)
    settle(store, records)
    assert found(store) == together


@_property
@given(records=RECORDS, size=_SIZES)
def test_threads(store: Store, records: list[Record], size: int) -> None:
    def resolve(job: Job) -> None:
        with store.state.write() as conn:
            identity.resolve(conn, job.ids, job.times, ["s"] * len(job.ids), job.batch)

    clear(store)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(resolve, jobs(records, size)))
    hold_together(store, records)


@pytest.fixture
def workers(store: Store) -> Iterator[list[subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "tests.identity.resolver", str(store.settings.data), store.settings.state]
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
            )
            for _ in range(AT_ONCE)
        ]
        for worker in started:
            assert worker.stdout
            assert worker.stdout.readline() == "ready\n"
        yield started
        for worker in started:
            assert worker.stdin
            worker.stdin.close()


def resolve_at_once(workers: Sequence[subprocess.Popen[str]], wanted: Sequence[Job]) -> None:
    """Each worker has its share in hand before any answer is read, so they meet in the database."""
    for number, job in enumerate(wanted):
        pipe = workers[number % len(workers)].stdin
        assert pipe
        pipe.write(msgspec.json.encode(job).decode() + "\n")
    for number, job in enumerate(wanted):
        answers = workers[number % len(workers)].stdout
        assert answers
        assert len(msgspec.json.decode(answers.readline())) == len(job.ids)


def crowd() -> list[Record]:
    """A thousand records in which tablets, families and members who log in anywhere meet."""
    return [
        ((f"unionid:{n % 211}", f"mobile:+86139{n * 7 % 97:08d}", f"device:{n * 13 % 301}"), n * 37 % 1009)
        for n in range(1_000)
    ]


def test_processes(store: Store, workers: list[subprocess.Popen[str]]) -> None:
    @_property
    @given(records=RECORDS, size=_SIZES)
    def any_records(records: list[Record], size: int) -> None:
        clear(store)
        resolve_at_once(workers, jobs(records, size))
        hold_together(store, records)

    any_records()
    clear(store)
    resolve_at_once(workers, jobs(crowd(), 10))
    hold_together(store, crowd())
