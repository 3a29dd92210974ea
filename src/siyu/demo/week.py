"""Seven days of the brand at work: the server's clock is moved on from moment to moment, and each one's share happens.

What happened since the last moment comes in through the doors, the house comes to rest, mails go out; people read them,
members of staff make their calls, campaigns go out on their days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from siyu.demo import shop
from siyu.demo.broadcast import Broadcasts
from siyu.demo.care import Care
from siyu.demo.cast import chance_of
from siyu.demo.crowd import Plan
from siyu.demo.newcomers import DAYS
from siyu.demo.readers import Readers
from siyu.demo.season import day_of, start_of
from siyu.demo.serving import Login, Serving
from siyu.demo.story import Happening
from siyu.kit import HOUR, MINUTE, SECOND

_CLOCKS = (11.0, 17.4)
"""About when the clock stops, hours of the day in China."""

_ONCE_UNTIL = 3
"""Before this day, counted from 0, it stops in the morning only: loading has to be short."""

_JITTER = 0.6
_CAMPAIGNS_ON = 3
"""The day, counted from 0, on which both campaigns go out."""

_OFFICE = range(9, 19)


def moments(plan: Plan) -> list[int]:
    """When the clock stops, epoch ms; the plan's now comes last."""
    chance, today = chance_of(plan.seed, 0, "moments"), day_of(plan.now)
    drawn = [
        start_of(today - DAYS + 1 + day) + int((hour + chance.uniform(-_JITTER, _JITTER)) * HOUR)
        for day in range(DAYS)
        for hour in (_CLOCKS if day >= _ONCE_UNTIL else _CLOCKS[:1])
    ]
    return [*(at for at in drawn if at < plan.now - 2 * MINUTE), plan.now - 2 * MINUTE, plan.now]


class Answer(msgspec.Struct, frozen=True):
    """An order that followed from a mail."""

    user_id: str
    fen: int
    at: int


class Week:
    """``send`` takes happenings to the doors and waits until they are acknowledged."""

    def __init__(
        self, server: Serving, plan: Plan, login: Login, readers: Readers, send: Callable[[Iterable[Happening]], None]
    ) -> None:
        self._server, self._plan, self._login, self._readers, self._send = server, plan, login, readers, send
        self._care, self._broadcasts = Care(server), Broadcasts(server)
        self._first = day_of(plan.now) - DAYS + 1
        self._day = -1

    def live(self, happenings: list[Happening], show: Callable[[int, int], None]) -> list[Answer]:
        """Live through it all. ``happenings`` are those since the week began; answers what came of the mails."""
        stops, answers = moments(self._plan), []
        orders: list[Happening] = []
        to_come = sorted(happenings, key=lambda one: one.at)
        for place, moment in enumerate(stops):
            read = self._readers.turn(moment)
            self._server.move(moment)
            self._begin_day(day_of(moment) - self._first)
            now, to_come = _split(to_come, moment)
            ordered, orders = _split([*orders, *read], moment)
            answers += [Answer(one.ids["user_id"], round(one.props["revenue"] * 100), one.at) for one in ordered]
            self._send([*now, *ordered])
            self._server.rest()
            self._server.move(moment + shop.WAIT_MINUTES * MINUTE + 5 * SECOND)
            self._at_work(moment)
            self._server.rest()
            self._readers.post_came(self._server.now())
            show(place + 1, len(stops))
        shop.conclude(self._server)
        self._care.conclude()
        self._broadcasts.conclude()
        return answers

    def _begin_day(self, day: int) -> None:
        """In the morning the operator signs in; new people are put on the list of who is to be called."""
        if day != self._day:
            self._day = day
            self._server.sign_in(self._login)
            self._care.let_in(day)

    def _at_work(self, moment: int) -> None:
        hour = (moment - start_of(day_of(moment))) // HOUR
        if hour in _OFFICE:
            self._care.make_calls()
            if self._day == _CAMPAIGNS_ON:
                self._broadcasts.send_next()


def _split(happenings: list[Happening], moment: int) -> tuple[list[Happening], list[Happening]]:
    """What happened until then, and what is still to come."""
    return [one for one in happenings if one.at <= moment], [one for one in happenings if one.at > moment]
