"""Dates and times as rules and customers write them."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


def span_of(text: object, zone: ZoneInfo) -> tuple[int, int] | None:
    """(from, before) in epoch ms of an ISO date (its whole day in ``zone``) or time (one ms); None when it is neither.

    A time without a zone belongs to ``zone``.
    """
    if not isinstance(text, str) or not 10 <= len(text) <= 40:
        return None
    try:
        moment = datetime.fromisoformat(text)
        local = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        start = _ms(local)
        if len(text) == 10:
            return start, _ms((moment + timedelta(days=1)).replace(tzinfo=zone))
    except (ValueError, OverflowError):
        return None
    return start, start + 1


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
