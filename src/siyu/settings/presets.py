"""What is usual in an industry: lifecycle windows, the figure to look at first, where frequent and dear begin.

The windows are starting points read off how often people of the trade come back, not laws: an operator may set others.
"""

from __future__ import annotations

from typing import Literal

import msgspec

PresetName = Literal[
    "general", "cosmetics", "apparel", "food", "mother_baby", "health", "electronics", "hair_transplant", "b2b"
]
Kpi = Literal["repeat_rate", "conversion", "order_value", "orders_per_buyer", "buyer_value", "referral_rate"]


class Words(msgspec.Struct, frozen=True):
    zh: str
    en: str


class Preset(msgspec.Struct, frozen=True):
    """Windows in days. ``often``: orders from which somebody buys often. ``frequent``: orders in a year, ``dear_fen``:
    price of an order, from which a buyer counts as such. ``stages``: what stages are called where not as usual."""

    name: PresetName
    label: Words
    why: Words
    new_days: int
    silent_days: int
    churned_days: int
    kpi: Kpi
    often: int
    frequent: int
    dear_fen: int
    stages: dict[str, Words] = {}


_ALL = (
    Preset(
        "general", Words("通用", "General"),
        Words("还不确定时先用它：一个季度没来就算沉默。",
              "While you don't know yet: a quarter without an order is silent."),
        30, 90, 180, "repeat_rate", 3, 3, 50_000,
    ),
    Preset(
        "cosmetics", Words("美妆护肤", "Cosmetics"),
        Words("一瓶护肤品用 2～3 个月，过了用完的时间没回来就是沉默。",
              "A bottle lasts two to three months; silent once it must be empty."),
        30, 75, 150, "repeat_rate", 3, 4, 40_000,
    ),
    Preset(
        "apparel", Words("服饰鞋包", "Apparel"),
        Words("按季上新，错过一季是沉默，错过两季是流失。",
              "Collections come by the season: one missed is silent, two are lost."),
        30, 100, 200, "orders_per_buyer", 3, 4, 50_000,
    ),
    Preset(
        "food", Words("食品生鲜", "Food"),
        Words("每周都吃，一个月不来就要唤回。", "Eaten every week: a month away is the time to win back."),
        14, 30, 90, "orders_per_buyer", 4, 12, 15_000,
    ),
    Preset(
        "mother_baby", Words("母婴", "Mother and baby"),
        Words("奶粉尿裤按月消耗，宝宝长大就换段，窗口要短。",
              "Formula and nappies go by the month and the child grows: windows are short."),
        21, 45, 120, "repeat_rate", 3, 8, 40_000,
    ),
    Preset(
        "health", Words("营养保健", "Health food"),
        Words("一个疗程 2～3 个月，断了就是沉默。", "A course takes two to three months; a break in it is silent."),
        30, 60, 150, "repeat_rate", 3, 4, 60_000,
    ),
    Preset(
        "electronics", Words("数码家电", "Electronics"),
        Words("一两年才换一次，看的是整段关系带来多少。",
              "Bought every year or two; what counts is the value of the whole relation."),
        60, 365, 730, "buyer_value", 2, 2, 150_000,
    ),
    Preset(
        "hair_transplant", Words("植发医美", "Hair transplant"),
        Words("决策长、一次成交，之后靠术后关怀和转介绍。",
              "A long decision and one deal; afterwards care and referrals bring the next."),
        90, 365, 1095, "conversion", 2, 2, 500_000,
        {"new": Words("咨询中", "Considering"), "first_order": Words("已手术", "Treated"),
         "repeat": Words("复诊加购", "Returned"), "silent": Words("久未联系", "Out of touch")},
    ),
    Preset(
        "b2b", Words("B2B 企业服务", "B2B"),
        Words("从线索到签约要几个月，看转化；续约按年。",
              "From lead to contract takes months, so conversion counts; renewal is by the year."),
        90, 270, 450, "conversion", 2, 2, 1_000_000,
        {"new": Words("线索", "Lead"), "first_order": Words("首签", "First contract"),
         "repeat": Words("续约", "Renewed"), "silent": Words("待激活", "Dormant")},
    ),
)  # fmt: skip

PRESETS: dict[str, Preset] = {preset.name: preset for preset in _ALL}
