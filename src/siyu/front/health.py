"""/healthz, /readyz and /metrics: plain answers for the machines that look after the house."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from litestar.concurrency import sync_to_thread
from litestar.types import Receive, Scope, Send

from siyu.front.reply import reply
from siyu.kit import metrics_text

_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class HealthDesk:
    """``missing`` answers what is still missing before work can be taken; empty means ready."""

    PATHS = frozenset({"/healthz", "/readyz", "/metrics"})

    def __init__(self, missing: Callable[[], list[str]]) -> None:
        self._missing = missing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/healthz":
            await reply(send, 200, b"ok\n", "text/plain")
        elif scope["path"] == "/metrics":
            await reply(send, 200, metrics_text(), _METRICS_TYPE)
        else:
            missing = await sync_to_thread(self._missing)
            body = msgspec.json.encode({"ready": not missing, "missing": missing})
            await reply(
                send, 503 if missing else 200, body, "application/json", {"retry-after": "1"} if missing else {}
            )
