"""Password hashes: scrypt, with the parameters in the stored text so that they can be raised later."""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
from base64 import b64decode, b64encode

from siyu.kit import Unavailable

COST = 1 << 15
_BLOCK = 8
_LANES = 3
_SEATS = threading.BoundedSemaphore(2)
"""Each hash takes 32 MB and a core for 0.2 s: a flood of logins must not take the machine."""


def hash_password(password: str, cost: int = COST) -> str:
    """``scrypt$n$r$p$salt$hash`` of a password."""
    salt = os.urandom(16)
    digest = _scrypt(password, salt, cost, _BLOCK, _LANES)
    return f"scrypt${cost}${_BLOCK}${_LANES}${b64encode(salt).decode()}${b64encode(digest).decode()}"


def password_fits(password: str, stored: str) -> bool:
    """Whether ``stored`` is a hash of ``password``. Raises Unavailable when too many are being checked."""
    _, cost, block, lanes, salt, digest = stored.split("$")
    return hmac.compare_digest(_scrypt(password, b64decode(salt), int(cost), int(block), int(lanes)), b64decode(digest))


def _scrypt(password: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    if not _SEATS.acquire(timeout=5):
        raise Unavailable(detail="too many people are signing in.", retry_after=5)
    try:
        return hashlib.scrypt(password.encode(), salt=salt, n=cost, r=block, p=lanes, maxmem=256 << 20)
    finally:
        _SEATS.release()


NOBODY = f"scrypt${COST}${_BLOCK}${_LANES}${'A' * 22}==${'A' * 86}=="
"""Checked when the email is unknown, so that the answer takes as long."""
