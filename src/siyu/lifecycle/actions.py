"""How persons move between stages, how close they are, and what the windows would do."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from siyu.kit import BadInput, Invalid, iso
from siyu.lifecycle import queries
from siyu.lifecycle.types import (
    Figure,
    Flow,
    FlowPersons,
    Flows,
    History,
    Move,
    Quadrant,
    Quarter,
    Relations,
    StageChange,
    StageDay,
    Step,
    WindowsPreview,
    Withdrawn,
)
from siyu.lifecycle.words import FIGURES, QUARTERS, STEPS
from siyu.profiles import STAGES, find, person_items
from siyu.settings import PRESETS, Kpi, Lifecycle, ProductSettings, current_settings, window_problems
from siyu.store import Store

MOST_DAYS = 731
PAGE = 50


class _Calendar:
    """Days of the brand's zone as moments."""

    def __init__(self, store: Store) -> None:
        with store.state.read() as conn:
            self.settings: ProductSettings = current_settings(conn)
        self.now = store.clock.now_ms()
        self.zone = ZoneInfo(self.settings.timezone)
        self.today = datetime.fromtimestamp(self.now / 1000, self.zone).date()

    @property
    def windows(self) -> Lifecycle:
        return self.settings.lifecycle

    def end_of(self, day: date) -> int:
        """The last millisecond of a day; for today, now."""
        midnight = datetime.combine(day + timedelta(days=1), time(), self.zone)
        return min(self.now, int(midnight.timestamp() * 1000) - 1)

    def span(self, start: date | None, end: date | None, days: int) -> tuple[date, date]:
        """Both ends, checked; what is left out is the last ``days`` days. Raises BadInput."""
        last = end or self.today
        first = start or last - timedelta(days=days)
        if not first <= last <= self.today:
            raise BadInput(detail="the first date must not be after the second, nor the second after today.")
        if (last - first).days > MOST_DAYS:
            raise BadInput(detail=f"at most {MOST_DAYS} days lie between the two dates.")
        return first, last


def history(store: Store, start: date | None, end: date | None) -> History:
    """Persons in each stage on every day, both ends included."""
    calendar = _Calendar(store)
    first, last = calendar.span(start, end, 89)
    days = (last - first).days + 1
    zone = calendar.settings.timezone
    rows = queries.daily(store.events, calendar.windows, first.isoformat(), days, zone, calendar.now)
    changes: dict[int, dict[str, int]] = {}
    for stage, place, change in rows:
        changes.setdefault(place, {})[stage] = change
    running = dict.fromkeys(STAGES, 0)
    found = []
    for place in range(days):
        for stage, change in changes.get(place, {}).items():
            running[stage] += change  # type: ignore[index]
        found.append(StageDay((first + timedelta(days=place)).isoformat(), dict(running)))  # type: ignore[arg-type]
    return History(found)


def flows(store: Store, start: date | None, end: date | None) -> Flows:
    """Who was in which stage on one date and in which on another."""
    calendar = _Calendar(store)
    first, last = calendar.span(start, end, 30)
    rows = queries.flows(store.events, calendar.windows, calendar.end_of(first), calendar.end_of(last))
    known = [row for row in rows if row[0]]
    return Flows(
        start=first.isoformat(),
        end=last.isoformat(),
        flows=[Flow(*row) for row in sorted(rows, key=_order)],
        persons=sum(count for *_, count in rows),
        stayed=sum(count for source, target, count in known if source == target),
        moved=sum(count for source, target, count in known if source != target),
        came=sum(count for source, _, count in rows if not source),
        first=queries.first_day(store.events, calendar.settings.timezone),
    )


def _order(row: tuple[str, str, int]) -> tuple[int, int]:
    places: list[str] = ["", *STAGES]
    return places.index(row[0]), places.index(row[1])


def flowed(
    store: Store, start: date | None, end: date | None, way: tuple[str, str], skip: int, withdrawn: Withdrawn
) -> FlowPersons:
    """The persons behind one flow, the newest first."""
    calendar = _Calendar(store)
    first, last = calendar.span(start, end, 30)
    moments = calendar.end_of(first), calendar.end_of(last)
    people, total = queries.flowed(store.events, calendar.windows, *moments, way, skip, PAGE)
    with store.state.read() as conn:
        return FlowPersons(person_items(conn, people, withdrawn(conn, people)), total)


def stages_of(store: Store, ref: str) -> list[StageChange]:
    """Every stage a person has been in until now, the newest first. Raises NotFound."""
    with store.state.read() as conn:
        person = find(conn, ref).person
        windows = current_settings(conn).lifecycle
    now = store.clock.now_ms()
    spans = [span for span in queries.spans_of(store.events, windows, person) if span[1] <= now]
    return [StageChange(stage, iso(start), iso(until) if until <= now else None) for stage, start, until in spans[::-1]]


def preview(store: Store, wanted: Lifecycle) -> WindowsPreview:
    """What these windows would do today. Raises Invalid."""
    if errors := window_problems(wanted):
        raise Invalid(errors)
    with store.state.read() as conn:
        windows = current_settings(conn).lifecycle
    rows = queries.moves(store.events, windows, wanted, store.clock.now_ms())
    now, then = dict.fromkeys(map(str, STAGES), 0), dict.fromkeys(map(str, STAGES), 0)
    for stage, other, count in rows:
        now[stage] += count
        then[other] += count
    moves = [Move(*row) for row in rows if row[0] != row[1]]
    return WindowsPreview(now, then, moves, sum(move.persons for move in moves), sum(now.values()))


def relations(store: Store) -> Relations:
    """The head figure and its companions, the funnel of relations, and frequency by price."""
    with store.state.read() as conn:
        preset = PRESETS[_preset(conn)]
    counted = queries.relations(store.events, preset, store.clock.now_ms())
    figures = [_figure(name, counted) for name in FIGURES]
    figures.sort(key=lambda figure: figure.name != preset.kpi)
    return Relations(
        preset, preset.kpi, figures, _funnel(counted), _quadrant(counted, preset.frequent, preset.dear_fen)
    )


def _preset(conn: Connection) -> str:
    return current_settings(conn).lifecycle.preset


def _figure(name: Kpi, counted: queries.Counted) -> Figure:
    over, under = {
        "repeat_rate": (counted.repeaters, counted.buyers),
        "conversion": (counted.entered_buyers, counted.entered),
        "order_value": (counted.revenue, counted.orders),
        "orders_per_buyer": (counted.recent, counted.buyers),
        "buyer_value": (counted.revenue, counted.buyers),
        "referral_rate": (counted.levels.get(len(STEPS), 0), counted.buyers),
    }[name]
    label, formula, unit = FIGURES[name]
    return Figure(name, label, formula, unit, over / under if under else None, under)


def _funnel(counted: queries.Counted) -> list[Step]:
    reached = [sum(count for at, count in counted.levels.items() if at >= level) for level in range(1, len(STEPS) + 1)]
    return [
        Step(name, label, meaning, reached[place], counted.levels.get(place + 1, 0))
        for place, (name, label, meaning) in enumerate(STEPS)
    ]


def _quadrant(counted: queries.Counted, frequent: int, dear: int) -> Quadrant:
    often = counted.recent / counted.buyers if counted.buyers else 0.0
    price = counted.revenue // counted.orders if counted.orders else 0
    quarters = [Quarter(*words, *counted.quarters.get(place, (0, 0))) for place, words in QUARTERS.items()]
    here = QUARTERS[often >= frequent, price >= dear][0] if counted.buyers else None
    return Quadrant(frequent, dear, quarters, here, round(often, 2), price, counted.buyers)
