"""Who comes in the last week beside those who come by anyway: members who leave a cart behind, people new to the brand.

They follow from the plan like everybody else's story.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from siyu.demo import goods
from siyu.demo.cast import chance_of, member
from siyu.demo.crowd import Plan, lives
from siyu.demo.season import Hours, day_of, start_of
from siyu.demo.story import SHOPS, Happening, Life, friendship, order_props, product, visit
from siyu.kit import DAY, HOUR, MINUTE, SECOND

DAYS = 7
_CAST, _MOST_CARTS = 2_500, 60
_RETURNING = 0.05
"""The share of carts that are ordered a day later, mail or none."""

_FIRST_NEWCOMER = 80_000
_PEOPLE_A_NEWCOMER = 2_500


def the_week(plan: Plan) -> list[Happening]:
    """What happens beside everybody's own story, on each of the seven days until the plan's now."""
    return [one for one in (*_carts(plan), *_newcomers(plan)) if one.at < plan.now]


def week_began(plan: Plan) -> int:
    """The evening before the first of the seven days, epoch ms: what the brand set up stands by then."""
    return start_of(day_of(plan.now) - DAYS + 1) - 4 * HOUR


def opening(plan: Plan, now: int) -> list[Happening]:
    """Members who put something into their cart right ``now``, so that there are people on their way at once."""
    chance = chance_of(plan.seed, 0, "opening")
    return [_cart(life, chance, now - place) for place, life in enumerate(_members(plan)[DAYS])]


def _members(plan: Plan) -> list[list[Life]]:
    """Members with a mail address, a part for each day and one for when it is over; nobody twice."""
    cast = [life for life in lives(plan, max(1, plan.people // _CAST)) if life.doors and life.has_mail]
    chance_of(plan.seed, 0, "cast").shuffle(cast)
    share = min(_MOST_CARTS, max(1, len(cast) // (DAYS + 1)))
    return [cast[day * share : (day + 1) * share] for day in range(DAYS + 1)]


def _moment(plan: Plan, chance: Random, day: int) -> int:
    """A moment of one of the last seven days, the last is the plan's own."""
    return Hours(plan.now).moment(chance, day_of(plan.now) - DAYS + 1 + day)


def _cart(life: Life, chance: Random, at: int) -> Happening:
    door = chance.choice(life.doors)
    return Happening(door, at, "cart_added", life.ids(door, at), product(goods.some(chance), 1))


def _carts(plan: Plan) -> Iterator[Happening]:
    chance = chance_of(plan.seed, 0, "carts")
    for day, members in enumerate(_members(plan)[:DAYS]):
        for life in members:
            at = _moment(plan, chance, day)
            if life.registered < at - HOUR:
                cart = _cart(life, chance, at)
                yield cart
                later = at + DAY - int(chance.random() * HOUR)
                if chance.random() < _RETURNING and later < plan.now:
                    yield _order(life, cart.door, chance, later)


def _order(life: Life, door: str, chance: Random, at: int) -> Happening:
    good = goods.some(chance)
    props = order_props(SHOPS[door], f"W{life.who.number}{at // SECOND}", good, 1, good.price * 100)
    return Happening(door, at, "order_paid", life.ids(door, at), props)


def _newcomers(plan: Plan) -> Iterator[Happening]:
    chance = chance_of(plan.seed, 0, "newcomers")
    each = max(1, plan.people // _PEOPLE_A_NEWCOMER)
    for number in range(DAYS * each):
        yield from _arrival(plan, _FIRST_NEWCOMER + number, _moment(plan, chance, number // each), chance)


def _arrival(plan: Plan, number: int, at: int, chance: Random) -> Iterator[Happening]:
    """A friend on WeCom or a follower, then the mini program, then a member; one in four orders."""
    life = Life(member(plan.seed, number), [], plan.season(), Hours(plan.now), chance)
    life.doors, life.linked, life.registered = ["mini"], True, at + 5 * MINUTE
    if chance.random() < 0.5:
        props, traits = friendship(life.who, chance, "门店活码")
        yield Happening("wecom", at, "wecom_friend_added", life.ids("wecom", at), props, traits)
    else:
        yield Happening("oa", at, "oa_followed", life.ids("oa", at), {"scene": "扫码", "origin": life.who.origin})
    good = goods.some(chance)
    event, props = visit("mini", good)
    yield Happening("mini", at + MINUTE, event, life.ids("mini", at), props)
    yield Happening("mini", at + 2 * MINUTE, "product_viewed", life.ids("mini", at), product(good))
    yield from _joining(life)
    if chance.random() < 0.25:
        yield _order(life, "mini", chance, life.registered + 4 * MINUTE)


def _joining(life: Life) -> Iterator[Happening]:
    """The form of the member centre, with a mobile and an address, and the word that mails are welcome."""
    who, at = life.who, life.registered
    ids = life.ids("crm", at)
    traits = who.traits() | {"phone": who.mobile, "member_card": who.card, "email": who.mail}
    said = {"channel": "email", "purpose": "marketing", "text_version": "2025-05"}
    yield Happening("crm", at, "member_registered", ids, {"shop": SHOPS["mini"], "origin": who.origin}, traits)
    bound = life.ids("mini", at) | {"mobile": who.mobile}
    yield Happening("mini", at + SECOND, "phone_bound", bound, {"origin": who.origin})
    yield Happening("crm", at + 2 * SECOND, "consent_granted", ids, said)
