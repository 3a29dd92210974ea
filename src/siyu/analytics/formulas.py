"""How each figure is made, in words."""

from __future__ import annotations

from siyu.catalog import Label

FORMULAS: dict[str, Label] = {
    "known": Label(
        "已识别的用户数：按身份合并后去重，不含已删除的用户。员工和测试账号不计入任何数字。",
        "Persons we know: one each after their identities are joined, without those deleted."
        " Staff and test accounts count in no figure.",
    ),
    "reachable": Label(
        "至少能在一个自有渠道主动触达的用户数：公众号、企微好友、社群、小程序、App、短信或邮件，有地址或仍在关注，"
        "且未退订、未撤回同意。网站要等人来访，不计入。",
        "Persons we can reach out to on at least one channel of our own (Official Account, WeCom, group, Mini Program,"
        " app, SMS, email): an address or a live follow, and consent not withdrawn. A website waits for the visitor"
        " and doesn't count.",
    ),
    "active_30d": Label(
        "所选时段内有过自身行为、订单、用券或建立联系的用户数；我们发出的消息、人群和旅程的进出、退订和取关不算。",
        "Persons who in the chosen period did something themselves: behaviour, an order, a coupon, a new contact."
        " Messages we sent, moves in audiences and journeys, opt-outs and unfollows don't count.",
    ),
    "new": Label("首次出现在所选时段内的用户数。", "Persons first seen in the chosen period."),
    "entered": Label(
        "所选时段内进入私域的用户数（每人只计首次）：关注、加好友、入群、注册、绑定手机或装 App。",
        "Persons who entered the private domain in the chosen period, each counted once:"
        " a follow, friend, group, registration, bound mobile or app install.",
    ),
    "revenue": Label(
        "所选时段内的实付金额减去退款金额。",
        "Payments less refunds in the chosen period.",
    ),
    "from_new": Label(
        "首单发生在所选时段内的用户所贡献的收入。",
        "Revenue from persons whose first order falls into the chosen period.",
    ),
    "from_existing": Label(
        "首单早于所选时段的用户所贡献的收入。", "Revenue from persons who had ordered before the chosen period."
    ),
    "orders": Label(
        "所选时段内支付的订单数，同一订单只计一次。", "Orders paid in the chosen period, each counted once."
    ),
    "lifecycle": Label(
        "按最近一次下单、进入私域或首次出现的时间，用设置中的时间窗划分，互不重叠。",
        "By the last order, else by entering or being first seen, with the windows of the settings. One each.",
    ),
    "owned": Label(
        "与该渠道有联系的用户数（有地址或在关注中），不论是否同意接收。",
        "Persons with a tie to the channel (an address or a live follow), whatever they consent to.",
    ),
    "previous": Label("与紧邻的上一个等长时段相比。", "Compared with the period of the same length just before."),
}
