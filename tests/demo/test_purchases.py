"""The packed purchases: complete, exact in money, and moved in time without losing what is real in them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from random import Random

import pytest

from siyu.demo.purchases import CUSTOMERS, Customer, customers, redated, season_until
from siyu.demo.season import Hours, Season, day_number, day_of, start_of
from siyu.kit import DAY, parse_iso

TODAY = day_number(date(2026, 11, 23))


@pytest.fixture(scope="module")
def everybody() -> list[Customer]:
    return list(customers())


def test_the_whole_set_is_there(everybody: list[Customer]) -> None:
    assert len(everybody) == CUSTOMERS == 23_570
    assert sum(len(one.purchases) for one in everybody) == 69_659


def test_dollars_become_fen_exactly(everybody: list[Customer]) -> None:
    fen = sum(purchase.fen for one in everybody for purchase in one.purchases)
    assert fen == 250_031_563 * 7  # 2,500,315.63 dollars at 7 yuan


@pytest.mark.parametrize("count", [1, 2, 500, 9_999, 23_569])
def test_a_sample_has_the_size_asked_for_and_real_customers(count: int, everybody: list[Customer]) -> None:
    sample = list(customers(count))
    assert len(sample) == count
    by_number = {one.number: one for one in everybody}
    assert all(by_number[one.number] == one for one in sample)


def _moved(everybody: list[Customer], seed: int = 7) -> Iterator[tuple[Customer, list[int]]]:
    season = season_until(TODAY)
    for one in everybody:
        yield one, [purchase.day for purchase in redated(one, season, Random(f"{seed}/{one.number}"))]


def test_everything_ends_today_and_nothing_later(everybody: list[Customer]) -> None:
    assert max(days[-1] for _, days in _moved(everybody)) == TODAY


def test_the_days_between_purchases_are_the_real_ones(everybody: list[Customer]) -> None:
    for one, days in _moved(everybody):
        real = [later.day - earlier.day for earlier, later in pairwise(one.purchases)]
        assert [later - earlier for earlier, later in pairwise(days)] == real


def test_great_sales_bring_more_first_buyers(everybody: list[Customer]) -> None:
    first = [days[0] for _, days in _moved(everybody)]
    sale = sum(day == day_number(date(2025, 11, 11)) for day in first)
    ordinary = sum(day == day_number(date(2025, 11, 18)) for day in first)
    assert sale > 2 * ordinary


def test_a_day_is_drawn_inside_its_bounds() -> None:
    season, chance = Season(TODAY - 100, TODAY), Random(1)
    drawn = {season.draw(chance, TODAY - 3, TODAY) for _ in range(200)}
    assert drawn == {TODAY - 3, TODAY - 2, TODAY - 1, TODAY}
    assert season.draw(chance, TODAY, TODAY) == TODAY
    assert TODAY - 100 <= season.draw(chance, 0, 1 << 30) <= TODAY


@pytest.mark.parametrize("now", ["2026-11-22T16:00:05Z", "2026-11-23T03:00:00Z", "2026-11-23T15:59:59Z"])
def test_moments_of_today_lie_before_now(now: str) -> None:
    """Also five seconds after midnight in Shanghai."""
    hours, chance = Hours(parse_iso(now)), Random(1)
    assert all(hours.moment(chance, TODAY) < hours.now for _ in range(500))
    yesterday = [hours.moment(chance, TODAY - 1) for _ in range(500)]
    assert all(day_of(at) == TODAY - 1 for at in yesterday if at < hours.now - DAY // 8)


def test_days_begin_at_midnight_in_china() -> None:
    assert start_of(TODAY) == parse_iso("2026-11-22T16:00:00Z")
    assert day_of(parse_iso("2026-11-22T15:59:59.999Z")) == TODAY - 1
