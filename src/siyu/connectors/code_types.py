"""Channel codes as the API takes and shows them."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from siyu.connectors.contract import Target
from siyu.delivery import field

CodeKind = Literal["staff", "store", "parcel", "campaign"]
Name = Annotated[str, Meta(min_length=1, max_length=60)]
_CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"
StaffId = Annotated[str, Meta(max_length=64, pattern=r"^[\w.@-]*$")]


class Shift(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A member who takes customers. ``daily_limit`` 0: none."""

    staff: Annotated[str, field("成员 userid", "Member's userid", min_length=1, max_length=64, pattern=r"^[\w.@-]+$")]
    daily_limit: Annotated[
        int, field("每日上限", "A day at most", "0 表示不限", "0 means no limit", ge=0, le=100_000)
    ] = 0


class CodeConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``opens`` and ``closes`` on the shop's clock (equal: always). ``overflow`` takes whom nobody else can; empty:
    the page asks to come back. ``text`` and ``link`` greet who joins; ``tags`` are given to them, here and at the
    vendor. ``gift`` is what a parcel card promises, once an order.
    """

    staff: Annotated[
        tuple[Shift, ...],
        field("接待成员", "Members", "轮流接待，今天最少的先来", "They take turns, whoever had fewest today first",
              max_length=100),
    ] = ()  # fmt: skip
    opens: Annotated[
        str,
        field(
            "上班时间", "Opens", "与下班时间相同表示全天", "The same as closing: all day", pattern=_CLOCK, max_length=5
        ),
    ] = "00:00"
    closes: Annotated[str, field("下班时间", "Closes", pattern=_CLOCK, max_length=5)] = "00:00"
    overflow: Annotated[
        str,
        field("备用成员", "Overflow member", "下班或都满时由他接待", "Out of hours, and when all are full",
              max_length=64, pattern=r"^[\w.@-]*$"),
    ] = ""  # fmt: skip
    tags: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=30)], ...],
        field("自动打标签", "Tags", "同时打到平台", "Given at the vendor too", max_length=20),
    ] = ()
    text: Annotated[str, field("欢迎语", "Welcome", long=True, max_length=600)] = ""
    link: Annotated[str, field("欢迎语链接", "Link", max_length=500, pattern=r"^(https?://\S+)?$")] = ""
    gift: Annotated[
        str, field("包裹卡礼品", "Parcel gift", "每个订单只许诺一次", "Promised once an order", max_length=200)
    ] = ""


class NewCode(msgspec.Struct, frozen=True):
    install_id: Annotated[str, Meta(max_length=60)]
    name: Name
    kind: CodeKind
    config: CodeConfig = CodeConfig()


class CodeChange(msgspec.Struct, frozen=True):
    """Replaces them."""

    name: Name
    disabled: bool
    config: CodeConfig


class StaffCount(msgspec.Struct, frozen=True):
    staff: str
    opened: int
    joined: int


class CodeView(msgspec.Struct, frozen=True):
    """``url`` is what is printed; it stays when the vendor's code is replaced. ``match_rate``: of those who joined by a
    parcel card, the share that was recognised by an order of its batch (null while nobody has joined)."""

    id: str
    install_id: str
    install_name: str
    name: str
    kind: CodeKind
    url: str
    state: str
    config: CodeConfig
    targets: dict[str, Target]
    disabled: bool
    created_at: str
    opened: int
    joined: int
    joined_today: int
    lost: int
    orders: int
    matched: int
    gifts: int
    match_rate: float | None
    missing: list[str]
    """Staff (empty: the code itself) whose vendor code could not be made yet."""
    version: int


class Day(msgspec.Struct, frozen=True):
    day: str
    opened: int
    joined: int
    lost: int


class CodeStats(msgspec.Struct, frozen=True):
    days: list[Day]
    staff: list[StaffCount]


class Orders(msgspec.Struct, frozen=True):
    """Order numbers a batch of parcel cards went out with."""

    orders: Annotated[list[Annotated[str, Meta(min_length=1, max_length=100)]], Meta(min_length=1, max_length=20_000)]
    shop: Annotated[str, Meta(max_length=100)] = ""


class OrdersAdded(msgspec.Struct, frozen=True):
    """``elsewhere``: in another batch already, left there."""

    added: int
    elsewhere: int
    matched: int


class Remake(msgspec.Struct, frozen=True):
    """Make the vendor's code anew: all of them, or a member's."""

    staff: StaffId | None = None


class Landing(msgspec.Struct, frozen=True):
    """What a customer sees who has scanned."""

    brand: str
    name: str
    picture: str
    closed: bool
