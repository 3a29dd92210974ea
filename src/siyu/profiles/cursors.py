"""Where a page of a timeline or of orders ended, as opaque text."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TypeVar

import msgspec

from siyu.kit import BadInput, NotFound, person_no
from siyu.profiles.types import Happening, Order

Place = TypeVar("Place")

_LAST_MS = 9_000_000_000_000
"""In the year 2255; the event engine's times end soon after."""


def read_person_cursor(text: str) -> int:
    """The last person seen. Raises BadInput."""
    try:
        return person_no(text)
    except NotFound as error:
        raise BadInput(detail="after is no cursor of this list.") from error


def timeline_cursor(row: Happening) -> str:
    return _write((row.time, row.key))


def read_timeline_cursor(text: str) -> tuple[int, int]:
    """(time, key) of the last event seen. Raises BadInput."""
    time, key = _read(text, tuple[int, int])
    if not (0 <= time <= _LAST_MS and 0 <= key < 1 << 64):
        raise BadInput(detail="after is no cursor of this list.")
    return time, key


def order_cursor(row: Order) -> str:
    return _write((row.paid_at, row.shop, row.order_id))


def read_order_cursor(text: str) -> tuple[int, str, str]:
    """(paid at, shop, order id) of the last order seen. Raises BadInput."""
    paid_at, shop, order_id = _read(text, tuple[int, str, str])
    if not 0 <= paid_at <= _LAST_MS:
        raise BadInput(detail="after is no cursor of this list.")
    return paid_at, shop, order_id


def _write(place: tuple[int | str, ...]) -> str:
    return urlsafe_b64encode(msgspec.msgpack.encode(place)).decode().rstrip("=")


def _read(text: str, shape: type[Place]) -> Place:
    try:
        return msgspec.msgpack.decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=shape)
    except (ValueError, msgspec.DecodeError, msgspec.ValidationError) as error:
        raise BadInput(detail="after is no cursor of this list.") from error
