"""What the made-up brand sells."""

from __future__ import annotations

from random import Random

import msgspec

BRAND = "澄颜（演示品牌）"


class Good(msgspec.Struct, frozen=True):
    """``price`` is the list price in yuan."""

    sku: str
    name: str
    category: str
    price: int


_SHELF = (
    (29, "旅行装体验套盒", "小样"), (39, "茉莉保湿护手霜", "身体护理"), (49, "清透气垫粉扑 2 枚", "工具"),
    (59, "玫瑰纯露 150ml", "爽肤水"), (69, "积雪草舒缓面膜 5 片", "面膜"), (75, "烟酰胺身体乳 250ml", "身体护理"),
    (79, "氨基酸洁面乳 120g", "洁面"), (85, "玻尿酸补水面膜 10 片", "面膜"), (89, "轻润防晒乳 SPF50+", "防晒"),
    (92, "鲜活卸妆油 200ml", "卸妆"), (95, "绿茶净肤爽肤水", "爽肤水"), (99, "神经酰胺修护乳液", "乳液"),
    (102, "发酵精粹水 150ml", "爽肤水"), (108, "水杨酸祛痘精华 30ml", "精华"), (115, "富勒烯眼霜 15g", "眼霜"),
    (122, "安瓶修护精华 7 支", "精华"), (129, "维 C 焕亮精华 30ml", "精华"), (138, "角鲨烷修护面霜 50g", "面霜"),
    (149, "A 醇紧致晚霜 50g", "面霜"), (168, "玻色因抗皱精华 30ml", "精华"), (198, "冻干粉修护套装", "套装"),
    (238, "水乳霜三件套", "套装"), (299, "双 11 限定礼盒", "礼盒"),
)  # fmt: skip
SHELF = tuple(Good(f"CL{place:03d}", name, category, price) for place, (price, name, category) in enumerate(_SHELF, 1))


def fitting(chance: Random, unit_fen: int) -> Good:
    """A good whose list price is near what was paid for one."""
    nearest = min(range(len(SHELF)), key=lambda place: abs(SHELF[place].price * 100 - unit_fen))
    return SHELF[min(len(SHELF) - 1, max(0, nearest + chance.randint(-1, 2)))]


def some(chance: Random) -> Good:
    return chance.choice(SHELF)
