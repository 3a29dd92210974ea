"""A journey in which staff take part: a list of people, a holdout, a call, a mail to whom they reached, the review."""

from __future__ import annotations

from itertools import cycle
from typing import Any

from siyu.demo.newcomers import DAYS
from siyu.demo.serving import Serving
from siyu.kit import MINUTE

NAME, AUDIENCE = "高客单价买家 · 顾问回访", "高客单价买家"
_PEOPLE_A_DAY, _CALLS_AT_ONCE = 12, 3
_REACHED, _MISSED = "已联系", "未接通"
_DECIDED = "三分之一未接通：改在工作日晚间再打一次；接通的人一周后看回购，再决定是否扩大到全部高客单价买家。"
_BODY = """{{name|你好}}：

刚刚和你通话的是澄颜的护肤顾问。聊到的换季护理步骤整理在这里：
https://shop.cleara.example/guide/season

有问题直接回复这封邮件。

澄颜 CLEARA（这是一封演示邮件）
"""


class Care:
    """The journey, published; ``let_in`` and ``make_calls`` are what a day of it takes."""

    def __init__(self, server: Serving) -> None:
        self._server = server
        audiences = {one["name"]: one["id"] for one in server.call("GET", "/api/audiences?limit=200")["items"]}
        members = server.call("GET", f"/api/audiences/{audiences[AUDIENCE]}/persons?limit=200")["items"]
        self._people = [one["id"] for one in members]
        self._a_day = min(_PEOPLE_A_DAY, max(1, len(self._people) // DAYS))
        self._results = cycle((_REACHED, _REACHED, _MISSED))
        self._minutes = cycle((7, 12, 5, 9))
        made = server.call("POST", "/api/journeys", {"name": NAME})
        self._id = made["id"]
        path = f"/api/journeys/{self._id}"
        server.call("PUT", path, {"name": NAME, "graph": _graph()}, made["version"])
        server.call("POST", f"{path}/publish")

    def let_in(self, day: int) -> None:
        """Put the day's people on the list; days count from 0."""
        if part := self._people[day * self._a_day : (day + 1) * self._a_day]:
            body = {"persons": part, "key": f"day {day + 1}"}
            self._server.call("POST", f"/api/journeys/{self._id}/enter", body)

    def make_calls(self) -> None:
        """Do the tasks that are due first, some minutes each."""
        tasks = self._server.call("GET", f"/api/tasks?state=open&limit={_CALLS_AT_ONCE}")["items"]
        for task, result in zip(tasks, self._results, strict=False):
            self._server.move(self._server.now() + next(self._minutes) * MINUTE)
            note = {"note": "换季泛红，推荐了舒缓系列"} if result == _REACHED else {}
            self._server.call("POST", f"/api/tasks/{task['id']}/complete", {"result": result} | note)

    def conclude(self) -> None:
        """Write down what comes next."""
        self._server.call("PUT", f"/api/reviews/{self._id}", {"next_action": _DECIDED})


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
    return {"nodes": nodes, "edges": edges, "settings": {"goal_events": ["order_paid"], "goal_ends": False}}
