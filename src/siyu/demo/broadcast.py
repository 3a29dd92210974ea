"""What the brand sends to everybody of an audience."""

from __future__ import annotations

import time
from typing import Any

from siyu.demo.serving import DemoFailed, Serving

AUDIENCE = "敏感肌 · 近 90 天看过面膜或精华"
FIRST, SECOND = "换季敏感肌关怀", "周末敏感肌闪促"
_WAIT_SECONDS = 120
_DECIDED = "知识型内容点击更高：下次先发护理指南，三天后只给点过的人发券；闪促避开同一周。"

_TEMPLATES: list[dict[str, Any]] = [
    {
        "name": "换季护理指南（知识）",
        "channel": "email",
        "incentive": "knowledge",
        "appeal": "altruistic",
        "says": {
            "zh": {
                "subject": "{{name|你好}}，换季泛红怎么办？皮肤科医生的三句话",
                "text": "{{name|你好}}：\n\n换季泛红先减法：温和清洁、只留保湿、少换新品。\n"
                "完整指南，也可以转给同样敏感的家人：\nhttps://shop.cleara.example/guide/sensitive\n\n澄颜 CLEARA",
            },
            "en": {
                "subject": "{{name|Hello}}, redness in the change of season?",
                "text": "{{name|Hello}}:\n\nKeep it simple: mild cleansing, moisture, nothing new.\n"
                "The whole guide, also for your family:\nhttps://shop.cleara.example/guide/sensitive\n\nCLEARA",
            },
        },
    },
    {
        "name": "敏感肌专享券（优惠）",
        "channel": "email",
        "incentive": "coupon",
        "appeal": "self",
        "says": {
            "zh": {
                "subject": "{{name|你好}}，敏感肌系列专享立减 30 元",
                "text": "{{name|你好}}：\n\n凭优惠码 {{coupon}} 选购敏感肌系列立减 30 元，本周有效：\n"
                "https://shop.cleara.example/sensitive?from={{city|web}}\n\n澄颜 CLEARA",
                "coupon": "CALM30",
            }
        },
    },
]


class Broadcasts:
    """Two campaigns to one audience: the second meets the cap of those the first has reached."""

    def __init__(self, server: Serving) -> None:
        self._server = server
        audiences = {one["name"]: one["id"] for one in server.call("GET", "/api/audiences?limit=200")["items"]}
        templates = [server.call("POST", "/api/templates", draft)["id"] for draft in _TEMPLATES]
        plan = {"audience": audiences[AUDIENCE], "retry_hours": 0}
        halves = [{"template": one, "percent": 50} for one in templates]
        self._planned = [
            (FIRST, plan | {"holdout": 20, "variants": halves}),
            (SECOND, plan | {"holdout": 10, "variants": [{"template": templates[1]}]}),
        ]
        self._sent: list[str] = []

    def send_next(self) -> None:
        """Send the next one, unless both are out."""
        if self._planned:
            self._sent.append(_run(self._server, *self._planned.pop(0)))

    def conclude(self) -> None:
        """Write down what follows from the first."""
        self._server.call("PUT", f"/api/reviews/{self._sent[0]}", {"next_action": _DECIDED})


def _run(server: Serving, name: str, plan: dict[str, Any]) -> str:
    """Plan a campaign, look at its estimate, send it, and wait until it is done."""
    made = server.call("POST", "/api/campaigns", {"name": name, "plan": plan})
    path = f"/api/campaigns/{made['id']}"
    server.call("POST", f"{path}/estimate")
    server.call("POST", f"{path}/start")
    deadline = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < deadline:
        seen = server.call("GET", path)
        under_way = sum(seen["progress"]["messages"].get(state, 0) for state in ("queued", "sending"))
        if seen["state"] == "done" and not under_way:
            return str(made["id"])
        time.sleep(0.2)
    raise DemoFailed(detail=f"the campaign {name} was not sent within {_WAIT_SECONDS} seconds; see {server.log}.")
