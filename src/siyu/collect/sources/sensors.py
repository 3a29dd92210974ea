"""The Sensors Data (神策) tracking protocol.

Source: SensorsAnalyticsSDK 1.11.0 (Python) and sa-sdk-javascript 1.27.11, run and read; the Mini Program client
(1.22.7) and the beacon form of the web client were read only. ``/sa`` and ``/sa.gif`` take ``data`` (one record) or
``data_list`` (an array), base64, gzipped or not, in the query or as a form, whatever the content type says.
"""

from __future__ import annotations

import base64
import binascii
import logging
import re
import zlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec

from siyu.catalog import standard_name
from siyu.collect.identifiers import key_of, noting, ordered
from siyu.collect.orders import valued
from siyu.collect.queries import record_key
from siyu.collect.sources import sensors_values as values
from siyu.collect.sources.common import BadRecord, check_identifiers, check_time, explain
from siyu.collect.sources.names import check_names
from siyu.collect.types import Decoded, Record, Reject, TraitOp, TraitVerb
from siyu.kit import BadInput, Settings, TooLarge

NAME = "sensors"

_log = logging.getLogger("siyu.collect.sensors")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")

TRACKS = frozenset({"track", "track_signup", "track_id_bind", "track_id_unbind"})
ITEMS = frozenset({"item_set", "item_delete"})
PROFILES: dict[str, TraitVerb] = {
    "profile_set": "set",
    "profile_set_once": "set_once",
    "profile_increment": "increment",
    "profile_append": "append",
    "profile_unset": "unset",
    "profile_delete": "delete",
}

IDENTITIES = {
    "$identity_login_id": "user_id",
    "$identity_mobile": "mobile",
    "$identity_email": "email",
    "$identity_cookie_id": "device",
    "$identity_anonymous_id": "device",
    "$identity_android_id": "device",
    "$identity_android_uuid": "device",
    "$identity_idfv": "device",
    "$identity_ios_uuid": "device",
    "$identity_mp_id": "device",
    "$identity_mp_unionid": "unionid",
    "$identity_unionid": "unionid",
}
"""Identity key → identifier kind; the last three device kinds and bare unionid are from documentation only."""
_OPENID = re.compile(r"\$identity_mp_(\w+)_openid")
_UNIONID = re.compile(r"\$identity_mp_\w+_unionid")
_NOT_WORD = re.compile(r"[^\w$-]")
_KEYED = re.compile(r"(\$?[A-Za-z_][\w$]{0,99})\+(.+)", re.DOTALL)


# --- the request ------------------------------------------------------------------------------------------------------


def unpack(method: str, query: bytes, headers: Mapping[str, str], body: bytes, settings: Settings) -> bytes:
    """The JSON array a request carries. Raises BadInput or TooLarge naming the fault."""
    limit = settings.max_unpacked_bytes
    if method == "POST":
        body = _inflated(body, limit) if body[:2] == b"\x1f\x8b" else body
        if body.lstrip()[:1] in (b"[", b"{"):
            return _array(body)
        fields = _form(body)
        if not (fields.keys() & {b"data", b"data_list"}):
            fields |= _form(query)
    else:
        fields = _form(query)
    packed = fields.get(b"data_list") or fields.get(b"data")
    if not packed:
        raise BadInput(detail="the request has neither `data` nor `data_list`.")
    return _array(_unpacked(packed, fields.get(b"ext", b""), limit))


def _form(text: bytes) -> dict[bytes, bytes]:
    fields: dict[bytes, bytes] = {}
    for pair in text.split(b"&", 32):
        name, _, value = pair.partition(b"=")
        fields[name.strip()] = value
    return fields


def _unpacked(field: bytes, ext: bytes, limit: int) -> bytes:
    text = unquote_to_bytes(field).strip()
    if text[:1] in (b"[", b"{"):
        return unquote_to_bytes(field.replace(b"+", b" "))
    text = text.replace(b" ", b"+")
    sound = _crc_holds(text, ext)
    try:
        raw = _unbased(text)
    except (binascii.Error, ValueError) as error:
        raise BadInput(detail=f"the data is not base64{'' if sound else ' and its crc does not match'}.") from error
    if not sound:
        _log.warning("crc does not match; the data is taken all the same", extra={"size": len(raw)})
    if raw[:2] == b"\x1f\x8b":
        return _inflated(raw, limit)
    if len(raw) > limit:
        raise TooLarge(limit_bytes=limit)
    return raw


def _unbased(text: bytes) -> bytes:
    """Base64 in either alphabet, padded or not; some clients break lines."""
    text = text.translate(bytes.maketrans(b"-_", b"+/"), b"\r\n").rstrip(b"=")
    if _NOT_BASE64.search(text):
        raise ValueError("not base64")
    return base64.b64decode(text + b"=" * (-len(text) % 4))


