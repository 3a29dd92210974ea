"""A slow trickle of new events while the demo serves, so that what is live can be seen to live."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import httpx

from siyu.demo import goods
from siyu.demo.cast import member
from siyu.demo.crowd import Plan, lives
from siyu.demo.readers import PHONE, Mailbox, click
from siyu.demo.season import Hours
from siyu.demo.sending import NotTaken, post
from siyu.demo.story import SHOPS, Facts, Happening, Life, friendship, order_props, product, visit
from siyu.demo.wire import DOORS, ITEMS, request

_CAST = 800
_AT_ONCE = 8
"""Visits going on at the same time, so that one person's steps lie some seconds apart."""

_READING = 0.25
"""The share of visits that begin in a mail."""

_NEWCOMERS = 10_000_000
"""Numbers from here on are people who first come while the demo serves."""

Step = tuple[str, str, Facts, Facts]
"""Door, event, properties, traits."""


class Trickle:
    """Sends about ``rate`` events a second from a thread of its own until stopped."""

    def __init__(self, url: str, plan: Plan, keys: dict[str, str], rate: float, mails: Path) -> None:
        self.sent = 0
        self._url, self._plan, self._keys, self._rate, self._mails = url, plan, keys, rate, mails
        self._stop = threading.Event()
        self._chance = Random()  # noqa: S311 - whoever comes by next is nobody's secret
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        cast = [life for life in lives(self._plan, max(1, self._plan.people // _CAST)) if life.doors]
        with httpx.Client(base_url=self._url, timeout=30, trust_env=False) as client:
            self._client = client
            self._letters = self._unread()
            for one in self._happenings(cast):
                if self._stop.wait(self._chance.expovariate(self._rate)):
                    return
                self._send(client, one)

    def _send(self, client: httpx.Client, one: Happening) -> None:
        now = one.at = time.time_ns() // 1_000_000
        door = DOORS[one.door]
        try:
            post(client, request(door, self._keys[one.door], ITEMS[door.protocol](one), now))
            self.sent += 1
        except NotTaken:
            # A trickle that misses a drop goes on; the server may be on its way down, or the source disabled.
            self._stop.wait(2)

    def _happenings(self, cast: list[Life]) -> Iterator[Happening]:
        going: list[Iterator[Happening]] = []
        while True:
            while len(going) < _AT_ONCE:
                going.append(self._visit(cast))
            session = self._chance.choice(going)
            one = next(session, None)
            if one is None:
                going.remove(session)
            else:
                yield one

    def _visit(self, cast: list[Life]) -> Iterator[Happening]:
        """One person's visit, step by step."""
        if self._letters and self._chance.random() < _READING:
            yield from self._reader(*self._letters.pop())
            return
        new = self._chance.random() < 0.12
        life = self._newcomer() if new or not cast else self._chance.choice(cast)
        steps = arriving(life, self._chance) if new else shopping(life, self._chance)
        for door, event, props, traits in steps:
            ids = life.ids(door, time.time_ns() // 1_000_000)
            yield Happening(door, 0, event, ids, props, traits or None)

    def _unread(self) -> list[tuple[Life, str]]:
        """Mails with a link, and whose they are; in no order."""
        found = {one.address: one.link for one in Mailbox(self._mails).unread()}
        readers = [(life, found[life.who.mail]) for life in lives(self._plan) if life.who.mail in found and life.doors]
        self._chance.shuffle(readers)
        return readers

    def _reader(self, life: Life, link: str) -> Iterator[Happening]:
        """Somebody opens a link in a mail, looks, and buys in half of the cases."""
        click(self._client, link, PHONE)
        for door, event, props, traits in buying(life, self._chance):
            ids = life.ids(door, time.time_ns() // 1_000_000)
            yield Happening(door, 0, event, ids, props, traits or None)

    def _newcomer(self) -> Life:
        now = time.time_ns() // 1_000_000
        who = member(self._plan.seed, _NEWCOMERS + now // 100 % 80_000_000, prefix="143")
        life = Life(who, [], self._plan.season(), Hours(now), self._chance)
        life.registered = 0
        return life


def shopping(life: Life, chance: Random) -> Iterator[Step]:
    """Looking around; often a cart, sometimes an order, so most carts are abandoned."""
    door, good = chance.choice(life.doors), goods.some(chance)
    event, props = visit(door, good)
    yield door, event, props, {}
    for _ in range(chance.choice((1, 1, 2, 3))):
        good = goods.some(chance)
        yield door, "product_viewed", product(good), {}
    if chance.random() < 0.5:
        yield door, "cart_added", product(good, 1), {}
        if chance.random() < 0.4 and (life.registered or door == "mini"):
            yield door, "checkout_started", product(good, 1), {}
            order_id = f"L{life.who.number}{time.time_ns() // 1_000_000}"
            yield door, "order_paid", order_props(SHOPS[door], order_id, good, 1, good.price * 100), {}
    if life.registered and chance.random() < 0.02:
        yield "crm", "opted_out", {"channel": chance.choice(("sms", "email")), "purpose": "marketing"}, {}


def buying(life: Life, chance: Random) -> Iterator[Step]:
    """Straight to a product; half of them buy it."""
    door, good = chance.choice(life.doors), goods.some(chance)
    yield door, "product_viewed", product(good), {}
    if chance.random() < 0.5:
        order_id = f"M{life.who.number}{time.time_ns() // 1_000_000}"
        yield door, "order_paid", order_props(SHOPS[door], order_id, good, 1, good.price * 100), {}


def arriving(life: Life, chance: Random) -> Iterator[Step]:
    """Somebody new: by a friend on WeCom or the Official Account, then the mini program, perhaps membership."""
    if chance.random() < 0.5:
        props, traits = friendship(life.who, chance, "门店活码")
        yield "wecom", "wecom_friend_added", props, traits
    else:
        yield "oa", "oa_followed", {"scene": "扫码", "origin": life.who.origin}, {}
    life.doors = ["mini"]
    life.linked = True
    yield from shopping(life, chance)
    if chance.random() < 0.6:
        life.registered = life.met
        traits = life.who.traits() | {"phone": life.who.mobile, "member_card": life.who.card, "email": life.who.mail}
        yield "crm", "member_registered", {"shop": SHOPS["mini"], "origin": life.who.origin}, traits
        yield "mini", "phone_bound", {"origin": life.who.origin}, {}
        yield "crm", "consent_granted", {"channel": "email", "purpose": "marketing", "text_version": "2025-05"}, {}
        yield from shopping(life, chance)
