"""What a sample of persons has done lately, asked of the event engine."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from siyu.store import EventEngine


class Habits(msgspec.Struct, frozen=True):
    """Persons of the sample who answered in some way, and who bought lately."""

    answered: int
    bought_lately: int


def habits(engine: EventEngine, people: Sequence[int], since: int, lately: int) -> Habits:
    who = engine.canonical()
    sql = f"""
        SELECT uniqExact({who}),
               uniqExactIf({who}, event = 'order_paid' AND time >= fromUnixTimestamp64Milli({{lately:Int64}}))
        FROM events
        WHERE person IN {{people:Array(UInt64)}} AND time >= fromUnixTimestamp64Milli({{since:Int64}})
          AND event IN ('message_opened', 'message_clicked', 'message_replied', 'order_paid')
    """  # noqa: S608
    answered, bought = engine.query(sql, {"people": list(people), "since": since, "lately": lately}).one()
    return Habits(int(answered), int(bought))
