"""What one person does with the brand, from the first touch until now. Their purchases are real, the rest fits them."""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec

from siyu.demo import goods
from siyu.demo.cast import Ids, Member
from siyu.demo.purchases import Purchase
from siyu.demo.season import Hours, Season, day_of
from siyu.kit import DAY, MINUTE, SECOND

Facts = dict[str, Any]

OWN = ("mini", "app", "web")
SHOPS = {"tmall": "天猫旗舰店", "mini": "小程序商城", "app": "App", "web": "官网商城", "store": "静安门店"}
_JOINS = {"mini": 0.8, "tmall": 0.38, "app": 0.9, "web": 0.8, "store": 1.0}
_STAFF = ("小美", "阿澄", "Vivian", "大熊老师", "林店长")
_WAYS = ("包裹卡", "门店活码", "小程序客服", "直播间", "好友推荐", "获客链接")
_GROUPS = ("上海护肤交流 1 群", "敏感肌互助群", "新品试用官 3 群", "双 11 福利群", "静安门店会员群")
_ADVERTS = ("搜一搜", "文章底部", "扫码", "他人分享")


class Happening(msgspec.Struct, gc=False):
    """Something to send through ``door`` (a key of ``wire.DOORS``). ``event`` empty: only ``traits`` change."""

    door: str
    at: int
    event: str
    ids: Ids
    props: Facts
    traits: Facts | None = None


