"""How everything Siyu posts to other systems is signed."""

from __future__ import annotations

import hashlib
import hmac


def signature(secret: str, at_seconds: int, body: bytes) -> str:
    """The header ``Siyu-Signature``: ``t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">``."""
    digest = hmac.new(secret.encode(), f"{at_seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at_seconds},v1={digest}"
