"""The first days: welcome, becoming a friend, friend and group in one order or the other."""

from __future__ import annotations

from siyu.journeys.templates.drawing import Drawing, Say, Template, count
from siyu.journeys.types import Graph


def _welcome(say: Say, _audience: str) -> Graph:
    drawing = Drawing(say, reentry="never", goal_events=["order_paid"])
    drawing.step("registered", "trigger_event", event="member_registered")
    drawing.mail(
        "hello",
        "registered",
        zh=(
            "{{name|你好}}，欢迎加入",
            "谢谢你成为会员。先认识一下：我们最受欢迎的三款、会员能享受什么、有问题找谁，都在这里。",
        ),
        en=(
            "Welcome, {{name|friend}}",
            "Thank you for joining. First things first: our three favourites, what members get, and whom to ask.",
        ),
        coupon=True,
    )
    drawing.wait("two_days", "hello", days=2)
    drawing.step("morning", "wait_until", "two_days", at="10:00")
    drawing.mail(
        "pick",
        "morning",
        zh=("不知道从哪款开始？", "新朋友大多从这几款开始。看看哪款适合你，拿不准就直接回复，我们帮你挑。"),
        en=(
            "Not sure where to begin?",
            "Most begin with these. See which suits you; if in doubt, just answer and we will help you choose.",
        ),
        coupon=True,
    )
    drawing.wait("five_days", "pick", days=5)
    drawing.step("end", "exit", "five_days")
    return drawing.graph()


def _add_friend(say: Say, _audience: str) -> Graph:
    friend, best = say("已是好友", "Already a friend"), say("高价值老客", "High value")
    repeat = say("复购客", "Repeat buyer")
    spent = {
        **count("order_paid", "gte", 100_000, last_days=365),
        "aggregate": "sum",
        "property": "amount",
    }
    drawing = Drawing(say, reentry_days=60, goal_events=["wecom_friend_added"])
    drawing.step("ordered", "trigger_event", event="order_paid")
    drawing.wait("a_day", "ordered", days=1)
    drawing.step(
        "stage",
        "branch_rule",
        "a_day",
        branches=[
            {"name": friend, "rule": {"reachable": "wecom_friend"}},
            {"name": best, "rule": spent},
            {"name": repeat, "rule": {"lifecycle": ["repeat"]}},
        ],
    )
    drawing.step(
        "invite",
        "task",
        ("stage", best),
        title=say("邀请添加企微好友", "Invite to add us on WeCom"),
        note=say(
            "近一年消费满 1000 元，请亲自联系，说明能提供的专属服务。",
            "Spent ¥1,000 in a year: reach out in person and say what service they get.",
        ),
        due_hours=48,
    )
    drawing.mail(
        "for_repeat",
        ("stage", repeat),
        zh=("{{name|你}}的专属顾问在等你", "谢谢你再次选择我们。加专属顾问为好友，补货提醒、新品试用优先告诉你。"),
        en=(
            "Your own adviser is waiting, {{name|friend}}",
            "Thank you for coming back. Add your adviser and hear first about restocks and samples of what is new.",
        ),
    )
    drawing.mail(
        "for_first",
        ("stage", "else"),
        zh=("第一次用？有人一对一教你", "加顾问为好友，收货后有人教你怎么用最有效，有问题随时问。"),
        en=(
            "First time? Somebody shows you how",
            "Add our adviser: when your parcel comes, somebody shows you how to use it best and answers what you ask.",
        ),
    )
    drawing.wait("three_days", "for_repeat", "for_first", days=3)
    drawing.step("end", "exit", "three_days", ("stage", friend), "invite", ("invite", "refused"), ("invite", "timeout"))
    return drawing.graph()


_FRIEND, _GROUP = "wecom_friend_added", "group_joined"


def _friend_and_group(say: Say, _audience: str) -> Graph:
    """An experiment: half is asked to become friends first, half to join the group first."""
    first = say("先好友后社群", "Friend, then group")
    drawing = Drawing(say, reentry="never")
    drawing.step("ordered", "trigger_event", event="order_paid")
    drawing.step("order", "split", "ordered", branches=[{"name": first, "percent": 50}])
    friend_a, group_a = _invite(drawing, say, "a_friend", ("order", first)), "a_group"
    _invite(drawing, say, group_a, friend_a, (friend_a, "happened"))
    group_b, friend_b = _invite(drawing, say, "b_group", ("order", "else")), "b_friend"
    _invite(drawing, say, friend_b, group_b, (group_b, "happened"))
    ends = [f"{group_a}_wait", f"{friend_b}_wait"]
    both = say("好友和社群都加了", "Friend and in the group")
    drawing.step("both", "goal", *[(one, "happened") for one in ends], name=both, ends=True)
    drawing.step("end", "exit", *ends)
    return drawing.graph()


def _invite(drawing: Drawing, say: Say, id: str, *behind: str | tuple[str, str]) -> str:
    """One invitation, and three days for it; answers the wait."""
    friend = id.endswith("friend")
    if friend:
        zh = ("加顾问为好友", "加顾问为好友，有问题一对一回答。")
        en = ("Add our adviser", "Add our adviser and ask one to one.")
    else:
        zh = ("进群领福利", "进群看用法、抢试用，群友都是同款用户。")
        en = ("Join our group", "Join the group: how to use it, samples, and others who have the same.")
    drawing.mail(id, *behind, zh=zh, en=en)
    return drawing.wait(f"{id}_wait", id, days=3, until=_FRIEND if friend else _GROUP)


TEMPLATES = (
    Template(
        "welcome",
        {"zh": "新会员欢迎", "en": "Welcome"},
        {
            "zh": "注册后马上欢迎，两天后上午教他怎么选；下单即达成目标",
            "en": "Welcomes at once, helps to choose two mornings later; an order is the goal",
        },
        _welcome,
    ),
    Template(
        "add_friend",
        {"zh": "按阶段加好友", "en": "Add as a friend, by stage"},
        {
            "zh": "下单次日按价值和阶段分开邀请：高价值派员工，复购客和首单客各发一封；已是好友的不打扰",
            "en": "A day after an order: staff for high value, mails for repeat and first buyers, none for friends",
        },
        _add_friend,
    ),
    Template(
        "friend_and_group",
        {"zh": "先好友还是先社群", "en": "Friend or group first"},
        {
            "zh": "一半人先加好友再进群，一半人先进群再加好友，看哪个顺序两样都加的人多",
            "en": "Half become friends, then join the group; half the other way round. Which order brings more?",
        },
        _friend_and_group,
    ),
)
