"""A batch that is cut short at any point settles exactly once when it is taken up again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from siyu.collect import Inbox, Record
from siyu.collect.types import TraitOp
from siyu.pipeline import Pipeline, Settled
from siyu.profiles import traits_of
from siyu.store import Store
from tests.conftest import MakeStore

DAY = 86_400_000


class PowerCut(Exception):
    """The process ends here."""


def records(store: Store, start: int, count: int) -> list[Record]:
    """Logins that merge persons, orders, counters, over three months."""
    now = store.clock.now_ms()
    made = []
    for number in range(start, start + count):
        member, device = number % 7, number % 5
        ids = (f"device:{device}",) if number % 3 else (f"user_id:{member}", f"device:x{number}")
        event = ("cart_added", "oa_followed", "order_paid")[number % 3]
        made.append(
            Record(
                event=event,
                time=now - number % 3 * 31 * DAY - number,
                bucket=number,
                key=number + 1,
                ids=ids if number % 11 else (f"user_id:{member}", f"device:{member}x"),
                props=f'{{"order_id":"o{number}"}}' if event == "order_paid" else "{}",
                amount=1000,
                order=f"o{number}" if event == "order_paid" else "",
                traits=(TraitOp("increment", "visits", "1"),),
            )
        )
    return made


def state_of(store: Store) -> dict[str, Any]:
    """What an operator could see, with persons named by their identifiers."""
    with store.state.read() as conn:
        owner: dict[int, str] = {}
        for person, key in conn.exec_driver_sql("SELECT person_id, key FROM identity_identifiers ORDER BY key"):
            owner[person] = f"{owner[person]},{key}" if person in owner else key
        traits = sorted(
            (owner[person], name, value)
            for person, held in traits_of(conn, sorted(owner), ["visits"]).items()
            for name, value in held.items()
        )
        facts = sorted(
            (owner[row[0]], *row[1:])
            for row in conn.exec_driver_sql(
                "SELECT person_id, orders, revenue, first_order_at, last_order_at, entered_at FROM profiles_persons"
            )
        )
    if store.events.has_aliases:
        store.events.reload_aliases()
    canon = "dictGetOrDefault('canon', 'canonical', person, person)" if store.events.has_aliases else "person"
    happened = sorted(
        (owner[row[0]], row[1], row[2]) for row in store.events.query(f"SELECT {canon}, key, event FROM events")
    )
    mirror = sorted(
        (owner[row[0]], row[1], row[2])
        for row in store.events.query("SELECT person, orders, revenue FROM persons FINAL WHERE deleted = 0")
    )
    return {"traits": traits, "facts": facts, "events": happened, "mirror": mirror}


def cut_at(store: Store, point: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """End the process before, or just after, one of its durable steps."""
    when, _, what = point.partition(" ")
    owner: Any = {"commit": store.state, "events": store.events, "clear": store.inbox}[what.rstrip("0123456789")]
    name = {"commit": "write", "events": "insert", "clear": "write"}[what.rstrip("0123456789")]
    turn = int(what[-1]) if what[-1].isdigit() else 1
    original: Callable[..., Any] = getattr(owner, name)
    calls = 0

    def cut(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == turn and when == "before":
            raise PowerCut
        answer = original(*args, **kwargs)
        if calls == turn and when == "lost":  # the engine had noted the insert, the rows were not in place yet
            store.events.command("ALTER TABLE events DELETE WHERE 1 SETTINGS mutations_sync = 1")
        if calls == turn and when in ("after", "lost") and name == "insert":
            raise PowerCut
        return answer

    monkeypatch.setattr(owner, name, cut)


POINTS = [
    "before commit1",
    "before events1",
    "after events1",
    "lost events1",
    "after events2",
    "after events3",
    "after events4",
    "before commit2",
    "before clear1",
]


@pytest.fixture
def undisturbed(make_store: MakeStore) -> dict[str, Any]:
    store = make_store(fresh=True)
    inbox = Inbox(store)
    inbox.append("src", store.clock.now_ms(), records(store, 0, 40))
    inbox.append("src", store.clock.now_ms(), records(store, 30, 40))
    Pipeline(store, inbox, []).drain()
    inbox.close()
    return state_of(store)


@pytest.mark.parametrize("point", POINTS)
def test_a_power_cut_changes_nothing(
    make_store: MakeStore, undisturbed: dict[str, Any], point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make_store(fresh=True)
    inbox = Inbox(store)
    inbox.append("src", store.clock.now_ms(), records(store, 0, 40))
    told: list[int] = []

    def tell(_store: Store, _conn: Any, settled: Settled) -> None:
        told.append(settled.number)

    with monkeypatch.context() as patch:
        cut_at(store, point, patch)
        with pytest.raises(PowerCut):
            Pipeline(store, inbox, [tell]).drain()
    inbox.append("src", store.clock.now_ms(), records(store, 30, 40))
    again = Pipeline(store, inbox, [tell])
    again.drain()
    assert inbox.backlog() == (0, 0, 0)
    inbox.close()
    assert state_of(store) == undisturbed
    assert sorted(set(told)) == sorted(told)
