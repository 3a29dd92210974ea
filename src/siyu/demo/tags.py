"""The tags a brand has from the first day, made over the API as operators would."""

from __future__ import annotations

from typing import Any

from siyu.demo.serving import Serving

_YEAR, _QUARTER = {"last_days": 365}, {"last_days": 90}
_NIGHTLY = {"every": "day", "at": "03:00"}
_WEEKLY = {"every": "week", "at": "03:00", "weekday": 1}
_SLOW = {"preference", "distribution", "rfm", "sql"}
"""Kinds of tags that tell of habits, which no night changes."""

CARE = "专属顾问"
_VIP = "高客单价买家"
POWER = "消费力"
DUE = "高消费力、该回购了"


def _spent(yuan: int) -> dict[str, Any]:
    clause = {"event": "order_paid", "aggregate": "sum", "property": "amount", "window": _YEAR}
    return {"all": [clause | {"op": "gte", "value": yuan * 100}]}


def wanted() -> list[dict[str, Any]]:
    """Name, description, kind and config of each; those a journey may wait for are live."""
    levels = [{"value": word, "rule": _spent(yuan)} for word, yuan in (("高", 2_000), ("中", 600), ("低", 1))]
    bought, viewed = {"event": "order_paid"}, {"event": "product_viewed"}
    cart = {"sequence": [{"event": "cart_added"}, bought], "within": {"n": 3, "unit": "days"}, "window": _QUARTER}
    coupon = "SELECT person, countIf(event = 'coupon_used') AS value\nFROM events\nGROUP BY person\nHAVING value > 0"
    total = bought | {"measure": "sum", "property": "amount"}
    return [
        _tag(POWER, "近一年消费：满 2,000 元为高，满 600 元为中。", "rule",
             {"values": levels, "otherwise": "未消费"}, live=True),
        _tag("累计消费", "付款金额合计。", "number", total, live=True),
        _tag("距上次购买", "距今多少天。", "number", bought | {"measure": "days_since"}),
        _tag("首单渠道", "第一次下单的店铺。", "first_last", bought | {"which": "first", "property": "shop"}),
        _tag("最近浏览", "最近一次浏览的时间。", "first_last", viewed | {"which": "last"}, live=True),
        _tag("偏好品类", "近 90 天浏览最多的三个品类，占比至少 20%。", "preference",
             viewed | {"property": "category", "top": 3, "share": 20, "window": _QUARTER}),
        _tag("活跃时段", "最常浏览的钟点，至少 3 次。", "distribution", viewed | {"of": "hour", "least": 3}),
        _tag("购买星期", "最常下单的是星期几。", "distribution", bought | {"of": "weekday"}),
        _tag("加购三天内购买", "近 90 天加购后三天内有没有下单。", "sequence", cart),
        _tag("RFM 客群", "最近、频次、金额按分位打分，分为八类。", "rfm", {"answer": "segment"}),
        _tag("购买周期", "本人两次购买通常隔多少天。", "interval", {"answer": "days", "least": 2}),
        _tag("预计下次购买", "按本人周期推算的日期。", "interval", {"answer": "next_date", "least": 2}),
        _tag("生命周期（60 天沉默）", "比店铺设置更早提醒。", "lifecycle", {"silent_days": 60, "churned_days": 150}),
        _tag("用券次数", "SQL 标签：分析师写一条只读查询。", "sql", {"sql": coupon}),
        _tag(CARE, "手工标签：由客服给重点客户打上。", "manual", {"values": ["VIP 专属", "重点关怀"]}),
    ]  # fmt: skip


def _tag(name: str, description: str, kind: str, config: dict[str, Any], *, live: bool = False) -> dict[str, Any]:
    schedule = None if kind == "manual" else _WEEKLY if kind in _SLOW else _NIGHTLY
    about = {"name": name, "description": description, "kind": kind, "config": config}
    return about | {"live": live, "schedule": schedule}


def tags(server: Serving) -> None:
    """Make the tags that are missing, give one by hand, and choose an audience by two of them."""
    held = {tag["name"]: tag["id"] for tag in server.call("GET", "/api/tags")["items"]}
    for body in wanted():
        if body["name"] not in held:
            held[body["name"]] = server.call("POST", "/api/tags", body)["id"]
    audiences = {one["name"]: one["id"] for one in server.call("GET", "/api/audiences?limit=200")["items"]}
    if server.call("GET", f"/api/tags/{held[CARE]}")["persons"] == 0 and _VIP in audiences:
        server.call("POST", f"/api/tags/{held[CARE]}/persons", {"audience": audiences[_VIP], "value": "VIP 专属"})
    if DUE not in audiences:
        rule = {"all": [
            {"tag": held[POWER], "op": "in", "value": ["高"]},
            {"tag": held["预计下次购买"], "op": "before", "value": "2100-01-01"},
            {"tag": held["距上次购买"], "op": "gte", "value": 45},
        ]}  # fmt: skip
        body = {"name": DUE, "description": "按标签圈选：消费力高、有自己的购买周期、最近 45 天没买。", "rule": rule}
        server.call("POST", "/api/audiences", body)