def crc_of(text: bytes) -> int:
    """The client's checksum: 31-hash over the base64 text, signed 32-bit."""
    value = 0
    for letter in text:
        value = (31 * value + letter) & 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value


def _crc_holds(text: bytes, ext: bytes) -> bool:
    found = re.search(rb"crc=(-?\d{1,12})", unquote_to_bytes(ext))
    return found is None or crc_of(text) == int(found[1])


def _inflated(packed: bytes, limit: int) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        out = unpacker.decompress(packed, limit + 1)
    except zlib.error as error:
        raise BadInput(detail="the gzip data is broken.") from error
    if len(out) > limit:
        raise TooLarge(limit_bytes=limit)
    if not unpacker.eof:
        raise BadInput(detail="the gzip data is cut short.")
    return out


def _array(text: bytes) -> bytes:
    text = text.strip()
    if text[:1] == b"{":
        return b"[" + text + b"]"
    if text[:1] == b"[":
        return text
    raise BadInput(detail="the data is neither a JSON object nor an array.")


# --- the records ------------------------------------------------------------------------------------------------------


class Wire(msgspec.Struct, gc=False, rename={"track_id": "_track_id", "flush_time": "_flush_time"}):
    """One record, as its client sends it."""

    type: str = ""
    time: int | float | str | None = None
    distinct_id: str | int | float | None = None
    original_id: str | int | float | None = None
    login_id: str | int | None = None
    anonymous_id: str | int | None = None
    event: str | None = None
    properties: dict[str, Any] | None = None
    identities: dict[str, str | int | None] | None = None
    lib: dict[str, Any] | None = None
    item_type: str | None = None
    item_id: str | int | None = None
    time_free: Any = None
    track_id: int | float | str | None = None
    flush_time: int | float | str | None = None


_decode_raw = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_wire = msgspec.json.Decoder(Wire).decode
_encode = msgspec.json.Encoder().encode


