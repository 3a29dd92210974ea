"""What a person is worth, with history taken out: no false alarm however often one looks, and a narrower interval."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from siyu.experiments import Sums, worth

Floats = NDArray[np.float64]
PEOPLE = 8_000


def spending(rng: Any, telling: float, extra: float = 0.0, share: float = 0.9) -> tuple[Floats, Floats, NDArray[Any]]:
    """(before, after, treated) of people as they come: few buy, and the more a habit they have the more."""
    habit = rng.lognormal(0, 0.8, PEOPLE) - 1

    def spent(weight: float) -> Floats:
        buys = rng.random(PEOPLE) < 0.25
        found: Floats = np.maximum(0, 100 + 60 * weight * habit + 30 * rng.standard_normal(PEOPLE)) * buys
        return found + 60 * weight * np.maximum(habit, 0)

    treated = rng.random(PEOPLE) < share
    return spent(telling), spent(telling) + extra * treated, treated


def looked_at(before: Floats, after: Floats, treated: NDArray[Any], upto: int) -> Any:
    sums = [
        Sums.of(int(side.sum()), zip(before[:upto][side].tolist(), after[:upto][side].tolist(), strict=True))
        for side in (treated[:upto], ~treated[:upto])
    ]
    return worth(*sums)


@pytest.mark.parametrize("telling", [0.0, 1.0])
def test_looking_every_five_hundred_people_keeps_false_alarms_at_five_percent(telling: float) -> None:
    rng, runs, alarms = np.random.default_rng(21), 250, 0
    for _ in range(runs):
        world = spending(rng, telling)
        found = [looked_at(*world, upto) for upto in range(1_000, PEOPLE + 1, 500)]
        alarms += any(one is not None and one.sure for one in found)
    assert alarms <= 0.05 * runs


def test_history_that_tells_makes_the_interval_narrower_and_finds_more() -> None:
    rng, found = np.random.default_rng(22), {True: 0, False: 0}
    for _ in range(60):
        before, after, treated = spending(rng, 1.0, extra=11.0)
        widths = {}
        for helped in found:
            answer = looked_at(before if helped else np.zeros(PEOPLE), after, treated, PEOPLE)
            assert (answer.history > 0.2) == helped
            found[helped] += answer.sure
            widths[helped] = answer.high - answer.low
        assert widths[True] < 0.9 * widths[False]
    assert found[True] > found[False] + 5


def test_history_that_tells_nothing_is_left_aside() -> None:
    answer = looked_at(*spending(np.random.default_rng(23), 0.0), PEOPLE)
    assert answer.history == 0
    assert answer.difference == pytest.approx(answer.treated_mean - answer.held_out_mean)


def test_the_truth_is_within_and_few_people_say_nothing() -> None:
    rng = np.random.default_rng(24)
    answers = [looked_at(*spending(rng, 1.0, extra=20.0), PEOPLE) for _ in range(60)]
    assert sum(one.low <= 20 <= one.high for one in answers) >= 57
    assert worth(Sums.of(5_000, []), Sums.of(99, [])) is None
    nothing = worth(Sums.of(5_000, []), Sums.of(100, []))
    assert nothing is not None
    assert (nothing.difference, nothing.sure) == (0, False)
