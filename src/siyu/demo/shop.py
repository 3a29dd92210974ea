"""What the brand set up in the console, done over the API: sources, audiences, the mail channel, a journey.

Everything is looked for by name first, so doing it again changes nothing.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from siyu.demo.goods import BRAND
from siyu.demo.season import date_of, day_of
from siyu.demo.serving import Serving
from siyu.demo.wire import DOORS

Rule = dict[str, Any]
JOURNEY, WELCOME = "弃购挽回", "新会员欢迎"
WAIT_MINUTES = 1
_STAFF = {"all": [{"trait": "is_staff", "op": "eq", "value": True}]}

_MAIL_SUBJECT = "{{name|你好}}，购物车里的「{{event.product_name|好物}}」还在等你"
_MAIL_BODY = """{{name|你好}}：

你刚刚加购的「{{event.product_name|好物}}」还在购物车里，库存不多了。
现在下单可用优惠码 {{coupon}}，立减 20 元。

https://shop.cleara.example/cart

澄颜 CLEARA（这是一封演示邮件）
"""


def sources(server: Serving) -> dict[str, str]:
    """Make the sources that are missing; answers door → write key."""
    held = {source["name"]: source["write_key"] for source in _all(server, "/api/sources")}
    keys = {}
    for door in DOORS.values():
        if door.name not in held:
            body = {"name": door.name, "kind": door.protocol, "category": door.category}
            held[door.name] = server.call("POST", "/api/sources", body)["write_key"]
        keys[door.key] = held[door.name]
    return keys


def _all(server: Serving, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.call("GET", f"{path}?limit=200")["items"]
    return found


_LIFECYCLE = {"preset": "cosmetics", "new_days": 30, "silent_days": 75, "churned_days": 150}


def brand(server: Serving) -> None:
    """Name the brand, say who is staff, and open the mail window all day: the journey can be seen at any hour."""
    held = server.call("GET", "/api/settings")
    version = held.pop("version")
    if held["brand_name"] != BRAND:
        server.call(
            "PUT", "/api/settings", held | {"brand_name": BRAND, "quiet_hours": None, "lifecycle": _LIFECYCLE}, version
        )
    if not server.call("GET", "/api/staff")["version"]:
        server.call("PUT", "/api/staff", {"rule": _STAFF}, 0)
    window = {
        "channel": "email",
        "rule": "send_window",
        "value": {"from": "00:00", "to": "24:00"},
        "evidence": "演示：邮件只进演示信箱，全天放行，随时可以看到旅程发送。正式使用请改回 08:00–21:00",
        "updated_at": "2026-01-01T00:00:00.000Z",
    }
    answer = server.client.get("/api/policies")
    rows = answer.json()["items"]
    if not any(row["channel"] == "email" and row["evidence"] == window["evidence"] for row in rows):
        version = int(answer.headers["etag"].strip('W/"'))
        server.call("PUT", "/api/policies", {"items": [window], "next": None}, version)


def mail_channel(server: Serving, port: int) -> None:
    """Let the mail channel hand its mails to the demo's catcher at ``port``."""
    held = server.call("GET", "/api/channels/email")
    wanted = {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "from_address": "hello@cleara.example",
        "from_name": "澄颜 CLEARA",
        "per_minute": 0,
    }
    if not held["enabled"] or any(held["config"].get(name) != value for name, value in wanted.items()):
        body = {"enabled": True, "config": held["config"] | wanted}
        server.call("PUT", "/api/channels/email", body, held["version"])


def _counted(event: str, days: int, op: str, value: int, *where: Rule) -> Rule:
    clause: Rule = {"event": event, "aggregate": "count", "window": {"last_days": days}, "op": op, "value": value}
    return clause | ({"where": list(where)} if where else {})


def _spent(op: str, yuan: int, aggregate: str = "sum") -> Rule:
    return {"event": "order_paid", "aggregate": aggregate, "property": "amount", "op": op, "value": yuan * 100}


def rules(now: int) -> list[tuple[str, str, Rule]]:
    """Name, description and rule of each audience, each teaching one thing more than the one before."""
    return [*_rules_of_facts(now), *_rules_of_behaviour(now)]


def _rules_of_facts(now: int) -> list[tuple[str, str, Rule]]:
    """What is known: traits, lifecycle, reach."""
    month = date_of(day_of(now)).month
    no_order = {"event": "order_paid", "aggregate": "count", "op": "eq", "value": 0}
    reach = {"any": [{"reachable": channel} for channel in ("wecom_friend", "official_account", "sms", "email")]}
    friend, group = {"reachable": "wecom_friend"}, {"reachable": "wecom_group"}
    birthday = {"trait": "birth_month", "op": "eq", "value": month}
    follower = {"all": [{"reachable": "official_account"}, no_order]}
    silent = {"all": [{"lifecycle": ["silent"]}, _spent("gte", 1000)]}
    fresh = {"all": [{"lifecycle": ["new", "first_order"]}, reach]}
    return [
        ("高价值沉默用户", "生命周期加累计金额：90 天没买、曾累计满 ¥1,000。", silent),
        ("可触达的新用户", "新用户里至少有一个渠道能联系上的人。", fresh),
        ("企微好友未入群", "已加好友、还没进群：适合发入群邀请。", {"all": [friend, {"not": group}]}),
        ("公众号粉丝未首单", "关注了公众号但一单没买。", follower),
        (f"{month} 月生日会员", "按属性的数值匹配：本月生日礼。", birthday),
    ]