def decode(body: bytes, received_at: int, source_id: str, max_event_bytes: int) -> Decoded:
    """Records and rejects of a JSON array. Raises BadInput when the body as a whole is no JSON."""
    try:
        raws = _decode_raw(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadInput(detail=f"the data is not valid JSON ({error}).") from error
    out = Decoded([], [])
    with noting() as refused:
        for index, raw in enumerate(raws):
            refused.clear()
            try:
                if len(raw) > max_event_bytes:
                    raise BadRecord("too_large", f"one record may have at most {max_event_bytes} bytes.")
                record = check_identifiers(_record(_decode_wire(raw), received_at, source_id), refused)
                out.records.append(check_names(record, raw))
            except BadRecord as fault:
                out.rejects.append(_reject(index, fault.reason, fault.detail, raw))
            except msgspec.ValidationError as error:
                out.rejects.append(_reject(index, "wrong_type", explain(error), raw))
            except msgspec.DecodeError as error:
                out.rejects.append(_reject(index, "bad_json", str(error), raw))
    return out


def _reject(index: int, reason: str, detail: str, raw: msgspec.Raw) -> Reject:
    return Reject(index, reason, detail, bytes(raw).decode("utf-8", "replace"))


def _record(wire: Wire, received_at: int, source_id: str) -> Record:
    kind = wire.type
    claimed, time = _times(wire, received_at)
    key = record_key(source_id, _identity_of(wire, claimed))
    if kind in TRACKS:
        return _tracked(wire, Record("", time, claimed // 1000, key, ordered(_ids(wire))))
    if kind in PROFILES:
        record = Record("", time, claimed // 1000, key, ordered(_ids(wire)))
        record.traits = _trait_ops(PROFILES[kind], wire.properties or {})
        return record
    if kind in ITEMS:
        return _item(wire, Record(kind, time, claimed // 1000, key, ()))
    raise BadRecord("unknown_type", f"`type` is {kind[:40]!r}; it is none of the record types of the protocol.")


def _times(wire: Wire, received_at: int) -> tuple[int, int]:
    """When the client says it happened, and the same by our clock: ``_flush_time`` shows how far off the client is."""
    claimed = values.epoch_ms(wire.time)
    if claimed is None:
        if wire.type in ITEMS:
            return 0, received_at
        raise BadRecord("no_time", "a record needs `time` in milliseconds.")
    flushed = values.epoch_ms(wire.flush_time) if wire.flush_time is not None and not wire.time_free else None
    skew = received_at - flushed if flushed else 0
    return claimed, check_time(claimed + skew, received_at)


def _identity_of(wire: Wire, claimed: int) -> str:
    """What makes a record this one. ``_track_id`` isn't unique, so it only adds; without it the content does."""
    who = wire.distinct_id if wire.distinct_id is not None else f"{wire.item_type}/{wire.item_id}"
    name = wire.event or wire.type
    if wire.track_id is not None:
        return f"{who}\0{claimed}\0{name}\0{wire.track_id}"
    return f"{who}\0{claimed}\0{name}\0\0{_encode(wire.properties).decode()}"


# --- what happened ----------------------------------------------------------------------------------------------------


def _tracked(wire: Wire, record: Record) -> Record:
    if not wire.event:
        raise BadRecord("no_event_name", "a track record needs `event`.")
    values.check_name(wire.event, "event name")
    record.event = standard_name(wire.event)
    props, context = values.split(wire.event, wire.properties or {})
    if wire.lib:
        context |= {name: value for name, value in wire.lib.items() if name.startswith("$") and name not in context}
    record.props = _encode(props).decode()
    record.context = _encode(context).decode()
    return valued(record, props)


def _item(wire: Wire, record: Record) -> Record:
    if not wire.item_type or wire.item_id is None or wire.item_id == "":
        raise BadRecord("no_identifier", "an item record needs `item_type` and `item_id`.")
    values.check_name(wire.item_type, "item type")
    values.check_id(str(wire.item_id), "item_id")
    props, context = values.split("", wire.properties or {})
    record.props = _encode({"item_type": wire.item_type, "item_id": str(wire.item_id)} | props).decode()
    record.context = _encode(context).decode()
    return record


def _trait_ops(verb: TraitVerb, given: Mapping[str, Any]) -> tuple[TraitOp, ...]:
    if verb == "delete":
        return (TraitOp("delete", "", ""),)
    if verb == "unset":
        names = [values.check_name(name, "property name") for name in given if name not in values.FLAGS]
        return tuple(TraitOp("unset", name, "") for name in names)
    ops = []
    for name, value in values.cleaned(given).items():
        if name in values.FLAGS or value is None:
            continue
        if verb == "increment" and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise BadRecord("bad_value", f"`{name}` must be a number to be added.")
        if verb == "append" and not isinstance(value, list):
            value = [value]
        ops.append(TraitOp(verb, name, _encode(value).decode()))
    return tuple(ops)


# --- who --------------------------------------------------------------------------------------------------------------


def _ids(wire: Wire) -> set[str]:
    given = _named_ids(wire)
    ids = {key for kind, value in given if (key := key_of(kind, value))}
    if ids:
        return ids
    if not given:
        raise BadRecord("no_identifier", "a record needs `distinct_id` or `identities`.")
    raise BadRecord("blocked_identifier", f"{given[0][1][:60]!r} names nobody; send the person's real id.")


def _named_ids(wire: Wire) -> list[tuple[str, str]]:
    """(kind, value) of everything that names the person."""
    found = [_of_identity(name, value) for name, value in (wire.identities or {}).items() if value not in (None, "")]
    for kind, value in found:
        values.check_id(value, kind)
    if wire.type == "track_id_unbind" and found:
        return found
    for kind, given in (("user_id", wire.login_id), ("device", wire.anonymous_id)):
        if given not in (None, "") and not _repeats(wire, str(given)):
            found.append(_keyed(str(given)) or (kind, values.check_id(str(given), kind)))
    if wire.distinct_id not in (None, ""):
        found += _of_distinct(wire, values.text_of(wire.distinct_id), {value for _, value in found})
    if wire.type == "track_signup" and wire.original_id not in (None, ""):
        found.append(("device", values.check_id(values.text_of(wire.original_id), "original_id")))
    return found


def _of_distinct(wire: Wire, distinct: str, known: set[str]) -> list[tuple[str, str]]:
    """distinct_id repeats one of the ids a client names, or is itself a login id or an anonymous id."""
    if distinct in known or _repeats(wire, distinct):
        return []
    if keyed := _keyed(distinct):
        return [keyed]
    values.check_id(distinct, "distinct_id")
    flags = wire.properties or {}
    login = wire.type == "track_signup" or flags.get("$is_login_id") in (True, "true", 1)
    return [("user_id" if login else "device", distinct)]


def _repeats(wire: Wire, text: str) -> bool:
    """Whether an id is ``key+value`` of one of the record's identities."""
    if "+" not in text:
        return False
    return any(text == f"{name}+{value}" for name, value in (wire.identities or {}).items())


def _keyed(text: str) -> tuple[str, str] | None:
    """``$identity_mobile+138…``: how clients write a distinct_id that is no login id."""
    found = _KEYED.fullmatch(text) if text.startswith("$identity_") else None
    if found is None:
        return None
    return _of_identity(found[1], found[2])


def _of_identity(name: str, value: str | int | None) -> tuple[str, str]:
    kind = IDENTITIES.get(name)
    if kind:
        return kind, str(value)
    if found := _OPENID.fullmatch(name):
        return f"openid.{found[1]}", str(value)
    if _UNIONID.fullmatch(name):
        return "unionid", str(value)
    return f"custom.{_NOT_WORD.sub('_', name.removeprefix('$identity_'))[:60]}", str(value)
