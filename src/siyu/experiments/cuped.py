"""What a treatment is worth a person, with what the person did before taken out.

**CUPED** (A. Deng, Y. Xu, R. Kohavi, T. Walker, "Improving the Sensitivity of Online Controlled Experiments by
Utilizing Pre-Experiment Data", WSDM 2013). Who spent much before spends much after, treated or not. With x what a
person spent before they were assigned and y after, the mean of y − θ(x − x̄) with θ = cov(x, y) / var(x), taken within
the groups, has the same expectation as that of y, as assignment cannot have changed x, and 1 − ρ² of its variance.
It is used where it takes off at least ``LEAST`` of the variance; else the plain means are compared.

**The interval** is an asymptotic confidence sequence (I. Waudby-Smith, D. Arbour, R. Sinha, E. Kennedy, A. Ramdas,
"Time-uniform central limit theory and asymptotic confidence sequences", Annals of Statistics 2024): it holds at all
looks at once where each person enters it once, with an outcome that changes no more, and groups are not tiny.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec

from siyu.experiments.sequential import ALPHA

LEAST = 0.05
FEWEST = 100
"""Persons in each group below which means say nothing."""
_TIGHTEST = 5_000
"""At so many persons the interval is as tight as it gets for one that always holds."""


class Sums(msgspec.Struct):
    """All that is needed of a group: ``n`` persons, of whom those with zeros need not be told."""

    n: int = 0
    y: float = 0.0
    x: float = 0.0
    yy: float = 0.0
    xx: float = 0.0
    xy: float = 0.0

    @staticmethod
    def of(n: int, spent: Iterable[tuple[float, float]]) -> Sums:
        """``spent``: (before, after) of those who spent anything."""
        sums = Sums(n)
        for x, y in spent:
            sums.y += y
            sums.x += x
            sums.yy += y * y
            sums.xx += x * x
            sums.xy += x * y
        return sums

    def variance(self, theta: float) -> float:
        """Of y − θx."""
        total = self.y - theta * self.x
        squares = self.yy - 2 * theta * self.xy + theta * theta * self.xx
        return max(0.0, (squares - total * total / self.n) / (self.n - 1))


class Worth(msgspec.Struct, frozen=True):
    """``difference``: what a treated person brought more than one held out, between ``low`` and ``high`` at 95 %
    whenever one looks; ``sure``: that leaves out zero. ``history``: the share of the variance that what persons did
    before has taken off; 0 where it was no help and plain means are compared."""

    treated: int
    held_out: int
    treated_mean: float
    held_out_mean: float
    difference: float
    low: float
    high: float
    sure: bool
    history: float


def worth(treated: Sums, held_out: Sums) -> Worth | None:
    """None until there are enough persons in both groups."""
    if min(treated.n, held_out.n) < FEWEST:
        return None
    plain = _spread(treated, held_out, 0.0)
    theta = _theta(treated, held_out)
    history = 1 - _spread(treated, held_out, theta) / plain if plain else 0.0
    if history < LEAST:
        theta = history = 0.0
    before = treated.x / treated.n - held_out.x / held_out.n
    means = treated.y / treated.n, held_out.y / held_out.n
    difference = means[0] - means[1] - theta * before
    half = math.sqrt(_spread(treated, held_out, theta)) * _reach(treated.n + held_out.n)
    low, high = difference - half, difference + half
    return Worth(treated.n, held_out.n, *means, difference, low, high, not low <= 0.0 <= high, history)


def _spread(treated: Sums, held_out: Sums, theta: float) -> float:
    """The variance of the difference of means."""
    return treated.variance(theta) / treated.n + held_out.variance(theta) / held_out.n


def _theta(treated: Sums, held_out: Sums) -> float:
    """The slope that leaves the least variance to the difference: groups count by what they bring to it."""
    both = [(one.n * (one.n - 1), one) for one in (treated, held_out)]
    along = sum((one.xy - one.x * one.y / one.n) / weight for weight, one in both)
    across = sum((one.xx - one.x * one.x / one.n) / weight for weight, one in both)
    return along / across if across > 0 else 0.0


def _reach(n: int) -> float:
    """By how many standard errors the interval reaches to either side, at all sample sizes at once."""
    edge = -2 * math.log(ALPHA)
    scale = n * (edge + math.log(edge + 1)) / _TIGHTEST
    return math.sqrt(2 * (scale + 1) / scale * math.log(math.sqrt(scale + 1) / ALPHA))