def _rules_of_behaviour(now: int) -> list[tuple[str, str, Rule]]:
    """What happened, and what did not: counts, sums and windows."""
    today = date_of(day_of(now))
    sale = today.year if (today.month, today.day) >= (11, 1) else today.year - 1
    bought = {"event": "order_paid", "aggregate": "count"}
    during = bought | {"window": {"from": f"{sale}-10-31", "to": f"{sale}-11-12"}, "op": "gte", "value": 1}
    not_after = bought | {"window": {"from": f"{sale}-11-13"}, "op": "eq", "value": 0}
    in_cart = {"all": [_counted("cart_added", 30, "gte", 1), _counted("order_paid", 30, "eq", 0)]}
    masks = {"property": "category", "op": "in", "value": ["面膜", "精华"]}
    sensitive = {"trait": "skin_type", "op": "eq", "value": "敏感性"}
    careful = {"all": [sensitive, _counted("product_viewed", 90, "gte", 1, masks)]}
    once = {"all": [during, not_after]}
    return [
        ("近 30 天加购未下单", "做了一件事、没做另一件事，各有时间窗。弃购挽回的目标人群。", in_cart),
        ("高客单价买家", "平均每单满 ¥500。", {"all": [_spent("gte", 500, "avg")]}),
        (f"双 11 购买、之后未回购（{sale}）", "固定日期的时间窗：大促来的人，有没有留下来？", once),
        ("敏感肌 · 近 90 天看过面膜或精华", "属性加行为，行为再按商品品类过滤。", careful),
    ]


def audiences(server: Serving, now: int) -> None:
    """Make the audiences that are missing."""
    held = {audience["name"]: audience["id"] for audience in _all(server, "/api/audiences")}
    for name, description, rule in rules(now):
        if name in held:
            continue
        rule = {"all": rule.get("all", [rule])}
        body = {"name": name, "description": description, "rule": rule}
        held[name] = server.call("POST", "/api/audiences", body)["id"]


def packages(server: Serving) -> None:
    """A list of who came into and left the second audience, made every night; the first one is made at once."""
    if _all(server, "/api/packages"):
        return
    audience = next(one for one in _all(server, "/api/audiences") if one["name"] != _STAFF)
    columns = ["id", "name", "identifiers.mobile", "stage", "joined_at", "orders", "revenue"]
    body = {"name": f"{audience['name']} · 每日名单", "audience": audience["id"]}
    body |= {"content": {"columns": columns, "delta": True}, "schedule": {"every": "day", "at": "03:00"}}
    made = server.call("POST", "/api/packages", body)
    server.call("POST", f"/api/packages/{made['id']}/runs")


def journeys(server: Serving) -> None:
    """Publish the abandoned-cart journey, and a welcome as the product proposes it."""
    made = server.call("POST", "/api/journeys", {"name": JOURNEY})
    server.call("PUT", f"/api/journeys/{made['id']}", {"name": JOURNEY, "graph": _graph()}, made["version"])
    server.call("POST", f"/api/journeys/{made['id']}/publish")
    made = server.call("POST", "/api/journeys", {"name": WELCOME, "template": "welcome", "language": "zh-CN"})
    server.call("POST", f"/api/journeys/{made['id']}/publish")


def conclude(server: Serving) -> None:
    """Write down what comes next for whoever leaves a cart behind."""
    (id,) = (one["id"] for one in _all(server, "/api/journeys") if one["name"] == JOURNEY)
    words = "多数加购的会员还没同意收邮件：在小程序结算页请他们勾选，两周后再看对照组提升，够明显就把对照降到 5%。"
    server.call("PUT", f"/api/reviews/{id}", {"next_action": words})


def _graph() -> dict[str, Any]:
    send = {
        "channel": "email",
        "subject": _MAIL_SUBJECT,
        "body": _MAIL_BODY,
        "coupon": "BACK20",
        "repeat_days": 7,
    }
    trigger = {"event": "cart_added", "exit_events": ["order_paid"], "reentry_days": 7, "freshness_hours": 24}
    nodes = [
        {"id": "cart", "kind": "trigger_event", "config": trigger},
        {"id": "wait", "kind": "wait", "config": {"minutes": WAIT_MINUTES}},
        {"id": "holdout", "kind": "holdout", "config": {"percent": 10}},
        {"id": "mail", "kind": "send", "config": send},
        {"id": "end", "kind": "exit", "config": {}},
    ]
    path = [node["id"] for node in nodes]
    return {"nodes": nodes, "edges": [{"from": one, "to": two} for one, two in pairwise(path)]}
