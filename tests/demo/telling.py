"""What a plan tells, counted without the product: who is one person, what was bought, who would be in an audience."""

from __future__ import annotations

from collections import defaultdict

from siyu.demo.crossings import crossings, doubled, tablet
from siyu.demo.crowd import Plan, lives, staff
from siyu.demo.newcomers import opening, the_week
from siyu.demo.roster import people
from siyu.demo.story import Happening
from siyu.demo.week import Answer
from siyu.kit import DAY

_IDENTIFYING = {"phone": "mobile", "email": "email", "unionid": "unionid"}
_IDENTIFYING |= {"member_card": "member_card", "external_userid": "external_userid"}


class Told:
    """``person_of`` joins identifiers that came together; ``happenings`` are everybody's. ``answers`` are the orders
    that followed from a mail, which no plan tells."""

    def __init__(self, plan: Plan, answers: list[Answer]) -> None:
        self.plan, self.answers = plan, answers
        self.happenings: list[Happening] = [one for life in lives(plan) for one in life.tell(plan.lately)]
        self.happenings += [*staff(plan), *crossings(plan), *the_week(plan), *opening(plan, plan.now)]
        self._parent: dict[str, str] = {}
        shared = f"device:{tablet(plan)}"
        for one in self.happenings:
            self._join([key for key in _keys(one) if key != shared])
        self._join([f"member_card:{card}" for card in doubled(plan)])
        for who in people(plan):
            self._join([f"mobile:{who.mobile}", f"member_card:{who.card}"])

    def _join(self, keys: list[str]) -> None:
        roots = {self._root(key) for key in keys}
        for root in roots:
            self._parent[root] = min(roots)

    def _root(self, key: str) -> str:
        self._parent.setdefault(key, key)
        while self._parent[key] != key:
            key = self._parent[key]
        return key

    def person_of(self, one: Happening) -> str:
        return self._root(_keys(one)[0])

    @property
    def persons(self) -> int:
        return len({self._root(key) for key in self._parent})

    @property
    def orders(self) -> int:
        return len(self.named("order_paid")) + len(self.answers)

    @property
    def revenue(self) -> int:
        """Fen, refunds taken off."""
        answered = sum(one.fen for one in self.answers)
        return self._fen("order_paid") - self._fen("order_refunded") + answered

    def _fen(self, event: str) -> int:
        return sum(round(one.props["revenue"] * 100) for one in self.named(event))

    def named(self, event: str) -> list[Happening]:
        return [one for one in self.happenings if one.event == event]

    def carts_without_order(self, days: int) -> set[str]:
        """Who added to a cart and ordered nothing in the last ``days`` days, the staff left out."""
        since = self.plan.now - days * DAY
        did: dict[str, set[str]] = defaultdict(set)
        for one in self.happenings:
            if one.at >= since:
                did[one.event].add(self.person_of(one))
        did["order_paid"] |= {self._root(f"user_id:{one.user_id}") for one in self.answers}
        return did["cart_added"] - did["order_paid"] - {self.person_of(one) for one in staff(self.plan)}


def _keys(one: Happening) -> list[str]:
    traits = one.traits or {}
    named = [f"{kind}:{traits[name]}" for name, kind in _IDENTIFYING.items() if name in traits]
    return [f"{kind}:{value}" for kind, value in one.ids.items()] + named
