"""One error type for everything a caller can mend; the class docstring is the English message."""

from __future__ import annotations

import inspect
from typing import Any, ClassVar

import msgspec


class FieldError(msgspec.Struct, frozen=True):
    """What is wrong with one field. ``field`` is a name or a JSON pointer."""

    field: str
    message: str
    code: str = "invalid"


class SiyuError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400

    def __init__(self, errors: list[FieldError] | None = None, retry_after: int | None = None, **params: Any):
        self.params = params if retry_after is None else params | {"retry_after": retry_after}
        self.errors = errors or []
        self.retry_after = retry_after
        super().__init__(self.message())

    def message(self) -> str:
        """The English message, filled in."""
        template = inspect.getdoc(type(self)) or ""
        return template.format_map(_Blank(self.params))


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


class BadInput(SiyuError):
    """{detail}"""

    code = "bad_input"
    status = 400


class Invalid(SiyuError):
    """Some fields need mending; each is named in errors."""

    code = "invalid"
    status = 422


class NotFound(SiyuError):
    """There is no {what}."""

    code = "not_found"
    status = 404


class Unauthorized(SiyuError):
    """Sign in or send a valid key."""

    code = "unauthorized"
    status = 401


class Forbidden(SiyuError):
    """Your role may not do this; it needs {role}."""

    code = "forbidden"
    status = 403


class Conflict(SiyuError):
    """{detail}"""

    code = "conflict"
    status = 409


class StaleEdit(SiyuError):
    """Somebody else has changed this since you opened it (version {current}). Load it again and redo your edit."""

    code = "stale_edit"
    status = 412


class TooLarge(SiyuError):
    """The body is larger than {limit_bytes} bytes. Send smaller batches."""

    code = "too_large"
    status = 413


class TooMany(SiyuError):
    """Too many attempts. Try again in {retry_after} seconds."""

    code = "too_many"
    status = 429


class Unavailable(SiyuError):
    """Siyu cannot take this right now: {detail} Try again in a few seconds; nothing was stored."""

    code = "unavailable"
    status = 503
