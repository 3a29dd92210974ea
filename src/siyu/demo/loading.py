"""Brings the demo into a running server: history first, then what the brand set up, then the last week, as it went."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import msgspec

from siyu.demo import doors, roster, shop, tags
from siyu.demo.crossings import crossings, decide
from siyu.demo.crowd import Plan, lives, staff
from siyu.demo.faults import faults
from siyu.demo.mail import Catcher
from siyu.demo.newcomers import opening, the_week, week_began
from siyu.demo.readers import Readers
from siyu.demo.sending import Sender
from siyu.demo.serving import DemoFailed, Login, Serving
from siyu.demo.story import Happening
from siyu.demo.week import Answer, Week
from siyu.demo.wire import DOORS, ITEMS, request

_BATCH = 400
_RETRIED = 40
"""Every so many requests one is sent twice, as clients do when an answer gets lost."""

_SETTLE_SECONDS = 600

Show = Callable[[str, int, int], None]
"""Told (step, done, total)."""


class Totals(msgspec.Struct):
    """What was sent: everything once, though some requests went twice. ``revenue`` is fen, ``answers`` the
    orders of those who read a mail."""

    people: int = 0
    records: int = 0
    orders: int = 0
    revenue: int = 0
    quarantined: int = 0
    answers: list[Answer] = []
    seconds: float = 0.0


class Loader:
    """Turns happenings into requests of each door."""

    def __init__(self, keys: dict[str, str], sender: Sender, totals: Totals, now: Callable[[], int]) -> None:
        self._keys, self._sender, self._totals, self._now = keys, sender, totals, now
        self._waiting: dict[str, list[dict[str, Any]]] = {key: [] for key in DOORS}
        self._sent = 0

    def take(self, happenings: Iterable[Happening]) -> None:
        for one in happenings:
            items = ITEMS[DOORS[one.door].protocol](one)
            self._totals.records += len(items)
            if one.event == "order_paid":
                self._totals.orders += 1
                self._totals.revenue += round(one.props["revenue"] * 100)
            waiting = self._waiting[one.door]
            waiting += items
            if len(waiting) >= _BATCH:
                self._send(one.door)

    def spoil(self, now: int) -> None:
        """Put bad records among the good ones that wait; a door that has no good ones gets none."""
        for door, item in faults(now):
            if self._waiting[door]:
                self._waiting[door].insert(0, item)
                self._totals.quarantined += 1

    def flush(self) -> None:
        for door in DOORS:
            self._send(door)

    def _send(self, door: str) -> None:
        if self._waiting[door]:
            made = request(DOORS[door], self._keys[door], self._waiting[door], self._now())
            self._waiting[door] = []
            self._sent += 1
            for _ in range(2 if self._sent % _RETRIED == 0 else 1):
                self._sender.send(made)


def load(server: Serving, plan: Plan, login: Login, catcher: Catcher, account_url: str, show: Show) -> Totals:
    """Fill an empty server whose clock stands where the week begins; it serves in the present when this returns."""
    began = time.monotonic()
    totals = Totals()
    keys = shop.sources(server)
    readers = Readers(server, catcher.folder, plan.seed)
    with Sender(server.url) as sender:
        recent = _history(Loader(keys, sender, totals, server.now), plan, readers, totals, show)
    _settle(server, "settle", show)
    show("shop", 0, 1)
    _set_up(server, plan, catcher)
    show("shop", 1, 1)
    week = Week(server, plan, login, readers, partial(_deliver, server, keys, totals))
    totals.answers = week.live(recent, partial(show, "week"))
    server.into_the_present()
    server.sign_in(login)
    _today(server, plan, keys, totals, account_url, show)
    totals.seconds = time.monotonic() - began
    return totals


def _set_up(server: Serving, plan: Plan, catcher: Catcher) -> None:
    shop.brand(server)
    shop.mail_channel(server, catcher.smtp_port)
    shop.audiences(server, plan.now)
    tags.tags(server)
    shop.journeys(server)


def _deliver(server: Serving, keys: dict[str, str], totals: Totals, happenings: Iterable[Happening]) -> None:
    with Sender(server.url) as sender:
        loader = Loader(keys, sender, totals, server.now)
        loader.take(happenings)
        loader.flush()


def _today(server: Serving, plan: Plan, keys: dict[str, str], totals: Totals, account_url: str, show: Show) -> None:
    """What is only just going on: a file, carts, connectors."""
    roster.bring_in(server, plan)
    with Sender(server.url) as sender:
        loader = Loader(keys, sender, totals, server.now)
        loader.take(opening(plan, server.now()))
        loader.flush()
    doors.open_up(server, plan, account_url)
    _settle(server, "today", show)
    decide(server, plan)
    shop.packages(server)


def _history(loader: Loader, plan: Plan, readers: Readers, totals: Totals, show: Show) -> list[Happening]:
    """Send what is older than the week; answers the rest."""
    recent: list[Happening] = []
    edge = week_began(plan)

    def take(told: Iterable[Happening]) -> None:
        for one in told:
            if one.at < edge:
                loader.take([one])
            else:
                recent.append(one)

    for life in lives(plan):
        take(life.tell(plan.lately))
        readers.note(life, plan.now)
        totals.people += 1
        if totals.people % 100 == 0:
            show("history", totals.people, plan.people)
    for told in (staff(plan), crossings(plan), the_week(plan)):
        take(told)
    loader.spoil(edge)
    loader.flush()
    show("history", plan.people, plan.people)
    return recent


def _settle(server: Serving, step: str, show: Show) -> None:
    """Wait until nothing is left in the inbox."""
    most = 0
    deadline = time.monotonic() + _SETTLE_SECONDS
    while time.monotonic() < deadline:
        waiting = server.call("GET", "/api/pipeline")["backlog"]["events"]
        most = max(most, waiting, 1)
        show(step, most - waiting, most)
        if not waiting:
            return
        time.sleep(0.2)
    raise DemoFailed(detail=f"the events did not settle within {_SETTLE_SECONDS} seconds; see {server.log}.")
