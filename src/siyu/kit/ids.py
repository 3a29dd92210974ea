"""Opaque, prefixed identifiers for the API."""

from __future__ import annotations

import secrets

from siyu.kit.errors import NotFound

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUE = {letter: number for number, letter in enumerate(_ALPHABET)}


def _encode(number: int) -> str:
    digits = []
    while True:
        number, rest = divmod(number, 32)
        digits.append(_ALPHABET[rest])
        if not number:
            return "".join(reversed(digits))


def new_id(prefix: str) -> str:
    """A random id such as ``aud_7f3k…`` (100 bits)."""
    return f"{prefix}_{_encode(secrets.randbits(100)):0>20}"


def new_token() -> str:
    """A secret of 256 bits, safe in a URL."""
    return secrets.token_urlsafe(32)


def person_ref(number: int) -> str:
    """The public name of person ``number``: ``per_`` and base 32."""
    return f"per_{_encode(number)}"


def person_no(ref: str) -> int:
    """The number behind a public person name. Raises NotFound when the text is no such name."""
    body = ref.removeprefix("per_")
    if body == ref or not body or len(body) > 13 or any(letter not in _VALUE for letter in body):
        raise NotFound(what=ref[:40])
    number = 0
    for letter in body:
        number = number * 32 + _VALUE[letter]
    if number >= 1 << 63:
        raise NotFound(what=ref[:40])
    return number
