"""A cap that follows the annoyance score, against a message every so many days and a fixed weekly cap.

A model, not a measurement; docs/campaigns.md states it. Each person has an interest (how likely they click) and an
irritability, unrelated to it. Every day there is something to say to everybody. A message is clicked the less likely
the more came in the last seven days; and with that number grow the chances that it brings a bad signal (mutes, leaves
the group, unfollows) and that it drives the person out for good. The irritable do both more often, so signals foretell
leaving; in the control they foretell nothing, and then the score has nothing to win by.

Score and cap are the product's own. Each policy is run at several settings; clicks are compared at equal opt-outs, read
off the line between neighbouring settings.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from siyu.delivery import AnnoyanceRule, annoyance

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_DAYS = 180
_SIGNALS = ("muted", "group_left", "oa_unfollowed")
_RULE = AnnoyanceRule()


class Policy(Protocol):
    def __call__(self, day: int, week: Ints, since_last: Ints, score: Floats) -> npt.NDArray[np.bool_]:
        """Who may get today's message."""


def run(_folder: Path, persons: int, seed: int, progress: Callable[[str], None]) -> dict[str, float]:
    """Clicks of the score's cap over those of the others at equal opt-outs, 1.1 is a tenth more; and in the control."""
    figures: dict[str, float] = {}
    for name, telling in (("", True), ("control_", False)):
        progress(f"{persons:,} persons, {_DAYS} days, signals {'tell' if telling else 'do not tell'} who will leave")
        daily = [_simulate(persons, seed, telling, _every(days)) for days in (1, 2, 3, 4, 5, 7, 10, 14)]
        weekly = [_simulate(persons, seed, telling, _fixed(most)) for most in (1, 2, 3, 4, 5, 6, 7)]
        scored = [_simulate(persons, seed, telling, _by_score(most)) for most in (1, 2, 3, 4, 5, 6, 7)]
        low = max(min(outs for outs, _ in line) for line in (daily, weekly, scored))
        high = min(max(outs for outs, _ in line) for line in (daily, weekly, scored))
        levels = np.linspace(low, high, 9)[1:-1]
        clicks = {key: _at(line, levels) for key, line in (("daily", daily), ("weekly", weekly), ("score", scored))}
        for other in ("daily", "weekly"):
            gains = clicks["score"] / clicks[other]
            figures[f"{name}clicks_over_{other}"] = float(gains.mean())
            figures[f"{name}clicks_over_{other}_least"] = float(gains.min())
        figures[f"{name}opt_outs_from"], figures[f"{name}opt_outs_to"] = float(low), float(high)
    return figures


def _at(line: list[tuple[float, float]], levels: Floats) -> Floats:
    """Clicks at levels of opt-outs."""
    points = sorted(line)
    return np.interp(levels, [outs for outs, _ in points], [clicks for _, clicks in points])


def _every(days: int) -> Policy:
    return lambda day, week, since_last, score: since_last >= days


def _fixed(most: int) -> Policy:
    return lambda day, week, since_last, score: week < most


def _by_score(most: int) -> Policy:
    """The product's cap, looked up by tenths of a point."""
    caps = np.array([annoyance.weekly(most, tenth / 10, _RULE) for tenth in range(1001)])
    return lambda day, week, since_last, score: week < caps[(score * 10).astype(np.int64)]


def _simulate(persons: int, seed: int, telling: bool, policy: Policy) -> tuple[float, float]:
    """(share of persons who left, clicks a person) after so many days."""
    rng = np.random.default_rng(seed)
    interest = rng.beta(1.2, 18, persons)
    irritable = rng.lognormal(-0.6, 1.1, persons)
    foretold = irritable if telling else rng.permutation(irritable)
    points = np.array([annoyance.WEIGHTS[name] for name in _SIGNALS])
    scores = np.array([annoyance.score_of(raw / 4, 0, _RULE) for raw in range(4001)])
    fade = 0.5 ** (1 / _RULE.half_life_days)
    sent = np.zeros((7, persons), dtype=np.int64)
    raw, ignored = np.zeros(persons), np.zeros(persons, dtype=np.int64)
    since_last, left, clicks = np.full(persons, 99), np.zeros(persons, dtype=bool), 0
    for day in range(_DAYS):
        raw *= fade
        sent[day % 7] = 0
        week = sent.sum(axis=0)
        whole = raw + annoyance.PER_IGNORED * np.maximum(0, ignored - _RULE.ignored)
        score = scores[np.minimum(whole * 4, 4000).astype(np.int64)]
        gets = policy(day, week, since_last, score) & ~left
        dice = rng.random((4, persons))
        pressure = 0.7 + 0.3 * week
        clicked = gets & (dice[0] < interest / (1 + 0.15 * week))
        soured = gets & (dice[1] < np.minimum(0.5, 0.015 * foretold * pressure))
        gone = gets & (dice[2] < np.minimum(0.5, 0.0012 * irritable * pressure))
        clicks += int(clicked.sum())
        raw += soured * points[(dice[3] * len(points)).astype(np.int64)]
        ignored = np.where(clicked, 0, ignored + gets)
        left |= gone
        sent[day % 7] = gets
        since_last = np.where(gets, 1, since_last + 1)
    return float(left.mean()), clicks / persons
