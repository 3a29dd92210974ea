"""Everybody in the demo, one after another, so that memory stays small however many they are."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from siyu.demo import names
from siyu.demo.cast import chance_of, member
from siyu.demo.purchases import CUSTOMERS, customers, redated, season_until
from siyu.demo.season import Hours, Season, day_of
from siyu.demo.story import Happening, Life
from siyu.kit import DAY

FANS = 50_000
"""Numbers from here on are people who never bought."""

_FANS_PER_MILLE = 643 / 2357
"""With everybody: 6,430 beside 23,570 customers, 30,000 people."""


class Plan(msgspec.Struct, frozen=True):
    """What makes a demo this one: the same plan tells the same story. ``now`` is epoch ms."""

    seed: int
    now: int
    customers: int

    @property
    def buyers(self) -> int:
        return min(self.customers, CUSTOMERS)

    @property
    def fans(self) -> int:
        return round(self.buyers * _FANS_PER_MILLE)

    @property
    def people(self) -> int:
        return self.buyers + self.fans

    @property
    def lately(self) -> float:
        """The share of people who came by in the last week; a small demo is livelier, or nothing would move."""
        return max(0.04, min(0.6, 120 / max(1, self.people)))

    def season(self) -> Season:
        return season_until(day_of(self.now))


def lives(plan: Plan, every: int = 1) -> Iterator[Life]:
    """Customers, then fans; only each ``every``-th of them."""
    season, hours = plan.season(), Hours(plan.now)
    for place, customer in enumerate(customers(plan.customers)):
        if place % every == 0:
            number = customer.number + 1
            bought = redated(customer, season, chance_of(plan.seed, number, "dates"))
            yield Life(member(plan.seed, number), bought, season, hours, chance_of(plan.seed, number, "life"))
    for number in range(FANS, FANS + plan.fans, every):
        yield Life(member(plan.seed, number), [], season, hours, chance_of(plan.seed, number, "life"))


def staff(plan: Plan) -> Iterator[Happening]:
    """The brand's own people and test accounts, who spoil figures in every real shop."""
    for place, name in enumerate(names.STAFF):
        ids = {"user_id": f"STAFF{place:03d}"}
        traits = {"name": name, "is_staff": True, "email": f"staff{place}@cleara.example"}
        for visit in range(6):
            at = plan.now - (2 + visit * 9 + place) * DAY
            tested = {
                "product_id": "CL001",
                "product_name": "测试商品",
                "category": "测试",
                "price": 0.01,
                "quantity": 1,
            }
            yield Happening("crm", at, "cart_added", ids, tested, None if visit else traits)
