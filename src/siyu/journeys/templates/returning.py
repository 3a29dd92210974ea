"""Over months: winning back, birthdays, a long nurture."""

from __future__ import annotations

from siyu.journeys.templates.drawing import Drawing, Say, Template, Wanted, count
from siyu.journeys.types import Graph


def _win_back(say: Say, audience: str) -> Graph:
    valued = say("曾是高频客", "Bought often")
    drawing = Drawing(say, reentry_days=180, goal_events=["order_paid"])
    drawing.step("silent", "trigger_audience", audience=audience, on="entered")
    drawing.step("holdout", "holdout", "silent", percent=10)
    drawing.mail(
        "miss",
        "holdout",
        zh=("{{name|你}}，好久不见", "好久没见，最近换了几款新的，也听了大家的建议改了包装。回来看看？"),
        en=(
            "It has been a while, {{name|friend}}",
            "It has been a while. Some things are new, and some better for what we were told. Have a look?",
        ),
    )
    drawing.wait("ten_days", "miss", days=10)
    drawing.step(
        "worth",
        "branch_rule",
        "ten_days",
        branches=[{"name": valued, "rule": count("order_paid", "gte", 4)}],
    )
    drawing.step(
        "call",
        "task",
        ("worth", valued),
        title=say("回访沉默老客", "Call on a silent regular"),
        note=say(
            "买过四次以上。问问为什么没再来，别推销。", "Bought four times or more. Ask why they stopped; don't sell."
        ),
        due_hours=72,
        results=[{"name": say("愿意回来", "Will come back")}, {"name": say("不再需要", "No longer needs it")}],
    )
    drawing.mail(
        "offer",
        ("worth", "else"),
        ("call", say("愿意回来", "Will come back")),
        ("call", "timeout"),
        zh=("一份只给你的回归礼", "这份回归礼两周内有效，用不用都欢迎回来。"),
        en=("Something to come back for", "This holds for two weeks. Used or not, you are welcome."),
        coupon=True,
    )
    drawing.wait("two_weeks", "offer", days=14)
    drawing.step(
        "end", "exit", "two_weeks", "call", ("call", say("不再需要", "No longer needs it")), ("call", "refused")
    )
    return drawing.graph()


def _birthday(say: Say, _audience: str) -> Graph:
    drawing = Drawing(say, reentry_days=300, goal_events=["order_paid"], goal_ends=False)
    drawing.step("week_before", "trigger_date", trait="birthday", days_before=7, at="10:00")
    drawing.mail(
        "gift",
        "week_before",
        zh=("{{name|你}}的生日礼，提前一周送到", "生日快到了，先把礼物给你，生日月内随时可用。"),
        en=("Your birthday gift, a week early", "Your birthday is near. Here is your gift, good all month."),
        coupon=True,
    )
    drawing.wait("the_day", "gift", days=7)
    drawing.mail(
        "wish",
        "the_day",
        zh=("生日快乐，{{name|朋友}}", "生日快乐。不推销，只祝你今天过得开心。"),
        en=("Happy birthday, {{name|friend}}", "Happy birthday. Nothing to sell today: have a good one."),
    )
    drawing.step("end", "exit", "wish")
    return drawing.graph()


def _nurture(say: Say, _audience: str) -> Graph:
    warm = say("有互动", "Takes an interest")
    drawing = Drawing(say, reentry="never", goal_events=["order_paid"])
    drawing.step("registered", "trigger_event", event="member_registered")
    drawing.wait("week_1", "registered", days=7)
    drawing.step("hour_1", "wait_best", "week_1")
    drawing.mail(
        "story",
        "hour_1",
        zh=("我们为什么做这件事", "讲个故事：第一款是怎么来的，为什么试了 37 次才肯上架。"),
        en=("Why we do this", "A story: where the first one came from, and why it took 37 tries."),
    )
    drawing.wait("week_3", "story", days=14)
    drawing.step(
        "interest",
        "branch_rule",
        "week_3",
        branches=[{"name": warm, "rule": count("message_clicked", "gte", 1, last_days=21)}],
    )
    drawing.mail(
        "deeper",
        ("interest", warm),
        zh=("按你的情况挑，三个问题就够", "回答三个问题，告诉你哪款适合、哪款不适合。"),
        en=("Three questions to find yours", "Three questions, and you know which suits you and which does not."),
    )
    drawing.mail(
        "lighter",
        ("interest", "else"),
        zh=("一分钟看懂", "一张图讲清楚怎么选，不用看长文。"),
        en=("In one minute", "How to choose, in one picture."),
    )
    drawing.wait("week_6", "deeper", "lighter", days=21)
    drawing.step("hour_6", "wait_best", "week_6")
    drawing.mail(
        "try",
        "hour_6",
        zh=("先试再说，小样寄给你", "不确定就先试小样，不喜欢不用退。"),
        en=("Try before you buy", "Not sure? Try a sample; keep it either way."),
        coupon=True,
    )
    drawing.wait("week_8", "try", days=14)
    drawing.step("end", "exit", "week_8")
    return drawing.graph()


_SILENT = {"all": [{"lifecycle": ["silent", "churned"]}, count("order_paid", "gte", 1)]}

TEMPLATES = (
    Template(
        "win_back",
        {"zh": "沉默召回", "en": "Win back"},
        {
            "zh": "老客沉默后先问候，十天没回来：高频客派员工回访，其余给回归礼；留一成对照",
            "en": "A word first; ten days on, staff call those who bought often, others get an offer; a tenth held out",
        },
        _win_back,
        Wanted({"zh": "沉默和流失的老客", "en": "Silent and churned customers"}, _SILENT),
    ),
    Template(
        "birthday",
        {"zh": "生日关怀", "en": "Birthday"},
        {
            "zh": "生日前一周送礼，当天只祝福不推销；每年一次",
            "en": "A gift a week before, nothing but wishes on the day; once a year",
        },
        _birthday,
    ),
    Template(
        "nurture",
        {"zh": "长期培育", "en": "Long nurture"},
        {
            "zh": "八周慢慢熟悉：讲故事、按兴趣给内容、送小样，每次挑他最常看的时段；下单即达成目标",
            "en": "Eight weeks: a story, content by interest, a sample, each at their best hour; an order is the goal",
        },
        _nurture,
    ),
)
