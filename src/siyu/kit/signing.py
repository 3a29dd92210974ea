"""How everything Siyu posts to other systems is signed."""

from __future__ import annotations

import base64
import hashlib
import hmac


def signature(secret: str, at_seconds: int, body: bytes) -> str:
    """The header ``Siyu-Signature``: ``t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">``."""
    digest = hmac.new(secret.encode(), f"{at_seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at_seconds},v1={digest}"


def standard_signature(secret: bytes, id: str, at_seconds: int, body: bytes) -> dict[str, str]:
    """The headers of Standard Webhooks (https://www.standardwebhooks.com): HMAC-SHA256 over ``id.timestamp.body``."""
    digest = hmac.new(secret, f"{id}.{at_seconds}.".encode() + body, hashlib.sha256).digest()
    signed = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": id, "webhook-timestamp": str(at_seconds), "webhook-signature": signed}


def standard_secret(secret: bytes) -> str:
    """A secret as receivers' libraries take it."""
    return f"whsec_{base64.b64encode(secret).decode()}"
