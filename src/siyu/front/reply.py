"""A whole ASGI answer at once."""

from __future__ import annotations

from collections.abc import Mapping

from litestar.types import Send


async def reply(
    send: Send, status: int, body: bytes, content_type: str, headers: Mapping[str, str] | None = None
) -> None:
    """Send ``body`` with its length and type; ``headers`` win over those."""
    named = {"content-type": content_type, "content-length": str(len(body))} | dict(headers or {})
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in named.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body, "more_body": False})
