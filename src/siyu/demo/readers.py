"""What comes of the mails: some are opened on a phone, some by a company's scanner first, some readers order later."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import httpx
import msgspec

from siyu.demo import goods
from siyu.demo.cast import Ids, chance_of
from siyu.demo.season import day_of, start_of
from siyu.demo.serving import Serving
from siyu.demo.story import SHOPS, Happening, Life, order_props
from siyu.kit import HOUR, MINUTE, SECOND

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.60"
)
SCANNER = "Mozilla/5.0 (compatible; Barracuda Sentinel (EE); Mail Link Scanner)"
_CODE = re.compile(r"/l/[a-z2-7]{16}")
_READ, _GUIDE_READ, _SCANNED, _ORDERED = 0.3, 0.4, 0.1, 0.5
_MEAN_WAIT = 5 * HOUR
_NIGHT = 7
"""Nobody reads before this hour of the day in China."""


class Letter(msgspec.Struct, frozen=True):
    """A mail with a tracked link. ``guide``: it tells something rather than offering something."""

    address: str
    link: str
    guide: bool


class Reader(msgspec.Struct, frozen=True):
    """Who reads at an address, and where they shop."""

    door: str
    ids: Ids
    number: int


class Mailbox:
    """Reads each mail of a folder once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: set[str] = set()

    def unread(self) -> Iterator[Letter]:
        for file in sorted(self._folder.glob("*.eml")):
            if file.name in self._seen:
                continue
            self._seen.add(file.name)
            mail = message_from_bytes(file.read_bytes(), policy=policy.default)
            part = mail.get_body(("plain",))
            code = _CODE.search(part.get_content()) if part else None
            if code:
                yield Letter(str(mail["To"]), code[0], "皮肤科" in str(mail["Subject"]))


class Readers:
    """Decides who reads, when, and who orders; ``turn`` does what is due, each at its own time."""

    def __init__(self, server: Serving, mails: Path, seed: int) -> None:
        self.known: dict[str, Reader] = {}
        self._server, self._mailbox = server, Mailbox(mails)
        self._chance = chance_of(seed, 0, "readers")
        self._going_to: list[tuple[int, Letter, str]] = []

    def note(self, life: Life, now: int) -> None:
        """Somebody with an address, who may get a mail."""
        if life.has_mail and life.doors:
            door = life.doors[0]
            self.known[life.who.mail] = Reader(door, life.ids(door, now), life.who.number)

    def turn(self, now: int) -> list[Happening]:
        """Open what is due until ``now``, moving the clock from one to the next; answers the orders that follow from
        it, some minutes later."""
        due = sorted((one for one in self._going_to if one[0] <= now), key=lambda one: one[0])
        self._going_to = [one for one in self._going_to if one[0] > now]
        orders = []
        for at, letter, agent in due:
            self._server.move(at)
            click(self._server.client, letter.link, agent)
            reader = self.known.get(letter.address)
            if agent == PHONE and reader and self._chance.random() < _ORDERED:
                orders.append(self._order(reader, at + int(self._chance.uniform(4, 25) * MINUTE)))
        return orders

    def post_came(self, now: int) -> None:
        """Look at new mails and decide what becomes of them."""
        for letter in self._mailbox.unread():
            if self._chance.random() < _SCANNED:
                self._going_to.append((now + 3 * SECOND, letter, SCANNER))
            if self._chance.random() < (_GUIDE_READ if letter.guide else _READ):
                wait = MINUTE + int(self._chance.expovariate(1 / _MEAN_WAIT))
                self._going_to.append((_awake(now + wait), letter, PHONE))

    def _order(self, reader: Reader, at: int) -> Happening:
        good = goods.some(self._chance)
        order = order_props(SHOPS[reader.door], f"M{reader.number}{at // SECOND}", good, 1, good.price * 100)
        return Happening(reader.door, at, "order_paid", reader.ids, order)


def _awake(at: int) -> int:
    """That time, or some hours later where it is night."""
    return at + _NIGHT * HOUR if (at - start_of(day_of(at))) // HOUR < _NIGHT else at


def click(client: httpx.Client, link: str, agent: str) -> None:
    """Open a tracked link without going where it leads."""
    client.get(link, headers={"User-Agent": agent}, follow_redirects=False)