class Life:
    """One person's story. Times are epoch ms, 0 for what never happens."""

    def __init__(self, who: Member, bought: list[Purchase], season: Season, hours: Hours, chance: Random) -> None:
        self.who, self._season, self._hours, self._chance = who, season, hours, chance
        self.home = who.home if bought or who.home != "tmall" else "mini"
        self.doors = self._doors()
        self.linked = self._likely(0.8)
        self.orders = sorted((hours.moment(chance, one.day), place, one) for place, one in enumerate(bought))
        self.met = self._met()
        self.registered = self._joins()
        self.has_mail = bool(self.registered) and self._likely(0.7)
        self.friend = 0
        self.out: list[Happening] = []

    # --- what is known from the start -------------------------------------------------------------------------------

    def _likely(self, share: float) -> bool:
        return self._chance.random() < share

    def _doors(self) -> list[str]:
        """Own doors this person uses, the usual one first."""
        others = [door for door, share in (("mini", 0.35), ("web", 0.14), ("app", 0.05)) if self._likely(share)]
        return list(dict.fromkeys([self.home, *others] if self.home in OWN else others))

    def _met(self) -> int:
        if not self.orders:
            return self._hours.moment(self._chance, self._season.draw(self._chance, self._season.first, 1 << 30))
        first = self.orders[0][0]
        ahead = int(self._chance.expovariate(1 / (4 * DAY))) if self.home in OWN else 0
        return first - 20 * MINUTE - ahead

    def _joins(self) -> int:
        """When the person registers; those who buy where an account is needed do so before they buy."""
        share = _JOINS[self.home] * (1.0 if self.orders else 0.5)
        if self.orders and self.home in ("app", "web", "store"):
            return self.orders[0][0] - self._minutes(3, 15)
        if not self._likely(share):
            return 0
        return self._after(self.met, 2 * DAY)

    def _after(self, moment: int, mean: int) -> int:
        """A moment some time after another, 0 when that is still to come."""
        wait = self._chance.expovariate(1 / mean)
        day = day_of(moment + int(wait))
        at = moment + int(wait) if wait < DAY else self._hours.moment(self._chance, min(day, self._hours.today))
        return at if moment + wait < self._hours.now and moment < at < self._hours.now else 0

    def _minutes(self, least: float, most: float) -> int:
        return int(self._chance.uniform(least, most) * MINUTE)

    def ids(self, door: str, at: int) -> Ids:
        """What a door knows a person by at a moment."""
        who = self.who
        if door in ("crm", "store"):
            return {"user_id": who.user_id}
        if door == "oa":
            return {"openid_oa": who.secret("oa", head="oA"), "unionid": who.secret("union", head="oU")}
        if door == "wecom":
            return {"external_userid": who.secret("wecom", 32, "wm")}
        if door == "tmall":
            return {"tmall_buyer": who.secret("tmall", 30, "AAH")}
        found: Ids = {"device": who.device(door)}
        if door == "mini":
            found = {"openid_mp": who.secret("mini", head="oM")}
            if self.linked:
                found["unionid"] = who.secret("union", head="oU")
        if self.registered and at >= self.registered:
            found["user_id"] = who.user_id
        return found

    # --- telling ----------------------------------------------------------------------------------------------------

    def tell(self, lately: float) -> list[Happening]:
        """Everything, in order of time. ``lately`` is the chance of having come by in the last week."""
        if self.registered:
            self._register()
        if self._likely(0.45):
            self._follow()
        if self._likely(0.4):
            self._befriend()
        if "app" in self.doors:
            self._install()
        for at, place, purchase in self.orders:
            self._buy(at, place, purchase)
        self._wander()
        if self.doors and self._likely(lately):
            self._come_by()
        self.out.sort(key=lambda one: one.at)
        return self.out

    def _say(self, door: str, at: int, event: str, props: Facts | None = None, **more: Facts) -> None:
        """Note what happens, unless it is still to come. ``more``: ``traits``, and ``ids`` beyond the usual ones."""
        if 0 < at < self._hours.now:
            ids = self.ids(door, at) | more.get("ids", {})
            self.out.append(Happening(door, at, event, ids, props or {}, more.get("traits")))

    def _register(self) -> None:
        who, at = self.who, self.registered
        traits = who.traits() | {"phone": who.mobile, "member_card": who.card, "registered_at_shop": SHOPS[self.home]}
        if self.has_mail:
            traits["email"] = who.mail
        self._say("crm", at, "member_registered", {"shop": SHOPS[self.home], "origin": who.origin}, traits=traits)
        if self.home in ("mini", "tmall"):
            self._say(self.home, at + SECOND, "phone_bound", {"origin": who.origin}, ids={"mobile": who.mobile})
        if self._likely(0.7):
            self._say("crm", at + MINUTE, "coupon_received", {"coupon": "新人礼券 ¥20", "coupon_id": "NEW20"})
        self._consent(at)

    def _consent(self, at: int) -> None:
        for channel, share in (("sms", 0.62), ("email", 0.65 if self.has_mail else 0.0)):
            if not self._likely(share):
                continue
            said = {"channel": channel, "purpose": "marketing", "text_version": "2025-05"}
            self._say("crm", at + 5 * SECOND, "consent_granted", said)
            if self._likely(0.05):
                event = self._chance.choice(("consent_withdrawn", "opted_out"))
                self._say("crm", self._after(at, 120 * DAY), event, {"channel": channel, "purpose": "marketing"})
        if self._likely(0.003):
            self._say("crm", self._after(at, 90 * DAY), "complained", {"channel": "sms", "about": "发送太频繁"})

    def _follow(self) -> None:
        at = self._after(self.met, 20 * DAY)
        self._say("oa", at, "oa_followed", {"scene": self._chance.choice(_ADVERTS), "origin": self.who.origin})
        if at and self._likely(0.17):
            self._say("oa", self._after(at, 100 * DAY), "oa_unfollowed")

    def _befriend(self) -> None:
        """A friend on WeCom; buyers at Tmall come by the card in the parcel."""
        start = self.orders[0][0] + 3 * DAY if self.orders and self.home == "tmall" else self.met
        at = self.friend = self._after(start, 12 * DAY)
        if not at:
            return
        way = "包裹卡" if self.home == "tmall" else self._chance.choice(_WAYS)
        added, traits = friendship(self.who, self._chance, way)
        if self._likely(0.35):
            traits["phone"] = self.who.mobile
        self._say("wecom", at, "wecom_friend_added", added, traits=traits)
        if self.orders and int(self.who.mobile[-2:]) < 9:
            self._say("wecom", at + 12 * DAY, "friend_invited", {"way": "海报"})
        joined = self._after(at, 6 * DAY) if self._likely(0.5) else 0
        if joined:
            group = {"group": self._chance.choice(_GROUPS)}
            self._say("wecom", joined, "group_joined", group)
            if self._likely(0.16):
                self._say("wecom", self._after(joined, 60 * DAY), "group_left", group)
        if self._likely(0.09):
            self._say("wecom", self._after(at, 90 * DAY), "wecom_friend_removed", {"staff": added["staff"]})

    def _install(self) -> None:
        at = self.met if self.home == "app" else self._after(self.met, 30 * DAY)
        token = {"push_token": self.who.secret("push", 40)}
        self._say("app", at, "app_installed", {"store": self.who.origin.partition("/")[2]}, traits=token)
        if at and self._likely(0.12):
            self._say("app", self._after(at, 150 * DAY), "app_uninstalled")

    # --- buying and looking -----------------------------------------------------------------------------------------

    def _door_of(self, at: int, place: int) -> str:
        """Where an order is placed: where the person usually buys, or by a member anywhere."""
        if place and self.doors and self.registered and at > self.registered + DAY and self._likely(0.2):
            return self._chance.choice(self.doors)
        return self.home

    def _buy(self, at: int, place: int, purchase: Purchase) -> None:
        door = self._door_of(at, place)
        good = goods.fitting(self._chance, purchase.fen // purchase.units)
        order = order_props(f"{SHOPS[door]}", self.order_id(at, place), good, purchase.units, purchase.fen)
        began = at - self._minutes(4, 20)
        if door in OWN:
            self._look(door, began, good, 0.7)
            if self._likely(0.75):
                self._say(door, at - self._minutes(1, 3), "cart_added", product(good, purchase.units))
            if not place and self.registered and self._likely(0.4):
                order["coupon"] = "NEW20"
                self._say(door, at - SECOND, "coupon_used", {"coupon": "新人礼券 ¥20", "coupon_id": "NEW20"})
        elif door == "store" and self._likely(0.6):
            self._say("store", began, "store_visited", {"store": SHOPS["store"], "staff": self._chance.choice(_STAFF)})
        self._say(door, at, "order_paid", order)
        if purchase.fen and self._likely(0.012):
            self._refund(door, at, order, purchase.fen)

    def _refund(self, door: str, at: int, order: Facts, fen: int) -> None:
        back = fen if self._likely(0.6) else fen // 2
        props = {"order_id": order["order_id"], "shop": order["shop"], "revenue": back / 100}
        self._say(door, self._after(at, 4 * DAY), "order_refunded", props | {"reason": "皮肤不耐受"})

    def order_id(self, at: int, place: int) -> str:
        return f"{self.who.number:05d}{place:03d}{at // SECOND}"

    def _look(self, door: str, at: int, good: goods.Good, further: float) -> None:
        event, props = visit(door, good)
        self._say(door, at, event, props)
        if self._likely(further):
            self._say(door, at + self._minutes(0.2, 2), "product_viewed", product(good))

    def _wander(self) -> None:
        """Visits that end without an order; some leave a cart behind."""
        if not self.doors:
            return
        count = int(self._chance.expovariate(1 / 1.1)) + (not self.orders)
        first = day_of(self.met)
        for _ in range(min(count, 12)):
            at = self._hours.moment(self._chance, self._season.draw(self._chance, first, self._hours.today))
            if at > self.met:
                self._visit(at, 0.28)

    def _come_by(self) -> None:
        day = self._chance.randint(self._hours.today - 6, self._hours.today)
        at = self._hours.moment(self._chance, day)
        if at > self.met:
            self._visit(at, 0.6)

    def _visit(self, at: int, carts: float) -> None:
        door, good = self._chance.choice(self.doors), goods.some(self._chance)
        self._look(door, at, good, 0.8)
        if self._likely(carts):
            self._say(door, at + self._minutes(2, 4), "cart_added", product(good, self._chance.choice((1, 1, 1, 2))))


def friendship(who: Member, chance: Random, way: str) -> tuple[Facts, Facts]:
    """Properties of a new WeCom friendship, and what WeCom tells about the person."""
    staff = chance.choice(_STAFF)
    traits: Facts = {
        "external_userid": who.secret("wecom", 32, "wm"),
        "unionid": who.secret("union", head="oU"),
        "nickname": who.nick,
        "wecom_staff": [staff],
    }
    return {"staff": staff, "way": way}, traits


def product(good: goods.Good, quantity: int = 0) -> Facts:
    """Properties of an event about one good; with a quantity it has a price."""
    found: Facts = {
        "product_id": good.sku,
        "product_name": good.name,
        "category": good.category,
        "price": good.price,
    }
    return found | {"quantity": quantity} if quantity else found


def visit(door: str, good: goods.Good) -> tuple[str, Facts]:
    """The event that opens a visit."""
    if door == "mini":
        return "mp_visited", {"scene": "公众号菜单", "path": f"/pages/goods?sku={good.sku}"}
    if door == "app":
        return "app_opened", {"from_background": True}
    return "page_viewed", {"url": f"https://www.cleara.example/goods/{good.sku}", "title": good.name}


def order_props(shop: str, order_id: str, good: goods.Good, units: int, fen: int) -> Facts:
    """Properties of a paid order; ``revenue`` is yuan, exactly ``fen``."""
    return {
        "order_id": order_id,
        "shop": shop,
        "revenue": fen / 100,
        "currency": "CNY",
        "units": units,
        "product_id": good.sku,
        "product_name": good.name,
        "category": good.category,
    }
