"""Assignment, sample ratios and intervals that hold however often one looks."""

from __future__ import annotations

from collections import Counter

import numpy as np

from siyu.experiments import arm_of, lift, sample_ratio
from siyu.experiments.sequential import _WEIGHT, bounds

_SHARES = [("holdout", 10.0), ("a", 45.0), ("b", 45.0)]


def test_the_same_person_always_falls_the_same_way_and_shares_come_out() -> None:
    arms = [arm_of("cmp_1", person, _SHARES) for person in range(20_000)]
    assert arms == [arm_of("cmp_1", person, _SHARES) for person in range(20_000)]
    counts = Counter(arms)
    assert abs(counts["holdout"] - 2_000) < 150
    assert abs(counts["a"] - counts["b"]) < 400
    other = [arm_of("cmp_2", person, _SHARES) for person in range(20_000)]
    assert sum(one == two for one, two in zip(arms, other, strict=True)) < 10_000
    wider = [arm_of("cmp_1", person, [("holdout", 20.0), ("", 80.0)]) for person in range(20_000)]
    assert all(two == "holdout" for one, two in zip(arms, wider, strict=True) if one == "holdout")


def _ever_sure(theta: float, share: float, runs: int, looks: int, seed: int) -> float:
    """The share of runs in which somebody who looks after every conversion once sees the interval leave ``share``."""
    rng = np.random.default_rng(seed)
    x = np.cumsum(rng.random((runs, looks)) < theta, axis=1)
    n = np.arange(1, looks + 1)
    a, b = _WEIGHT * share, _WEIGHT * (1 - share)
    table = np.vectorize(__import__("math").lgamma)
    most = looks + 1
    la, lb, lab = table(a + np.arange(most)), table(b + np.arange(most)), table(a + b + np.arange(most))
    start = table(np.array([a]))[0] + table(np.array([b]))[0] - table(np.array([a + b]))[0]
    log_m = la[x] + lb[n - x] - lab[n] - start - x * np.log(share) - (n - x) * np.log(1 - share)
    return float((log_m.max(axis=1) >= np.log(20)).mean())


def test_peeking_after_every_conversion_keeps_false_alarms_at_five_percent() -> None:
    for share in (0.5, 0.9):
        assert _ever_sure(share, share, 3_000, 2_000, seed=7) <= 0.05


def test_a_real_lift_is_found() -> None:
    share = 0.9
    theta = 1.6 * share / (1.6 * share + 1 - share)
    assert _ever_sure(theta, share, 400, 2_000, seed=8) > 0.8


def test_the_simulated_rule_is_the_one_the_product_uses() -> None:
    for x, y in ((0, 0), (9, 1), (200, 40), (950, 50), (5, 0)):
        low, high = bounds(x, y, 0.9)
        assert 0 <= low <= high <= 1
        assert (x == y == 0) or low <= x / (x + y) <= high
    found = lift(9_000, 1_000, 950, 50)
    assert found is not None
    assert found.sure
    assert found.low > 0
    assert found.lift is not None
    assert abs(found.lift - 1.111) < 0.01
    assert found.extra is not None
    assert found.extra_low < found.extra < found.extra_high
    nothing = lift(9_000, 1_000, 90, 10)
    assert nothing is not None
    assert not nothing.sure
    assert nothing.low < 0
    assert lift(10, 0, 1, 0) is None


def test_a_broken_split_is_noticed_and_a_sound_one_is_not() -> None:
    good, bad = sample_ratio(9_020, 980, 0.9), sample_ratio(8_600, 1_400, 0.9)
    assert good is not None
    assert bad is not None
    assert (good.off, bad.off) == (False, True)
    assert sample_ratio(0, 0, 0.9) is None
