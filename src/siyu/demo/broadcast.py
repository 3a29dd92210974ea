"""What the brand sends to everybody of an audience, and what its readers do with it: over the API and the links."""

from __future__ import annotations

import re
import time
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import httpx

from siyu.demo.cast import chance_of
from siyu.demo.serving import DemoFailed, Serving

AUDIENCE = "敏感肌 · 近 90 天看过面膜或精华"
FIRST, SECOND = "换季敏感肌关怀", "周末敏感肌闪促"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.60"
)
SCANNER = "Mozilla/5.0 (compatible; Barracuda Sentinel (EE); Mail Link Scanner)"
_WAIT_SECONDS = 120
_CODE = re.compile(r"/l/[a-z2-7]{16}")

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


def send(server: Serving, mails: Path, seed: int) -> None:
    """Two campaigns to one audience: the second meets the cap of those the first has reached. Then people read.

    Does nothing when the first is there.
    """
    if any(one["name"] == FIRST for one in server.call("GET", "/api/campaigns")["items"]):
        return
    audiences = {one["name"]: one["id"] for one in server.call("GET", "/api/audiences?limit=200")["items"]}
    templates = [server.call("POST", "/api/templates", draft)["id"] for draft in _TEMPLATES]
    plan = {"audience": audiences[AUDIENCE], "holdout": 20, "retry_hours": 0}
    first = _run(server, FIRST, plan | {"variants": [{"template": one, "percent": 50} for one in templates]})
    _run(server, SECOND, plan | {"holdout": 10, "variants": [{"template": templates[1]}]})
    _read(server, mails, seed)
    words = "知识型内容点击更高：下次先发护理指南，三天后只给点过的人发券；闪促避开同一周。"
    server.call("PUT", f"/api/reviews/{first}", {"next_action": words})


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


def _read(server: Serving, mails: Path, seed: int) -> None:
    """Some open the link on their phone; a company's mail scanner opens some first."""
    time.sleep(1.2)  # nobody reads within a second, and a click that soon would count as a program's
    chance = chance_of(seed, 0, "readers")
    for _, link, knows in links(mails):
        if chance.random() < 0.1:
            click(server.client, link, SCANNER)
        if chance.random() < (0.32 if knows else 0.18):
            click(server.client, link, PHONE)


def links(mails: Path) -> list[tuple[str, str, bool]]:
    """(address, path of its tracked link, whether it is the guide) of every mail with one, oldest first."""
    found = []
    for file in sorted(mails.glob("*.eml")):
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        part = mail.get_body(("plain",))
        code = _CODE.search(part.get_content()) if part else None
        if code:
            found.append((str(mail["To"]), code[0], "皮肤科" in str(mail["Subject"])))
    return found


def click(client: httpx.Client, link: str, agent: str) -> None:
    """Open a tracked link without going where it leads."""
    client.get(link, headers={"User-Agent": agent}, follow_redirects=False)
