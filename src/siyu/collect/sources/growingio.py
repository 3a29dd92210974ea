"""The GrowingIO collect protocol, as sent by its server clients.

Source: growingio-tracker 1.0.5 (Python), run and read. ``/v3/projects/{project}/collect`` takes a JSON array of custom
events and of what is known of users, ``/projects/{project}/collect/item`` one of items; the project is our write key.
There is no message id, so what a record says is what it is known by. Bodies packed by the optional snappy and protobuf
extensions, and the event types of the web and app clients, are not taken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import msgspec

from siyu.catalog import standard_name
from siyu.collect.identifiers import key_of, known_kind, noting, ordered
from siyu.collect.orders import valued
from siyu.collect.queries import record_key
from siyu.collect.sources.common import IDENTIFYING, BadRecord, check_identifiers, check_time, explain, trait_ops
from siyu.collect.sources.names import check_names
from siyu.collect.types import Decoded, Record, Reject
from siyu.kit import BadInput

NAME = "growingio"
_PATH = re.compile(r"/+(?:v3/projects/([^/]{1,200})/collect|projects/([^/]{1,200})/collect/item)/?")
_LIST = "||"
_USER = frozenset(("", "$basic_userid", "userid", "user_id", "loginuserid"))
"""Names of the user key that mean the plain user id, in lower case."""
_NOT_WORD = re.compile(r"[^\w-]")


class Wire(msgspec.Struct, gc=False):
    """One event, one user's attributes, or one item (``key`` and ``id``), as its client sends it."""

    eventType: str = ""
    eventName: str | None = None
    timestamp: int | None = None
    userId: str | int | None = None
    userKey: str | None = None
    deviceId: str | int | None = None
    attributes: dict[str, Any] | None = None
    key: str | None = None
    id: str | int | None = None


_decode_raws = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_wire = msgspec.json.Decoder(Wire).decode
_encode = msgspec.json.Encoder().encode


def project_of(path: str) -> str | None:
    """The project an address names; None when it is no address of this protocol. Doubled slashes are tolerated."""
    found = _PATH.fullmatch(path)
    return (found[1] or found[2]) if found else None


def sent_at(query: bytes) -> int:
    """``stm``: when the client sent the request by its own clock, epoch ms; 0 when it doesn't say."""
    text = parse_qs(query.decode("latin-1")).get("stm", [""])[0]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 15 else 0


def decode(body: bytes, received_at: int, source_id: str, max_event_bytes: int, sent: int = 0) -> Decoded:
    """Records and rejects of a JSON array. Raises BadInput when the body as a whole is none."""
    try:
        raws = _decode_raws(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadInput(detail=f"the body is no JSON array ({error}); snappy and protobuf are not taken.") from error
    out, skew = Decoded([], []), received_at - sent if sent else 0
    for index, raw in enumerate(raws):
        try:
            if len(raw) > max_event_bytes:
                raise BadRecord("too_large", f"one record may have at most {max_event_bytes} bytes.")
            with noting() as refused:
                record = check_identifiers(_record(_decode_wire(raw), received_at, source_id, skew), refused)
            out.records.append(check_names(record, raw))
        except BadRecord as fault:
            out.rejects.append(_reject(index, fault.reason, fault.detail, raw))
        except msgspec.ValidationError as error:
            out.rejects.append(_reject(index, "wrong_type", explain(error), raw))
    return out


def _reject(index: int, reason: str, detail: str, raw: msgspec.Raw) -> Reject:
    return Reject(index, reason, detail, bytes(raw).decode("utf-8", "replace"))


def _record(wire: Wire, received_at: int, source_id: str, skew: int) -> Record:
    values = {name: _listed(value) for name, value in (wire.attributes or {}).items()}
    claimed = wire.timestamp or 0
    who = [wire.userKey, wire.userId, wire.deviceId, wire.key, wire.id]
    said = _encode([wire.eventType, wire.eventName, who, values])
    time = check_time(claimed + skew, received_at) if claimed else received_at
    key = record_key(source_id, f"{claimed}\0{said.decode()}")
    record = Record("", time, claimed // 1000, key, ())
    if not wire.eventType and wire.key:
        return _item(wire, record, values)
    record.ids = ordered(_ids(wire))
    if wire.eventType == "CUSTOM":
        if not wire.eventName:
            raise BadRecord("no_event_name", "a custom event needs `eventName`.")
        record.event, record.props = standard_name(wire.eventName[:255]), _encode(values).decode()
        return valued(record)
    if wire.eventType == "LOGIN_USER_ATTRIBUTES":
        encoded = {name: _encode(value) for name, value in values.items()}
        record.traits, found = trait_ops("set", encoded)
        record.ids = ordered({*record.ids, *found})
        return record
    raise BadRecord("unknown_type", f"`eventType` is {wire.eventType[:40]!r}; use CUSTOM or LOGIN_USER_ATTRIBUTES.")


def _item(wire: Wire, record: Record, values: Mapping[str, Any]) -> Record:
    if wire.id in (None, ""):
        raise BadRecord("no_identifier", "an item needs `key` and `id`.")
    record.event = "item_set"
    record.props = _encode({"item_type": wire.key, "item_id": str(wire.id)} | dict(values)).decode()
    return record


def _listed(value: Any) -> Any:
    """Clients join lists into one text."""
    return value.split(_LIST) if isinstance(value, str) and _LIST in value else value


def _ids(wire: Wire) -> set[str]:
    """The user, by the kind of id their key names, and the device. Raises BadRecord when that is nobody."""
    given = [(_kind_of(wire.userKey or ""), wire.userId), ("device", wire.deviceId)]
    named = [(kind, str(value)) for kind, value in given if value not in (None, "")]
    ids = {key for kind, value in named if (key := key_of(kind, value))}
    if ids:
        return ids
    if not named:
        raise BadRecord("no_identifier", "a record needs `userId` or `deviceId`.")
    raise BadRecord("blocked_identifier", f"{named[0][1][:60]!r} names nobody; send the person's real id.")


def _kind_of(user_key: str) -> str:
    lower = user_key.lower()
    if lower in _USER:
        return "user_id"
    kind = known_kind(user_key)
    if kind is not None and kind.scoped == ("." in user_key):
        return user_key
    return IDENTIFYING.get(lower) or f"custom.{_NOT_WORD.sub('_', user_key)[:60]}"
