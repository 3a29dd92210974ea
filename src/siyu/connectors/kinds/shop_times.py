"""Times as shops write them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))


def china_ms(text: str) -> int:
    """Epoch ms of ``2026-03-02 10:00:00`` on China's clock; 0 when it is none."""
    try:
        return int(datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA).timestamp() * 1000)
    except ValueError:
        return 0
