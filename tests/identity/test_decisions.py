"""What operators decide: merge then unmerge is the exact inverse, over HTTP and for any records."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from siyu.accounts import Operator
from siyu.app import House
from siyu.identity import decisions
from siyu.identity.decisions import NotOnePerson
from siyu.identity.tables import identifiers
from siyu.identity.views import IdentifierRef
from siyu.kit import person_ref
from siyu.store import Store
from tests.identity.worlds import RECORDS, Record, clear, found, settle, snapshot

ACTOR = Operator("op", "阿云", "yun@example.com", "operator")


YIELDED: list[Record] = [
    (("mobile:2", "mobile:3"), 1),
    (("unionid:1", "mobile:3", "device:2"), 1),
    (("unionid:0", "mobile:2", "device:2"), 1),
]
"""The first unionid had to yield to the second; a split lets it come back, and it knows both sides."""


def ref(key: str) -> IdentifierRef:
    kind, _, value = key.partition(":")
    return IdentifierRef(None, kind, value)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=RECORDS, cuts=st.lists(st.integers(1, 6), max_size=3), seed=st.integers(0, 1000))
def test_merge_then_unmerge_gives_back_the_very_same_persons(
    store: Store, records: list[Record], cuts: list[int], seed: int
) -> None:
    clear(store)
    settle(store, records, cuts)
    before = snapshot(store)
    persons = sorted(set(before.values()) - {0})
    one, other = (random.Random(seed).choice(persons) for _ in range(2))
    try:
        with store.state.write() as conn:
            done = decisions.merge(conn, ACTOR, person_ref(one), person_ref(other), "")
    except NotOnePerson:
        assert snapshot(store) == before
        return
    joined = snapshot(store)
    assert {joined[key] for key in joined if before[key] in (one, other)} == {min(one, other)}
    with store.state.write() as conn:
        decisions.undo(conn, ACTOR, done.id)
    assert snapshot(store) == before


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=RECORDS, cuts=st.lists(st.integers(1, 6), max_size=3), seed=st.integers(0, 1000))
@example(records=YIELDED, cuts=[], seed=0)
def test_split_keeps_apart_and_is_undone(store: Store, records: list[Record], cuts: list[int], seed: int) -> None:
    clear(store)
    settle(store, records, cuts)
    before, groups = found(store), sorted(map(sorted, found(store)))
    if not groups:
        return
    group = random.Random(seed).choice(groups)
    leaving, person = group[: len(group) // 2], snapshot(store)[group[0]]
    with store.state.write() as conn:
        rows = decisions.find(conn, [IdentifierRef(*_id(conn, key)) for key in leaving])
        done = decisions.split(conn, ACTOR, person_ref(person), rows, "")
    now = snapshot(store)
    assert not {now[key] for key in leaving} & {now[key] for key in group[len(group) // 2 :]} - {0}
    with store.state.write() as conn:
        decisions.undo(conn, ACTOR, done.id)
    assert found(store) == before


def _id(conn: Any, key: str) -> tuple[int]:
    return (conn.execute(sa.select(identifiers.c.id).where(identifiers.c.key == key)).scalar_one(),)


def test_later_records_go_to_the_right_side_of_an_unlink(store: Store) -> None:
    both: list[Record] = [(("unionid:1", "device:a"), 1), (("unionid:1", "device:b"), 2)]
    settle(store, both)
    with store.state.write() as conn:
        one, two = decisions.find(conn, [ref("unionid:1"), ref("device:a")])
        decisions.unlink(conn, ACTOR, one, two, "lent to a friend")
    settle(store, [(("unionid:1", "device:a"), 3), (("device:a", "email:x@b.c"), 4)], first_batch=9)
    now = snapshot(store)
    assert now["device:a"] != now["unionid:1"] == now["device:b"]


@pytest.fixture
def known(app: House, store: Store) -> dict[str, str]:
    settle(store, [(("unionid:u1", "mobile:+8613912345678"), 1), (("user_id:7", "device:d7"), 2)])
    now = snapshot(store)
    return {key: person_ref(person) for key, person in now.items()}


def test_an_operator_merges_sees_why_and_takes_it_back(admin: Any, app: House, known: dict[str, str]) -> None:
    one, other = known["unionid:u1"], known["user_id:7"]
    done = admin.post("/api/identity/merge", json={"person": one, "other": other, "reason": "called us"})
    assert done.status_code == 201
    assert done.json()["persons"] == [one]
    app.pipeline.drain()
    asked = {"identifiers": [{"type": "device", "value": "d7"}]}
    assert admin.post("/api/identity/resolve", json=asked).json() == {"person": one, "others": []}
    graph = admin.get(f"/api/persons/{one}/graph").json()
    assert {node["value"] for node in graph["nodes"]} >= {"139****5678"}
    assert [edge["state"] for edge in graph["links"] if edge["manual"]] == ["stands"]
    steps = admin.get(f"/api/persons/{other}/identity-history").json()["steps"]
    assert [step["step"] for step in steps] == ["linked", "linked", "tied"]
    assert steps[-1]["reason"] == "called us"
    back = admin.post(f"/api/identity/decisions/{steps[-1]['decision']}/undo")
    assert sorted(back.json()["persons"]) == sorted([one, other])
    assert admin.post("/api/identity/resolve", json=asked).json()["person"] == other
    assert admin.post(f"/api/identity/decisions/{steps[-1]['decision']}/undo").status_code == 409
    actions = [entry["action"] for entry in admin.get("/api/audit").json()["items"]]
    assert actions[:2] == ["identity.undo", "identity.link"]


def test_conflicts_wait_for_an_operator(admin: Any, store: Store, app: House) -> None:
    settle(store, [((f"user_id:{n}", "device:tablet"), n) for n in (1, 2, 3)])
    queue = admin.get("/api/identity/conflicts").json()["items"]
    assert [(one["reason"], one["kind"]) for one in queue] == [("limit", "user_id")] * 2
    done = admin.post(f"/api/identity/conflicts/{queue[0]['id']}/resolve", json={"verdict": "accepted"})
    assert done.status_code == 200
    now = snapshot(store)
    assert now["device:tablet"] in (now["user_id:2"], now["user_id:3"])
    left = admin.get("/api/identity/conflicts").json()["items"]
    assert len(left) == 2, "the link that was first yields now"
    dismissed = admin.post(f"/api/identity/conflicts/{left[0]['id']}/resolve", json={"verdict": "dismissed"})
    assert dismissed.status_code == 200
    assert len(admin.get("/api/identity/conflicts").json()["items"]) == 1


def test_only_operators_decide(sign_in_as: Callable[..., Any], known: dict[str, str]) -> None:
    viewer = sign_in_as("viewer", "looks@example.com")
    body = {"person": known["unionid:u1"], "other": known["user_id:7"]}
    assert viewer.post("/api/identity/merge", json=body).status_code == 403
    assert viewer.get(f"/api/persons/{known['user_id:7']}/graph").status_code == 200
