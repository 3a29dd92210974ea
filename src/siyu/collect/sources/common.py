"""What every wire format needs: faults, time limits, traits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import accumulate

import msgspec

from siyu.collect.identifiers import MAX_IDENTIFIERS, Refusal, key_of
from siyu.collect.types import Record, TraitOp, TraitVerb
from siyu.kit import DAY, SiyuError, counter, iso, mask_identifier

EARLIEST = 631_152_000_000
"""1990-01-01: before this, a time is a fault of the client's clock."""

IDENTIFYING = {
    "email": "email",
    "mobile": "mobile",
    "phone": "mobile",
    "phone_number": "mobile",
    "unionid": "unionid",
    "union_id": "unionid",
    "member_card": "member_card",
    "external_userid": "external_userid",
    "邮箱": "email",
    "手机": "mobile",
    "手机号": "mobile",
}
"""Traits whose values also identify the person."""


IGNORED = "ignored_identifiers"
"""Where the context of a record says which of its identifiers name nobody."""
_TOLD = 20
_ignored = counter("siyu_ignored_identifiers_total", "Identifiers that name nobody, beside others that do")


class BadRecord(Exception):
    """A record that can't be taken; its neighbours can."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class TooDeep(SiyuError):
    """The JSON is nested more than {limit} levels deep. Flatten it."""

    code = "too_deep"
    status = 400


def check_identifiers(record: Record, refused: list[Refusal]) -> Record:
    """The record, unless it names more identifiers than anybody has: then it is a list and would tie strangers.

    Identifiers that were refused beside good ones are told in its context, and ``refused`` is emptied.
    """
    if refused:
        tell_ignored([record], refused)
        refused.clear()
    if len(record.ids) > MAX_IDENTIFIERS:
        raise BadRecord(
            "too_many_identifiers", f"a record may name {MAX_IDENTIFIERS} identifiers, not {len(record.ids)}."
        )
    return record


def tell_ignored(records: Sequence[Record], refused: Sequence[Refusal]) -> None:
    """Say in the context of records which identifiers beside theirs name nobody."""
    _ignored.inc(len(refused))
    for record in records:
        record.context = _told(record.context, refused)


def _told(context: str, refused: Sequence[Refusal]) -> str:
    """The context with what was ignored and why. What may be somebody's is masked."""
    said = [
        {
            "type": kind,
            "value": (value if why == "blocked_identifier" else mask_identifier(kind, value))[:60],
            "reason": why,
        }
        for kind, value, why in refused[:_TOLD]
    ]
    told = f'"{IGNORED}":{msgspec.json.encode(said).decode()}'
    rest = context.lstrip()[1:]
    return "{" + told + ("" if rest.strip() == "}" else ",") + rest


def check_time(time: int, received_at: int) -> int:
    """A believable time in ms: not before 1990, not more than a day ahead; the future up to a day is 'now'."""
    if time > received_at:
        if time - received_at > DAY:
            raise BadRecord("time_in_future", f"the time {_readable(time)} is more than a day ahead.")
        return received_at
    if time < EARLIEST:
        raise BadRecord("time_too_old", f"the time {_readable(time)} is before 1990.")
    return time


def _readable(time: int) -> str:
    return iso(time) if abs(time) < 250_000_000_000_000 else str(time)


def explain(error: msgspec.ValidationError) -> str:
    """A validation error without Python's words."""
    return str(error).replace("`$", "`")


def trait_ops(verb: TraitVerb, traits: Mapping[str, bytes | msgspec.Raw]) -> tuple[tuple[TraitOp, ...], set[str]]:
    """Trait changes, and the identifier keys found among the values."""
    ops, ids = [], set()
    for name, raw in traits.items():
        value = bytes(raw).decode()
        if value == "null" or not name or len(name) > 255:
            continue
        ops.append(TraitOp(verb, name, value))
        kind = IDENTIFYING.get(name.lower())
        if kind and (key := key_of(kind, value.strip('"'))):
            ids.add(key)
    return tuple(ops), ids


class _Batch(msgspec.Struct):
    batch: list[msgspec.Raw]


_decode_batch = msgspec.json.Decoder(_Batch).decode


def item_texts(body: bytes) -> list[str]:
    """JSON text of each item of a batch body."""
    return [bytes(raw).decode("utf-8", "replace") for raw in _decode_batch(body).batch]


_LONE_SURROGATE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)


def mend_surrogates(body: bytes) -> bytes:
    """JSON text with halves of a cut emoji (which no decoder takes) replaced by U+FFFD."""
    if b"\\ud" not in body and b"\\uD" not in body:
        return body
    return _LONE_SURROGATE.sub(rb"\\ufffd", body)


_BRACKETS = bytes(set(range(256)) - set(b"{}[]"))
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')


def check_depth(body: bytes, limit: int) -> None:
    """Raise TooDeep when JSON text nests deeper than ``limit``. Cheap for ordinary bodies."""
    shape = body.translate(None, _BRACKETS)
    if _closes_within(shape, limit):
        return
    shape = _STRING.sub(b"", body).translate(None, _BRACKETS)
    if max(accumulate(1 if letter in b"{[" else -1 for letter in shape), default=0) > limit:
        raise TooDeep(limit=limit)


def _closes_within(shape: bytes, limit: int) -> bool:
    """Whether the brackets vanish within ``limit`` rounds of taking out the innermost pairs."""
    for _ in range(limit):
        if not shape:
            return True
        shape = shape.replace(b"{}", b"").replace(b"[]", b"")
    return not shape
