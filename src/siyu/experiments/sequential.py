"""Statistics that may be looked at as often as one likes.

**Lift.** Of the persons who convert, some were treated and some held out. Were the two groups equal in effect, each
next conversion would be of a treated person with probability ``share``, their share of all persons. For any other
ratio r of the two rates that probability is θ = r·share / (r·share + 1 − share). With a Beta(a, b) mixture over θ

    M(θ) = B(a + x, b + y) / B(a, b) / (θ^x (1 − θ)^y)

is a martingale under θ after x treated and y held-out conversions, so by Ville's inequality {θ : M(θ) < 1/α} holds
the true θ at all times at once with probability 1 − α. No sample is too small, no look is one too many. It counts
persons, so each converts once; and it takes the groups to stay about as large as they were, so it suits rates well
under a half.

**Sample ratio.** The same martingale over assignments, at the planned share: 1/M is a p-value at all times.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec

ALPHA = 0.05
_WEIGHT = 60.0
"""How many conversions the mixture's prior is worth: tight enough for lifts of some ten percent."""


class Lift(msgspec.Struct, frozen=True):
    """``lift``: how much more often the treated converted (0.1: a tenth more); null without a conversion held out.

    ``low`` and ``high`` bound it at 95 % whenever one looks; ``high`` is null where nothing bounds it yet. ``sure``:
    the interval leaves out zero. ``extra``: conversions there would not have been, with the same bounds.
    """

    treated: int
    held_out: int
    treated_converted: int
    held_out_converted: int
    lift: float | None
    low: float
    high: float | None
    sure: bool
    extra: float | None
    extra_low: float
    extra_high: float


class Ratio(msgspec.Struct, frozen=True):
    """``planned`` and ``seen`` share of the treated, and how likely so far a gap is by chance, at all times."""

    planned: float
    seen: float
    p: float
    off: bool


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def _log_martingale(theta: float, x: int, y: int, a: float, b: float) -> float:
    """log M(θ)."""
    if (x and theta <= 0.0) or (y and theta >= 1.0):
        return math.inf
    against = (x * math.log(theta) if x else 0.0) + (y * math.log1p(-theta) if y else 0.0)
    return _log_beta(a + x, b + y) - _log_beta(a, b) - against


def bounds(x: int, y: int, share: float, alpha: float = ALPHA) -> tuple[float, float]:
    """The interval of θ that holds at all times."""
    a, b = _WEIGHT * share, _WEIGHT * (1.0 - share)
    edge = -math.log(alpha)

    def inside(theta: float) -> bool:
        return _log_martingale(theta, x, y, a, b) < edge

    peak = x / (x + y) if x + y else share
    return _edge(0.0, peak, inside), _edge(1.0, peak, inside)


def _edge(outer: float, inner: float, inside: Callable[[float], bool]) -> float:
    """Where ``inside`` turns, between an end of the scale and the most likely value."""
    if inside(outer):
        return outer
    for _ in range(60):
        middle = (outer + inner) / 2
        outer, inner = (outer, middle) if inside(middle) else (middle, inner)
    return outer


def lift(treated: int, held_out: int, treated_converted: int, held_out_converted: int) -> Lift | None:
    """What the treatment changed; None without both groups."""
    if not treated or not held_out:
        return None
    share = treated / (treated + held_out)
    x, y = treated_converted, held_out_converted
    below, above = bounds(x, y, share)
    low, high = _lift_at(below, share) or 0.0, _lift_at(above, share)
    found = (x / treated) / (y / held_out) - 1 if y else None
    return Lift(
        treated,
        held_out,
        x,
        y,
        found,
        low,
        high,
        low > 0 or (high is not None and high < 0),
        x - y * treated / held_out if y else None,
        _extra(x, low),
        _extra(x, high),
    )


def _lift_at(theta: float, share: float) -> float | None:
    """The lift that makes θ the chance of the next conversion being of a treated person."""
    return theta / (1 - theta) * (1 - share) / share - 1 if theta < 1.0 else None


def _extra(x: int, bound: float | None) -> float:
    """Of x conversions, those owed to a lift: all but what there would have been without."""
    if bound is None:
        return float(x)
    return x * bound / (1 + bound) if x else 0.0


def sample_ratio(treated: int, held_out: int, planned: float) -> Ratio | None:
    """Whether the groups came out as planned; a gap at p < 0.001 means that assignment or counting is broken."""
    if not treated + held_out or not 0.0 < planned < 1.0:
        return None
    weight = 1000.0
    against = _log_martingale(planned, treated, held_out, weight * planned, weight * (1 - planned))
    p = min(1.0, math.exp(-against))
    return Ratio(planned, treated / (treated + held_out), p, p < 0.001)
