"""Cases in which it is not plain who is who: each fills one of the queues, or shows what was decided."""

from __future__ import annotations

from collections.abc import Iterator

from siyu.demo.cast import Ids, Member, member
from siyu.demo.crowd import Plan
from siyu.demo.serving import DemoFailed, Serving
from siyu.demo.story import SHOPS, Happening
from siyu.kit import DAY, HOUR

_NUMBERS = range(70_000, 70_004)
"""Two members at the shop's tablet, then one who holds two cards and knows it, and one who may hold two."""


def crossings(plan: Plan) -> Iterator[Happening]:
    """A tablet on which two members logged in, and two pairs of cards handed out at the till."""
    first, second, known, likely = (member(plan.seed, number) for number in _NUMBERS)
    start = plan.now - 40 * DAY
    for turn, who in enumerate((first, second)):
        ids = {"user_id": who.user_id, "device": tablet(plan)}
        yield _visit(start + turn * HOUR, ids, {"name": who.name, "city": who.city})
    for who in (known, likely):
        for turn, card in enumerate(cards(who)):
            yield _visit(start + (5 + 9 * turn) * DAY, {"member_card": card}, _told(who))


def tablet(plan: Plan) -> str:
    return member(plan.seed, _NUMBERS[0]).device("tablet")


def cards(who: Member) -> tuple[str, str]:
    """The cards of somebody who had forgotten the first."""
    return who.card, f"77{who.card[2:]}"


def doubled(plan: Plan) -> tuple[str, str]:
    """The two cards that an operator found to be one person's."""
    return cards(member(plan.seed, _NUMBERS[2]))


def _told(who: Member) -> dict[str, object]:
    """What one says at the till: no whole number, no account."""
    return {
        "name": who.name,
        "gender": who.gender,
        "birthday": who.born,
        "province": who.province,
        "city": who.city,
        "mobile_tail": who.mobile[-4:],
    }


def _visit(at: int, ids: Ids, traits: dict[str, object]) -> Happening:
    return Happening("store", at, "store_visited", ids, {"store": SHOPS["store"], "staff": "林店长"}, traits)


def decide(server: Serving, plan: Plan) -> None:
    """Merge the pair of cards that was asked about, and have the others looked for. Done before: nothing happens."""
    people = [_person(server, card) for card in doubled(plan)]
    if people[0] != people[1]:
        body = {"person": people[0], "other": people[1], "reason": "顾客来电核实：两张卡都是本人的"}
        server.call("POST", "/api/identity/merge", body)
    if server.call("GET", "/api/suggestions/desk")["run"] is None:
        server.client.post("/api/suggestions/runs", json={})  # refused where the extra for it is not installed


def _person(server: Serving, card: str) -> str:
    asked = {"identifiers": [{"type": "member_card", "value": card}]}
    person = server.call("POST", "/api/identity/resolve", asked)["person"]
    if person is None:
        raise DemoFailed(detail=f"nobody has the card {card}.")
    return str(person)
