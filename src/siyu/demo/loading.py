"""Brings the demo into a running server: history first, then what the brand set up, then the last two days."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from siyu.demo import broadcast, care, doors, goods, roster, shop, tags
from siyu.demo.cast import chance_of
from siyu.demo.crossings import crossings, decide
from siyu.demo.crowd import Plan, lives, staff
from siyu.demo.faults import faults
from siyu.demo.mail import Catcher
from siyu.demo.sending import Sender
from siyu.demo.serving import DemoFailed, Serving
from siyu.demo.story import Happening, product
from siyu.demo.wire import DOORS, ITEMS, request
from siyu.kit import HOUR

_BATCH = 400
_RETRIED = 40
"""Every so many requests one is sent twice, as clients do when an answer gets lost."""

_CAST = 400
_OPENING = 40

RECENT = 48 * HOUR
_SETTLE_SECONDS = 600

Show = Callable[[str, int, int], None]
"""Told (step, done, total)."""


class Totals(msgspec.Struct):
    """What was sent: everything once, though some requests went twice. ``revenue`` is fen."""

    people: int = 0
    records: int = 0
    orders: int = 0
    revenue: int = 0
    quarantined: int = 0
    seconds: float = 0.0


class Loader:
    """Turns happenings into requests of each door."""

    def __init__(self, keys: dict[str, str], sender: Sender, totals: Totals) -> None:
        self._keys, self._sender, self._totals = keys, sender, totals
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
            made = request(DOORS[door], self._keys[door], self._waiting[door], time.time_ns() // 1_000_000)
            self._waiting[door] = []
            self._sent += 1
            for _ in range(2 if self._sent % _RETRIED == 0 else 1):
                self._sender.send(made)


def load(server: Serving, plan: Plan, catcher: Catcher, account_url: str, show: Show) -> Totals:
    """Fill an empty server. A load that was cut short may be repeated: nothing counts twice."""
    began = time.monotonic()
    totals = Totals()
    keys = shop.sources(server)
    with Sender(server.url) as sender:
        recent = _history(Loader(keys, sender, totals), plan, totals, show)
    _settle(server, "settle", show)
    show("shop", 0, 1)
    shop.brand(server)
    shop.mail_channel(server, catcher.smtp_port)
    shop.audiences(server, plan.now)
    tags.tags(server)
    shop.journey(server)
    decide(server, plan)
    broadcast.send(server, catcher.folder, plan.seed)
    care.care(server)
    show("shop", 1, 1)
    with Sender(server.url) as sender:
        loader = Loader(keys, sender, totals)
        loader.take(recent)
        loader.flush()
        roster.bring_in(server, plan)
        _settle(server, "recent", show)
        loader.take(opening(plan, time.time_ns() // 1_000_000))
        loader.flush()
    _settle(server, "recent", show)
    shop.packages(server)
    doors.open_up(server, plan, account_url)
    _settle(server, "recent", show)
    totals.seconds = time.monotonic() - began
    return totals


def _history(loader: Loader, plan: Plan, totals: Totals, show: Show) -> list[Happening]:
    """Send what is older than two days; answers the rest, oldest first."""
    recent: list[Happening] = []
    edge = plan.now - RECENT
    for life in lives(plan):
        told = life.tell(plan.lately)
        loader.take(one for one in told if one.at < edge)
        recent += (one for one in told if one.at >= edge)
        totals.people += 1
        if totals.people % 100 == 0:
            show("history", totals.people, plan.people)
    loader.take(staff(plan))
    loader.take(crossings(plan))
    loader.spoil(plan.now)
    loader.flush()
    show("history", plan.people, plan.people)
    return sorted(recent, key=lambda one: one.at)


def opening(plan: Plan, now: int) -> list[Happening]:
    """Members who put something into their cart right ``now``, so that the new journey has people in it at once."""
    found: list[Happening] = []
    for life in lives(plan, max(1, plan.people // _CAST)):
        if life.doors and life.has_mail and len(found) < _OPENING:
            chance = chance_of(plan.seed, life.who.number, "opening")
            door = chance.choice(life.doors)
            at = now - len(found)
            found.append(Happening(door, at, "cart_added", life.ids(door, at), product(goods.some(chance), 1)))
    return found


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
