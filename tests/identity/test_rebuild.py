"""The partition worked out afresh from the ledger is the one kept up record by record; supernodes glue nobody."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.collect import DEFAULTS
from siyu.identity.rebuild import Difference, compare, read_ledger, rebuild
from siyu.store import Store
from tests.identity.worlds import RECORDS, Record, clear, settle


def check(store: Store) -> Difference:
    with store.state.read() as conn:
        ledger = read_ledger(conn, DEFAULTS)
        return compare(ledger, rebuild(conn, ledger, DEFAULTS))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=RECORDS, cuts=st.lists(st.integers(1, 6), max_size=4))
def test_rebuilt_from_the_ledger_it_is_the_same(store: Store, records: list[Record], cuts: list[int]) -> None:
    clear(store)
    settle(store, records, cuts)
    done = check(store)
    assert (done.merged, done.split, done.wrong) == (0, 0, [])


def test_a_wrong_person_is_found(store: Store) -> None:
    settle(store, [(("unionid:1", "device:a"), 1), (("unionid:2", "device:b"), 2)])
    with store.state.write() as conn:
        conn.exec_driver_sql("UPDATE identity_identifiers SET person_id = 2 WHERE key = 'device:a'")
    done = check(store)
    assert (done.merged, done.split, len(done.wrong)) == (1, 1, 4)


def supernodes(persons: int) -> list[Record]:
    """Persons with a union id each; tablets, family phones and a placeholder phone that many of them came with."""
    share = persons / 100_000
    records: list[Record] = [((f"unionid:u{n}",), n) for n in range(persons)]
    at = iter(range(persons, 10 * persons))
    each = int(500 * share)
    records += [
        ((f"unionid:u{tablet * each + n}", f"device:tablet{tablet}"), next(at))
        for tablet in range(20)
        for n in range(each)
    ]
    records += [
        ((f"unionid:u{family * 3 + member}", f"mobile:+861391{family:07d}"), next(at))
        for family in range(int(300 * share))
        for member in range(3)
    ]
    records += [((f"unionid:u{n}", "mobile:+8613511112222"), next(at)) for n in range(int(2000 * share))]
    return records


@pytest.mark.parametrize(("seed", "cut"), [(None, 25_000), (1, 10_000)])
def test_supernodes_glue_nobody(store: Store, seed: int | None, cut: int) -> None:
    records = supernodes(100_000)
    if seed is not None:
        random.Random(seed).shuffle(records)
    settle(store, records, [cut])
    with store.state.read() as conn:
        persons = conn.exec_driver_sql("SELECT count(*) FROM identity_persons WHERE merged_into IS NULL").scalar()
        rows = conn.exec_driver_sql(
            "SELECT person_id, key FROM identity_identifiers WHERE key > 'unionid:' AND key < 'unionid;'"
        ).all()
    assert persons == 100_000
    assert len({row[0] for row in rows}) == len(rows) == 100_000, "precision = recall = 1: one person, one union id"
    done = check(store)
    assert (done.groups, done.wrong) == (100_000, [])
