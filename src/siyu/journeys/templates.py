"""Journeys to start from."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from siyu.journeys.types import Edge, Graph, Node

_BODY = """{{name|你好}}，

你加到购物车的「{{event.name|好物}}」还在等你。喜欢就带走吧，库存不等人。

{{coupon}}
"""


def abandoned_cart() -> Graph:
    """加购未付款：等一小时，没下单的人留一成作对照，其余发一封邮件；任何时候下单即离开。"""
    nodes = [
        Node(
            "cart",
            "trigger_event",
            {"event": "cart_added", "exit_events": ["order_paid"], "reentry_days": 30, "freshness_hours": 24},
        ),
        Node("wait", "wait", {"minutes": 60}),
        Node("holdout", "holdout", {"percent": 10}),
        Node(
            "send",
            "send",
            {"channel": "email", "subject": "{{name|你}}，购物车里的好物还在等你", "body": _BODY, "repeat_days": 14},
        ),
        Node("end", "exit", {}),
    ]
    path = [node.id for node in nodes]
    return Graph(nodes, [Edge(source, target) for source, target in pairwise(path)])


TEMPLATES: dict[str, Callable[[], Graph]] = {"abandoned_cart": abandoned_cart}
