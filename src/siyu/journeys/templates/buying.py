"""Around an order: the cart left alone, care after it, and the next one when it is due."""

from __future__ import annotations

from siyu.journeys.templates.drawing import Drawing, Say, Template, Wanted, count
from siyu.journeys.types import Graph


def _abandoned_cart(say: Say, _audience: str) -> Graph:
    drawing = Drawing(say, exit_events=["order_paid"])
    drawing.step("cart", "trigger_event", event="cart_added")
    drawing.step("wait", "wait", "cart", minutes=60)
    drawing.step("holdout", "holdout", "wait", percent=10)
    drawing.mail(
        "send",
        "holdout",
        zh=(
            "{{name|你}}，购物车里的好物还在等你",
            "你加到购物车的「{{event.name|好物}}」还在等你。喜欢就带走吧，库存不等人。",
        ),
        en=(
            "{{name|Hello}}, your cart is still waiting",
            "Your {{event.name|pick}} is still in the cart. If you like it, take it while it is in stock.",
        ),
        coupon=True,
        repeat_days=14,
    )
    drawing.step("end", "exit", "send")
    return drawing.graph()


def _care(say: Say, _audience: str) -> Graph:
    again = say("买过不止一次", "Bought before")
    drawing = Drawing(say, exit_events=["order_refunded"])
    drawing.step("ordered", "trigger_event", event="order_paid")
    drawing.wait("arrives", "ordered", days=4)
    drawing.step("evening", "wait_until", "arrives", at="19:30")
    drawing.mail(
        "how_to",
        "evening",
        zh=("收到了吗？这样用效果最好", "东西应该到了。三步用法和常见问题都在这里，用着不对劲直接回复，我们管到底。"),
        en=(
            "Has it arrived? How to get the most of it",
            "It should be with you. Three steps and the common questions are here. Anything wrong? Just answer.",
        ),
    )
    drawing.wait("used", "how_to", days=10)
    drawing.step(
        "which", "branch_rule", "used", branches=[{"name": again, "rule": count("order_paid", "gte", 2, last_days=365)}]
    )
    drawing.mail(
        "review",
        ("which", again),
        zh=("你的真实感受，别人很想听", "你用得久，最有发言权。写两句真实感受，好的坏的都欢迎。"),
        en=(
            "Others would like to hear what you think",
            "You know it best. Two honest lines, good or bad, are welcome.",
        ),
    )
    drawing.mail(
        "ask",
        ("which", "else"),
        zh=("用了两周，感觉怎么样？", "第一次用，有没有哪里不顺？回复这封邮件，有人帮你。"),
        en=("Two weeks in: how is it?", "It is your first: is anything awkward? Answer this mail and somebody helps."),
    )
    drawing.step("end", "exit", "review", "ask")
    return drawing.graph()


def _repurchase(say: Say, audience: str) -> Graph:
    drawing = Drawing(say, reentry_days=45, goal_events=["order_paid"])
    drawing.step("due", "trigger_audience", audience=audience, on="entered")
    drawing.step("holdout", "holdout", "due", percent=10)
    drawing.step("best", "wait_best", "holdout")
    drawing.mail(
        "remind",
        "best",
        zh=("{{name|你}}常用的，是不是快用完了？", "按你平常的节奏，这会儿该补货了。一键再来一单，老地址老规格。"),
        en=(
            "Running low, {{name|friend}}?",
            "By your own rhythm it is about time. Order the same again with one click.",
        ),
        coupon=True,
    )
    drawing.wait("week", "remind", days=7)
    drawing.mail(
        "offer",
        "week",
        zh=("给老朋友留的一份", "还没补货？这份优惠只给常来的人，一周内有效。"),
        en=("Kept for you", "Not yet? This is for regulars only and holds for a week."),
        coupon=True,
    )
    drawing.wait("last", "offer", days=7)
    drawing.step("end", "exit", "last")
    return drawing.graph()


_DUE = {
    "all": [
        count("order_paid", "gte", 3, last_days=365),
        count("order_paid", "lt", {"own": 0.5, "window": {"ago": [45, 365], "unit": "days"}}, last_days=45),
    ]
}

TEMPLATES = (
    Template(
        "abandoned_cart",
        {"zh": "加购未付款", "en": "Abandoned cart"},
        {
            "zh": "加购后等一小时，没下单的人留一成作对照，其余发一封提醒；任何时候下单就离开",
            "en": "Waits an hour, holds out a tenth of those who have not ordered, reminds the rest; an order ends it",
        },
        _abandoned_cart,
    ),
    Template(
        "care",
        {"zh": "购后关怀", "en": "Care after a purchase"},
        {
            "zh": "收货后教用法，两周后老客请评价、新客问感受；退款就离开",
            "en": "How to use it on arrival; then a review from regulars, a question to new ones; refunds end it",
        },
        _care,
    ),
    Template(
        "repurchase",
        {"zh": "按自己的周期回购", "en": "Repurchase by their own cycle"},
        {
            "zh": "和自己平常比，最近买得不到一半的常客，挑他最常看的时段提醒，一周后再给优惠",
            "en": "Regulars who lately bought less than half their usual: a reminder at their best hour, then an offer",
        },
        _repurchase,
        Wanted({"zh": "该回购的常客", "en": "Regulars due to buy again"}, _DUE),
    ),
)
