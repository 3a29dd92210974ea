"""Every error becomes an RFC 9457 problem in the reader's language; the unforeseen is logged and kept quiet."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap

from siyu.front.fields import field_error
from siyu.kit import FieldError, Invalid, SiyuError, Unauthorized, counter, error_text, language_of, logger, new_id

_log = logger("front")
_unforeseen = counter("siyu_unforeseen_errors_total", "Requests that failed for a reason nobody foresaw")

PROBLEM_TYPE = "application/problem+json"


class Problem(msgspec.Struct, frozen=True):
    """RFC 9457. ``code`` and ``params`` let a program react; ``title`` and ``detail`` are for people."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    params: dict[str, Any]
    errors: list[FieldError]


class PageNotFound(SiyuError):
    """There is nothing at {path}."""

    code = "page_not_found"
    status = 404


class MethodNotAllowed(SiyuError):
    """This address takes {allowed}."""

    code = "method_not_allowed"
    status = 405


class Unreadable(SiyuError):
    """The request can't be read: {detail}"""

    code = "unreadable"
    status = 400


class BodyTooLarge(SiyuError):
    """The body is larger than this address takes."""

    code = "body_too_large"
    status = 413


class Internal(SiyuError):
    """Siyu made a mistake and has noted it down (number {incident}). Tell whoever looks after it."""

    code = "internal"
    status = 500


def problem_parts(error: SiyuError, language: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body that tell of ``error``."""
    title = error_text(error, language)
    problem = Problem(
        f"urn:siyu:problem:{error.code}",
        title,
        error.status,
        _detail(error, title),
        error.code,
        error.params,
        error.errors,
    )
    headers = {"content-type": PROBLEM_TYPE, "cache-control": "no-store"}
    if error.retry_after is not None:
        headers["retry-after"] = str(error.retry_after)
    if isinstance(error, Unauthorized):
        headers["www-authenticate"] = 'Bearer realm="siyu"'
    return error.status, headers, msgspec.json.encode(problem, enc_hook=str)


def _detail(error: SiyuError, title: str) -> str:
    fields = "; ".join(f"{each.field}: {each.message}" for each in error.errors[:5])
    return f"{title} {fields}" if fields else title


def internal(error: BaseException) -> Internal:
    """Note down an error nobody foresaw; what the caller learns is the number it was noted under."""
    incident = new_id("inc")
    _unforeseen.inc()
    _log.error("unforeseen_error", incident=incident, exc_info=error)
    return Internal(incident=incident)


def _language(request: Request[Any, Any, Any]) -> str:
    return language_of(request.headers.get("accept-language"))


def _answer(request: Request[Any, Any, Any], error: SiyuError) -> Response[bytes]:
    status, headers, body = problem_parts(error, _language(request))
    return Response(body, status_code=status, headers=headers, media_type=PROBLEM_TYPE)


def _known(request: Request[Any, Any, Any], error: SiyuError) -> Response[bytes]:
    return _answer(request, error)


def _wrong_shape(request: Request[Any, Any, Any], error: msgspec.ValidationError) -> Response[bytes]:
    return _answer(request, Invalid([field_error(str(error), "", _language(request))]))


def _http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    return _answer(request, _from_http(request, error))


def _too_deep(request: Request[Any, Any, Any], _error: RecursionError) -> Response[bytes]:
    return _answer(request, Unreadable(detail="its JSON is nested too deep."))


def _unknown(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    return _answer(request, internal(error))


def _from_http(request: Request[Any, Any, Any], error: HTTPException) -> SiyuError:
    """What the web framework says, in our words."""
    if isinstance(error, ValidationException):
        return Invalid(_framework_fields(error, _language(request)))
    if error.status_code == 404:
        return PageNotFound(path=request.scope["path"][:200])
    if error.status_code == 405:
        return MethodNotAllowed(allowed=(error.headers or {}).get("allow", "?"))
    if error.status_code == 413:
        return BodyTooLarge()
    if error.status_code < 500:
        return Unreadable(detail=error.detail[:300])
    return internal(error)


def _framework_fields(error: ValidationException, language: str) -> list[FieldError]:
    """The framework calls a body as a whole ``data``; its fields go by their own names."""
    found = error.extra if isinstance(error.extra, list) else []
    named = [(str(each.get("message", "")), str(each.get("key", ""))) for each in found]
    fields = [field_error(message, "" if key == "data" else key, language) for message, key in named]
    return fields or [FieldError("", error.detail[:300])]


EXCEPTION_HANDLERS: ExceptionHandlersMap = {
    SiyuError: _known,
    msgspec.ValidationError: _wrong_shape,
    HTTPException: _http,
    RecursionError: _too_deep,
    Exception: _unknown,
}
