"""Who the demo's people are: every one follows from the seed and a number, and from nothing else."""

from __future__ import annotations

import base64
import hashlib
from random import Random
from uuid import UUID

import msgspec

from siyu.demo import names

Ids = dict[str, str]
"""Kind → raw value, as a door takes it: user_id, device, mobile, unionid, openid_mp, openid_oa, external_userid …"""

_MAILS = ("qq.example", "163.example", "126.example", "outlook.example", "foxmail.example")
_ORIGINS = {
    "tmall": ("电商平台/天猫", "电商平台/天猫", "社交内容/小红书", "短视频/抖音"),
    "mini": ("社交内容/小红书", "短视频/抖音", "私域裂变/好友推荐", "广告/朋友圈广告"),
    "app": ("应用商店/App Store", "应用商店/华为应用市场", "搜索/百度"),
    "web": ("搜索/百度", "搜索/必应", "社交内容/知乎"),
    "store": ("线下/静安门店", "线下/太古里门店", "线下/包裹卡"),
}
_HOMES = ("tmall", "mini", "app", "web", "store")
_HOME_SHARES = (38, 34, 11, 7, 10)
_SKIN = ("干性", "油性", "混合性", "敏感性", "中性")
_PLACES = 100_000_000
_STEP = 61_803_399
"""Odd and no multiple of five, so that numbers one after another get mobiles far apart and never the same."""


class Member(msgspec.Struct, frozen=True):
    """``home`` is where the person usually buys; ``born`` is ISO; ``mail`` is an address, given to the brand or not."""

    number: int
    seed: int
    name: str
    nick: str
    gender: str
    born: str
    province: str
    city: str
    skin: str
    home: str
    origin: str
    mail: str
    mobile: str

    @property
    def user_id(self) -> str:
        return f"M{self.number + 1_000_000:07d}"

    @property
    def card(self) -> str:
        return f"8866{self.number + 10_000_000:08d}"

    def secret(self, kind: str, length: int = 28, head: str = "") -> str:
        """An identifier such as vendors make: always the same for this person, and like no other's."""
        digest = hashlib.blake2b(f"{self.seed}/{kind}/{self.number}".encode(), digest_size=24).digest()
        return (head + base64.urlsafe_b64encode(digest).decode())[:length]

    def device(self, kind: str) -> str:
        """A UUID as a browser or phone makes it up."""
        digest = hashlib.blake2b(f"{self.seed}/{kind}/{self.number}".encode(), digest_size=16).digest()
        return str(UUID(bytes=digest, version=4))

    def traits(self) -> dict[str, object]:
        """What the person told about themself on registering; school and income only those who like forms."""
        day = int(self.born[8:])
        asked = {"education": _SCHOOLS[day % len(_SCHOOLS)]} if day % 3 == 0 else {}
        asked |= {"income": _INCOMES[day % len(_INCOMES)]} if day % 5 == 0 else {}
        return asked | {
            "name": self.name,
            "gender": self.gender,
            "birthday": self.born,
            "birth_month": int(self.born[5:7]),
            "province": self.province,
            "city": self.city,
            "skin_type": self.skin,
            "origin": self.origin,
        }


_SCHOOLS = ("本科", "大专", "硕士", "本科", "高中")
_INCOMES = ("8千–1.5万", "1.5万–3万", "8千以下", "3万以上")


def chance_of(seed: int, number: int, what: str) -> Random:
    """Chance that is the same on every run; not for secrets."""
    return Random(f"{seed}/{what}/{number}")  # noqa: S311


def member(seed: int, number: int, prefix: str = "142") -> Member:
    """Person ``number`` of the demo. Mobiles begin with ``prefix``: no operator gives out 142 or 143."""
    chance = chance_of(seed, number, "member")
    gender = "女" if chance.random() < 0.83 else "男"
    name, letters = names.full_name(chance, gender)
    if number % 199 == 11:
        name = names.UNUSUAL[number // 199 % len(names.UNUSUAL)]
    home = chance.choices(_HOMES, _HOME_SHARES)[0]
    province, city = names.place(chance)
    year = 2026 - int(18 + 34 * chance.betavariate(2, 3.2))
    born = f"{year}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
    return Member(
        number=number,
        seed=seed,
        name=name,
        nick=names.nickname(chance) if chance.random() < 0.5 else name,
        gender=gender,
        born=born,
        province=province,
        city=city,
        skin=chance.choice(_SKIN),
        home=home,
        origin=chance.choice(_ORIGINS[home]),
        mail=f"{letters}{year % 100:02d}.{number:x}@{chance.choice(_MAILS)}",
        mobile=f"{prefix}{number * _STEP % _PLACES:08d}",
    )
