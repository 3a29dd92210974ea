"""Who is it: merging, limits, and the same answer however records are cut into batches."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu import identity
from siyu.store import Store

Ids = tuple[str, ...]


def settle(store: Store, records: list[Ids], cut: int = 0, start: int = 0) -> list[int]:
    """Resolve records in batches of ``cut`` (0: all at once); answers each record's canonical person in the end."""
    persons: list[int] = []
    size = cut or max(len(records), 1)
    for first in range(0, len(records), size):
        part = records[first : first + size]
        times = [start + first + index for index in range(len(part))]
        with store.state.write() as conn:
            persons += identity.resolve(conn, part, times, ["s"] * len(part), start + first).person
    with store.state.read() as conn:
        final = identity.canonical(conn, set(persons))
    return [final[person] for person in persons]


def test_a_device_joins_the_member_it_logs_in_as(store: Store) -> None:
    found = settle(store, [("device:a",), ("user_id:1", "device:a"), ("device:a",), ("user_id:1", "device:b")], cut=1)
    assert len(set(found)) == 1


def test_two_known_persons_become_one_and_every_number_leads_there(store: Store) -> None:
    first = settle(store, [("user_id:1",), ("mobile:+8613912345678",), ("device:z",)])
    assert len(set(first)) == 3
    settle(store, [("mobile:+8613912345678", "user_id:1"), ("user_id:1", "device:z")], start=100)
    with store.state.read() as conn:
        person = identity.find_person(conn, "device:z")
        assert person is not None
        assert sorted(identity.aliases_of(conn, person)) == sorted(set(first))
        assert {one.key for one in identity.identifiers_of(conn, person)} == {
            "user_id:1",
            "mobile:+8613912345678",
            "device:z",
        }


def test_a_shared_device_never_makes_one_person_of_two_members(store: Store) -> None:
    records = [(f"user_id:{n}", "device:tablet") for n in range(3)]
    assert len(set(settle(store, records))) == 3
    with store.state.read() as conn:
        open_conflicts = "SELECT count(*) FROM identity_conflicts WHERE state = 'open'"
        assert conn.exec_driver_sql(open_conflicts).scalar() == 2
        assert identity.find_person(conn, "device:tablet") == identity.find_person(conn, "user_id:0")
    records = [(f"user_id:{n}", "device:tablet") for n in range(50)]
    assert len(set(settle(store, records, start=10))) == 50
    with store.state.read() as conn:
        assert conn.exec_driver_sql(open_conflicts).scalar() == 0
        assert identity.find_person(conn, "device:tablet") is None


def test_doing_it_again_changes_nothing(store: Store) -> None:
    records: list[Ids] = [("user_id:1", "device:a"), ("device:b",)]
    records += [("user_id:1", "device:b"), ("user_id:2", "device:a")]
    once = settle(store, records)
    assert settle(store, records, start=1000) == once


def test_search_finds_by_any_identifier(store: Store) -> None:
    [person] = settle(store, [("mobile:+8613912345678", "user_id:42", "email:a@b.cn", "openid.wx1:oXYZ")])
    with store.state.read() as conn:
        for text in ("139 1234 5678", "+8613912345678", "1391234", "42", "A@b.cn", "oXYZ"):
            assert identity.search(conn, text, 5) == [person], text
        assert identity.search(conn, "nobody", 5) == []
        assert identity.search(conn, "%", 5) == []


_KEYS = st.sampled_from(
    [f"user_id:{n}" for n in range(3)]
    + [f"mobile:{n}" for n in range(4)]
    + [f"device:{n}" for n in range(5)]
    + ["unionid:1", "unionid:2", "email:a@b.c"]
)
_ORDER = ("unionid", "mobile", "user_id", "email", "device")
_RECORDS = st.lists(
    st.sets(_KEYS, min_size=1, max_size=4).map(lambda keys: tuple(sorted(keys, key=_rank))), min_size=1, max_size=25
)


def _rank(key: str) -> tuple[int, str]:
    return _ORDER.index(key.partition(":")[0]), key


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=_RECORDS, cut=st.integers(1, 5))
def test_limits_hold_and_every_identifier_has_one_person(store: Store, records: list[Ids], cut: int) -> None:
    with store.state.write() as conn:
        for table in ("identifiers", "persons", "links", "conflicts", "history", "decisions", "moves"):
            conn.exec_driver_sql(f"DELETE FROM identity_{table}")
    settle(store, records, cut)
    with store.state.read() as conn:
        owners: list[Any] = list(conn.exec_driver_sql("SELECT key, person_id FROM identity_identifiers"))
        canonical = set(conn.exec_driver_sql("SELECT id FROM identity_persons WHERE merged_into IS NULL").scalars())
        chains = conn.exec_driver_sql(
            "SELECT count(*) FROM identity_persons a JOIN identity_persons b ON a.merged_into = b.id"
            " WHERE b.merged_into IS NOT NULL"
        ).scalar()
    assert chains == 0
    assert {person for _, person in owners} <= canonical
    held: dict[tuple[int, str], int] = {}
    for key, person in owners:
        kind = key.partition(":")[0]
        held[person, kind] = held.get((person, kind), 0) + 1
    limits = {"unionid": 1, "user_id": 1, "mobile": 3, "email": 5, "device": 50}
    assert all(count <= limits[kind] for (_, kind), count in held.items())
    assert {keys[0] for keys in records} <= {key for key, _ in owners}
