"""Lifecycle stages, computed at read from what is counted, once in Python and once in SQL with the same answer."""

# ruff: noqa: S608 - what is put into the text are our own words; all values are bound

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


def stage_sql(windows: Windows, now: int, prefix: str = "stage") -> tuple[str, dict[str, int]]:
    """The stage as an expression over the engine's ``persons`` columns, and its parameters (named ``prefix_…``)."""
    begun = "if(orders > 0, last_order, if(toUnixTimestamp64Milli(entered) != 0, entered, created))"
    age = f"({{{prefix}_now:Int64}} - toUnixTimestamp64Milli({begun}))"
    stage = f"""multiIf(
    {age} >= {{{prefix}_churned:Int64}}, 'churned',
    {age} >= if(orders > 0, {{{prefix}_silent:Int64}}, {{{prefix}_new:Int64}}), 'silent',
    orders = 0, 'new',
    orders = 1, 'first_order',
    'repeat')"""
    return stage, {f"{prefix}_now": now} | window_params(windows, prefix)


def window_params(windows: Windows, prefix: str) -> dict[str, int]:
    """The windows in milliseconds, as ``stage_sql`` and ``spans_sql`` name them."""
    return {
        f"{prefix}_new": windows.new_days * DAY,
        f"{prefix}_silent": windows.silent_days * DAY,
        f"{prefix}_churned": windows.churned_days * DAY,
    }


FAR = 1 << 60


def spans_sql(windows: Windows) -> tuple[str, dict[str, int]]:
    """Every stage a person has been in: a question over ``persons``, answering (person, spans), and its parameters.

    ``spans`` is an array of (stage, from, until), epoch ms, ``until`` excluded and ``FAR`` for the last. At any moment
    the span it falls into is the stage ``stage_of`` gives for the facts known up to that moment; before the first
    nobody knew the person. Nothing is stored for it: orders have their times, and so have entering and first being
    seen, so a late event or a merge mends the past with the present.
    """
    return _SPANS, window_params(windows, "spans") | {"spans_far": FAR}


_MS = "toUnixTimestamp64Milli"
_SPANS = f"""
    WITH arraySort(arrayMap(at -> {_MS}(at), if(orders = 0, [], if(empty(paid), [last_order], paid)))) AS bought,
        if(empty(bought), {{spans_far:Int64}}, bought[1]) AS buys,
        if({_MS}(entered) = 0, [{_MS}(created)], arraySort([least({_MS}(created), {_MS}(entered)), {_MS}(entered)]))
            AS met,
        arrayConcat(
            arrayMap(at -> (at, 'new'), arrayFilter(at -> at < buys, met)),
            arrayMap((at, place) -> (at, if(place = 1, 'first_order', 'repeat')), bought, arrayEnumerate(bought))
        ) AS marks,
        arrayPushBack(arrayPopFront(marks.1), {{spans_far:Int64}}) AS nexts
    SELECT person, arrayFilter(span -> span.2 < span.3, arrayFlatten(arrayMap((mark, next) -> [
        (mark.2, mark.1, least(next, mark.1 + kept(mark.2))),
        ('silent', mark.1 + kept(mark.2), least(next, mark.1 + {{spans_churned:Int64}})),
        ('churned', mark.1 + {{spans_churned:Int64}}, next)
    ], marks, nexts))) AS spans
    FROM persons FINAL WHERE deleted = 0
""".replace("kept(mark.2)", "if(mark.2 = 'new', {spans_new:Int64}, {spans_silent:Int64})")
