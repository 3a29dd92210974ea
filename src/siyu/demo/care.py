"""A journey in which staff take part: a list of people, a holdout, a call, a mail to whom they reached, the review."""

from __future__ import annotations

import time
from itertools import cycle
from typing import Any

from siyu.demo.serving import DemoFailed, Serving

NAME, AUDIENCE = "高客单价买家 · 顾问回访", "高客单价买家"
_PEOPLE, _DONE = 60, 24
_REACHED, _MISSED = "已联系", "未接通"
_WAIT_SECONDS = 60
_BODY = """{{name|你好}}：

刚刚和你通话的是澄颜的护肤顾问。聊到的换季护理步骤整理在这里：
https://shop.cleara.example/guide/season

有问题直接回复这封邮件。

澄颜 CLEARA（这是一封演示邮件）
"""


def care(server: Serving) -> None:
    """Let some people in, do a part of the tasks, and write down what comes next. Does nothing when it is there."""
    if any(one["name"] == NAME for one in server.call("GET", "/api/journeys?limit=200")["items"]):
        return
    audiences = {one["name"]: one["id"] for one in server.call("GET", "/api/audiences?limit=200")["items"]}
    made = server.call("POST", "/api/journeys", {"name": NAME})
    path = f"/api/journeys/{made['id']}"
    server.call("PUT", path, {"name": NAME, "graph": _graph()}, made["version"])
    server.call("POST", f"{path}/publish")
    if not server.call("POST", f"{path}/enter", {"audience": audiences[AUDIENCE], "key": "first"})["entered"]:
        return
    for task, result in zip(_tasks(server, path), cycle((_REACHED, _REACHED, _MISSED)), strict=False):
        note = {"note": "换季泛红，推荐了舒缓系列"} if result == _REACHED else {}
        server.call("POST", f"/api/tasks/{task['id']}/complete", {"result": result} | note)
    words = "三分之一未接通：改在工作日晚间再打一次；接通的人一周后看回购，再决定是否扩大到全部高客单价买家。"
    server.call("PUT", f"/api/reviews/{made['id']}", {"next_action": words})


def _tasks(server: Serving, path: str) -> list[dict[str, Any]]:
    """The first tasks, once everybody who is let in has come to theirs or is held out."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < deadline:
        seen = server.call("GET", path)["nodes_counts"]
        if seen.get("holdout", {}).get("out") and seen["holdout"]["out"] == seen["list"]["in"]:
            found: list[dict[str, Any]] = server.call("GET", f"/api/tasks?state=open&limit={_DONE}")["items"]
            return found
        time.sleep(0.2)
    raise DemoFailed(detail=f"the journey {NAME} did not begin within {_WAIT_SECONDS} seconds; see {server.log}.")


def _graph() -> dict[str, Any]:
    call = {
        "title": "电话回访：换季护理",
        "note": "先问肤感，再推荐；不主动报价。",
        "due_hours": 48,
        "results": [{"name": _REACHED}, {"name": _MISSED}],
    }
    mail = {"channel": "email", "subject": "{{name|你好}}，刚刚聊到的换季护理步骤", "body": _BODY, "repeat_days": 30}
    nodes = [
        {"id": "list", "kind": "trigger_list", "config": {}},
        {"id": "holdout", "kind": "holdout", "config": {"percent": 20}},
        {"id": "call", "kind": "task", "config": call},
        {"id": "mail", "kind": "send", "config": mail},
        {"id": "end", "kind": "exit", "config": {}},
    ]
    ways = [("call", "end", one) for one in (_MISSED, "refused", "timeout")] + [("call", "mail", _REACHED)]
    edges = [{"from": one, "to": two} for one, two in (("list", "holdout"), ("holdout", "call"), ("mail", "end"))]
    edges += [{"from": one, "to": two, "branch": branch} for one, two, branch in ways]
    return {"nodes": nodes, "edges": edges, "settings": {"total": _PEOPLE, "goal_events": ["order_paid"]}}
