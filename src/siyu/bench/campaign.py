"""What it takes to look ahead at a campaign: everybody of its audience before the gate."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx
import msgspec

from siyu.bench.rig import Server, ServerFailed, running

_BATCH = 500


def estimating(folder: Path, state: str, persons: int) -> dict[str, float]:
    """The estimate of a campaign to so many persons with a mail address, nine in ten of whom want mails."""
    with running(folder, state=state) as server:
        server.client.timeout = httpx.Timeout(300)
        key = server.new_source()
        for first in range(0, persons, _BATCH):
            _tell(server, key, range(first, min(first + _BATCH, persons)))
        deadline = time.monotonic() + 240
        while server.call("GET", "/api/pipeline")["backlog"]["events"]:
            if time.monotonic() > deadline:
                raise ServerFailed(detail="the persons of the campaign did not settle within 240 seconds.")
            time.sleep(0.2)
        path = f"/api/campaigns/{_campaign(server)}/estimate"
        began = time.perf_counter()
        seen = server.call("POST", path)
        took = time.perf_counter() - began
    return {
        "estimate_s": took,
        "estimate_asked": float(seen["sampled"] or seen["audience"]),
        "estimate_reach": seen["reach"],
    }


def _tell(server: Server, key: str, numbers: range) -> None:
    batch: list[dict[str, Any]] = []
    for number in numbers:
        who = {"userId": f"c{number}"}
        traits = {"email": f"c{number}@example.com", "vip": True, "city": "上海", "name": f"N{number}"}
        batch.append(who | {"type": "identify", "messageId": f"i{number}", "traits": traits})
        if number % 10:
            props = {"channel": "email", "purpose": "marketing"}
            said = {"type": "track", "event": "consent_granted", "messageId": f"g{number}", "properties": props}
            batch.append(who | said)
    answer = server.client.post("/v1/batch", content=msgspec.json.encode({"batch": batch}), auth=(key, ""))
    if answer.is_error:
        raise ServerFailed(detail=f"the door answered {answer.status_code} {answer.text[:200]}")


def _campaign(server: Server) -> str:
    """A campaign for noon of tomorrow, when mails may go out."""
    rule = {"trait": "vip", "op": "eq", "value": True}
    audience = server.call("POST", "/api/audiences", {"name": "Bench", "rule": rule})["id"]
    says = {"zh": {"subject": "{{name|你}}好", "text": "{{name|你好}}：https://shop.example/new?from={{city|x}}"}}
    draft = {"name": "Bench", "channel": "email", "incentive": "knowledge", "appeal": "self", "says": says}
    template = server.call("POST", "/api/templates", draft)["id"]
    config = {"host": "127.0.0.1", "port": 9, "security": "none", "from_address": "shop@brand.example"}
    server.edit("/api/channels/email", {"enabled": True, "config": config})
    noon = time.strftime("%Y-%m-%dT04:00:00Z", time.gmtime(time.time() + 86_400))
    plan = {"audience": audience, "variants": [{"template": template}], "holdout": 10, "starts_at": noon}
    return str(server.call("POST", "/api/campaigns", {"name": "Bench", "plan": plan})["id"])
