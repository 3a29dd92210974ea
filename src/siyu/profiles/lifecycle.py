"""Lifecycle stages, computed at read from what is counted, once in Python and once in SQL with the same answer."""

from __future__ import annotations

from siyu.kit import DAY
from siyu.profiles.types import Facts, StageName, StageReason, Windows


def stage_of(facts: Facts, windows: Windows, now: int) -> tuple[StageName, StageReason]:
    """The stage of a person at ``now`` (epoch ms) and what it was read from.

    A buyer counts from the last order, anybody else from entering the private domain, or from being first seen.
    A window of n days is over once n whole days have passed.
    """
    if facts.orders > 0:
        begun = facts.last_order_at
        kept_days = windows.silent_days
        young: StageName = "first_order" if facts.orders == 1 else "repeat"
        young_since = begun if facts.orders == 1 else 0
    else:
        begun = facts.entered_at or facts.created_at
        kept_days = windows.new_days
        young, young_since = "new", begun
    age = now - begun
    stage: StageName
    if age >= windows.churned_days * DAY:
        stage, since = "churned", begun + windows.churned_days * DAY
    elif age >= kept_days * DAY:
        stage, since = "silent", begun + kept_days * DAY
    else:
        stage, since = young, young_since
    return stage, StageReason(facts.orders, facts.last_order_at, begun, since, window_days(windows))


def window_days(windows: Windows) -> dict[str, int]:
    return {
        "new_days": windows.new_days,
        "silent_days": windows.silent_days,
        "churned_days": windows.churned_days,
    }


_AGE = "({stage_now:Int64} - toUnixTimestamp64Milli(if(orders > 0, last_order, if(toUnixTimestamp64Milli(entered) != 0, entered, created))))"  # noqa: E501

_STAGE = f"""multiIf(
    {_AGE} >= {{stage_churned:Int64}}, 'churned',
    {_AGE} >= if(orders > 0, {{stage_silent:Int64}}, {{stage_new:Int64}}), 'silent',
    orders = 0, 'new',
    orders = 1, 'first_order',
    'repeat')"""


def stage_sql(windows: Windows, now: int) -> tuple[str, dict[str, int]]:
    """The stage as an expression over the engine's ``persons`` columns, and its parameters (all named ``stage_…``)."""
    return _STAGE, {
        "stage_now": now,
        "stage_new": windows.new_days * DAY,
        "stage_silent": windows.silent_days * DAY,
        "stage_churned": windows.churned_days * DAY,
    }
