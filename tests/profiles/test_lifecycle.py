"""The stage in Python is the stage in SQL, on the days that matter and on any other."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from siyu.kit import DAY
from siyu.profiles import STAGES, Facts, stage_of, stage_sql
from siyu.settings import Lifecycle
from siyu.store import Store
from tests.conftest import NOW

USUAL = Lifecycle(new_days=30, silent_days=90, churned_days=180)
EDGES = [edge * DAY + off for edge in (0, 1, 2, 30, 90, 180, 365) for off in (-1, 0, 1)]
AGES = st.sampled_from(EDGES) | st.integers(-2 * DAY, 4000 * DAY)
WINDOWS = st.builds(
    Lifecycle, *[st.sampled_from([1, 2, 30, 90, 180, 365]) | st.integers(1, 3650) for _ in range(3)]
)  # fmt: skip


@st.composite
def persons(draw: st.DrawFn) -> Facts:
    entered = draw(st.none() | AGES)
    last = draw(AGES)
    orders = draw(st.integers(0, 4))
    return Facts(
        person=0,
        created_at=NOW - draw(AGES),
        entered_at=0 if entered is None else NOW - entered,
        orders=orders,
        last_order_at=NOW - last if orders else 0,
    )


def stages_by_sql(store: Store, people: Sequence[Facts], windows: Lifecycle) -> list[str]:
    store.events.command("TRUNCATE TABLE persons")
    store.events.insert(
        "persons",
        {
            "person": list(range(len(people))),
            "version": [1] * len(people),
            "created": [one.created_at for one in people],
            "entered": [one.entered_at for one in people],
            "entered_via": [""] * len(people),
            "orders": [one.orders for one in people],
            "revenue": [0] * len(people),
            "first_order": [0] * len(people),
            "last_order": [one.last_order_at for one in people],
            "channels": [[] for _ in people],
            "traits": [json.dumps({})] * len(people),
            "deleted": [0] * len(people),
            "consents": [[] for _ in people],
        },
    )
    stage, params = stage_sql(windows, NOW)
    return [row[0] for row in store.events.query(f"SELECT {stage} FROM persons FINAL ORDER BY person", params)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=st.lists(persons(), min_size=1, max_size=60), windows=WINDOWS)
@example(people=[Facts(0, NOW - age, 0, last_order_at=0) for age in EDGES], windows=USUAL)
@example(people=[Facts(0, 1, NOW - age, orders=n, last_order_at=NOW - age) for age in EDGES for n in (1, 2)],
         windows=USUAL)  # fmt: skip
def test_python_and_sql_agree(store: Store, people: list[Facts], windows: Lifecycle) -> None:
    by_python = [stage_of(one, windows, NOW)[0] for one in people]
    assert stages_by_sql(store, people, windows) == by_python
    assert set(by_python) <= set(STAGES)


@pytest.mark.parametrize(
    ("days", "orders", "stage"),
    [
        (29.9, 0, "new"), (30, 0, "silent"), (179.9, 0, "silent"), (180, 0, "churned"),
        (0, 1, "first_order"), (89.9, 1, "first_order"), (89.9, 2, "repeat"), (90, 1, "silent"), (90, 7, "silent"),
        (179.9, 3, "silent"), (180, 3, "churned"),
    ],
)  # fmt: skip
def test_the_usual_windows(days: float, orders: int, stage: str) -> None:
    at = NOW - int(days * DAY)
    facts = Facts(1, created_at=at, orders=orders, last_order_at=at if orders else 0)
    found, why = stage_of(facts, USUAL, NOW)
    assert found == stage
    assert why.windows == {"new_days": 30, "silent_days": 90, "churned_days": 180}
    assert why.since <= NOW, "a stage cannot begin tomorrow"


def test_entering_counts_before_being_seen() -> None:
    facts = Facts(1, created_at=NOW - 400 * DAY, entered_at=NOW - DAY)
    assert stage_of(facts, USUAL, NOW)[0] == "new"
