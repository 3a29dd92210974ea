"""What the figures, steps and quarters are called, and what to do about them."""

from __future__ import annotations

from siyu.catalog import Label
from siyu.settings import Kpi

FIGURES: dict[Kpi, tuple[Label, Label, str]] = {
    "repeat_rate": (
        Label("复购率", "Repeat rate"),
        Label("买过 2 单以上的用户 ÷ 买过的用户。", "Persons with two orders or more ÷ persons with any."), "share",
    ),
    "conversion": (
        Label("私域转化率", "Conversion"),
        Label("进入私域且买过的用户 ÷ 进入私域的用户。", "Buyers among those who entered ÷ persons who entered."),
        "share",
    ),
    "order_value": (
        Label("客单价", "Order value"),
        Label("实收（减退款）÷ 订单数。", "Revenue after refunds ÷ orders."), "fen",
    ),
    "orders_per_buyer": (
        Label("年均购买次数", "Orders a year"),
        Label("近 365 天的订单数 ÷ 买过的用户。", "Orders of the last 365 days ÷ buyers."), "count",
    ),
    "buyer_value": (
        Label("人均贡献", "Value of a buyer"),
        Label("实收（减退款）÷ 买过的用户。", "Revenue after refunds ÷ buyers."), "fen",
    ),
    "referral_rate": (
        Label("转介绍率", "Referral rate"),
        Label("带来过朋友的用户 ÷ 买过的用户。", "Persons who brought a friend ÷ buyers."), "share",
    ),
}  # fmt: skip

STEPS: tuple[tuple[str, Label, Label], ...] = (
    ("stranger", Label("陌生", "Stranger"), Label("知道有这个人，还没有联系。", "We know of them, no tie yet.")),
    (
        "contact", Label("建联", "Contact"),
        Label("进入了私域，或至少一个渠道够得着。", "Entered the private domain, or in reach of a channel."),
    ),
    (
        "trusts", Label("信任", "Trusts"),
        Label("同意接收、注册、绑手机、领券或主动来问。",
              "Gave consent, registered, bound a mobile, took a coupon, or wrote to us."),
    ),
    ("buys", Label("购买", "Buys"), Label("付过一单。", "Paid an order.")),
    (
        "often", Label("常买", "Buys often"),
        Label("订单数达到行业预设的“常买”。", "As many orders as the industry preset calls often."),
    ),
    ("refers", Label("转介绍", "Refers"), Label("带来过朋友。", "Brought a friend.")),
)  # fmt: skip

QUARTERS: dict[tuple[bool, bool], tuple[str, Label, Label]] = {
    (False, True): (
        "rare_dear", Label("低频高价", "Rare and dear"),
        Label("内容与对话：案例、专业科普、一对一顾问，成交后做服务和转介绍，少打折。",
              "Content and dialogue: cases, expertise, an adviser of one's own; service and referral after the deal,"
              " few discounts."),
    ),
    (True, True): (
        "frequent_dear", Label("高频高价", "Frequent and dear"),
        Label("会员与专属：高等级权益、专属客服、新品优先，守住这群人。",
              "Membership: privileges, a contact of their own, first to see what is new. Keep these."),
    ),
    (True, False): (
        "frequent_cheap", Label("高频低价", "Frequent and cheap"),
        Label("复购与促销：周期提醒、满减拼团、签到积分，把频次做得更高。",
              "Repurchase and promotion: reminders by the cycle, bundles and group buys, points. Raise the frequency."),
    ),
    (False, False): (
        "rare_cheap", Label("低频低价", "Rare and cheap"),
        Label("拉频或升单：组合装、订阅、关联推荐；带不动就少投入。",
              "Raise frequency or basket: sets, subscriptions, related goods; where that fails, spend little."),
    ),
}  # fmt: skip
