"""Windows and days on the person's own clock, against a reference that looks at every minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.delivery.gate import opening
from siyu.delivery.hours import Window, day_start, is_open, month_start, next_open
from siyu.kit import DAY, HOUR, MINUTE

ZONES = [
    *("Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe", "America/Sao_Paulo"),
    *("Pacific/Apia", "Asia/Kathmandu", "Africa/Casablanca", "America/St_Johns", "Asia/Beirut", "America/Santiago"),
]
zones = st.sampled_from(ZONES).map(ZoneInfo)
minutes = st.integers(0, 1439)
windows = st.builds(Window, minutes, minutes)


def near_transitions() -> list[int]:
    """Moments around every clock change of 2011–2027 in these zones."""
    found = []
    for name in ZONES:
        zone, moment = ZoneInfo(name), datetime(2011, 1, 1, tzinfo=UTC)
        offset = moment.astimezone(zone).utcoffset()
        while moment.year < 2028:
            moment += timedelta(hours=6)
            if (now := moment.astimezone(zone).utcoffset()) != offset:
                offset = now
                found.append(int(moment.timestamp() * 1000))
    return found


around_changes = st.tuples(st.sampled_from(near_transitions()), st.integers(-2 * DAY, DAY)).map(sum)
moments = st.one_of(around_changes, st.integers(1_262_304_000_000, 1_830_297_600_000))


@settings(max_examples=400, deadline=None)
@given(moments, zones, windows)
def test_next_open_is_the_first_open_minute(now: int, zone: ZoneInfo, window: Window) -> None:
    found = next_open(now, zone, window)
    assert is_open(found, zone, window)
    if is_open(now, zone, window):
        assert found == now
        return
    assert found > now
    minute = now - now % MINUTE + MINUTE
    while not is_open(minute, zone, window):
        minute += MINUTE
    assert found == minute


@settings(max_examples=150, deadline=None)
@given(moments, zones, windows, windows)
def test_an_opening_is_inside_every_window(now: int, zone: ZoneInfo, first: Window, second: Window) -> None:
    found = opening(now, zone, [first, second])
    if found:
        assert found >= now
        assert is_open(found, zone, first)
        assert is_open(found, zone, second)
    else:
        assert not any(
            is_open(now + step * 30 * MINUTE, zone, first) and is_open(now + step * 30 * MINUTE, zone, second)
            for step in range(48)
        )


@settings(max_examples=300, deadline=None)
@given(moments, zones)
def test_a_day_starts_at_its_first_moment(now: int, zone: ZoneInfo) -> None:
    start = day_start(now, zone)
    assert start <= now < start + 26 * HOUR

    def date(at: int) -> object:
        return datetime.fromtimestamp(at / 1000, UTC).astimezone(zone).date()

    assert date(start) == date(now)
    assert date(start - 1) < date(now)
    assert month_start(now, zone) <= start


def test_the_daylight_saving_gap_opens_at_the_jump() -> None:
    zone = ZoneInfo("America/New_York")
    before = int(datetime(2026, 3, 8, 1, 0, tzinfo=zone).timestamp() * 1000)
    assert next_open(before, zone, Window.parse("02:30", "20:00")) == before + HOUR


def test_lisbon_evening_and_shanghai_morning_are_not_the_same_quiet_hours() -> None:
    window = Window.parse("09:00", "20:00")
    moment = int(datetime(2026, 7, 1, 1, 0, tzinfo=UTC).timestamp() * 1000)
    assert is_open(moment, ZoneInfo("Asia/Shanghai"), window)
    assert not is_open(moment, ZoneInfo("Europe/Lisbon"), window)
