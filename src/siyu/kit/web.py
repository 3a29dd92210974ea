"""Shapes every JSON answer shares: pages with a cursor, and versions that guard against lost updates."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

from siyu.kit.errors import SiyuError, StaleEdit

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Items of a list and the cursor of the next page: send it back as ``after``. Null on the last page."""

    items: list[T]
    next: str | None = None


class VersionNeeded(SiyuError):
    """Say which version you edited: send the ETag you were given as the header If-Match."""

    code = "version_needed"
    status = 428


def edited_version(if_match: str | None) -> int:
    """The version in an If-Match header such as ``"3"``. Raises VersionNeeded when there is none."""
    text = (if_match or "").strip().removeprefix("W/").strip('"')
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise VersionNeeded
    return int(text)


def check_version(if_match: str | None, current: int) -> None:
    """Raises StaleEdit when the thing has moved on since it was opened, VersionNeeded when nothing was sent."""
    if edited_version(if_match) != current:
        raise StaleEdit(current=current)


def etag(version: int) -> dict[str, str]:
    """The ETag header of a versioned thing."""
    return {"ETag": f'"{version}"'}
