"""The Segment HTTP API, as sent by Segment's and RudderStack's clients.

Source: client behaviour seen on the wire with segment-analytics-python 2.4.0, rudder-sdk-python 2.1.9,
@segment/analytics-node. ``/v1/batch`` takes ``{batch: […], sentAt}``; the single calls take one item.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from siyu.catalog import standard_name
from siyu.collect.identifiers import key_of, known_kind, noting, ordered
from siyu.collect.orders import valued
from siyu.collect.queries import record_key
from siyu.collect.sources.common import (
    BadRecord,
    check_identifiers,
    check_time,
    explain,
    item_texts,
    mend_surrogates,
    trait_ops,
)
from siyu.collect.sources.names import check_names
from siyu.collect.types import Decoded, Record, Reject
from siyu.kit import BadInput

NAME = "segment"
PATHS = frozenset(f"/v1/{call}" for call in ("batch", "track", "identify", "page", "screen", "group", "alias"))


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Item(msgspec.Struct, gc=False):
    """One call, as its client sends it."""

    type: str = ""
    messageId: str | None = None
    timestamp: datetime | None = None
    originalTimestamp: datetime | None = None
    sentAt: datetime | None = None
    userId: str | int | None = None
    anonymousId: str | int | None = None
    previousId: str | int | None = None
    groupId: str | int | None = None
    event: str | None = None
    name: str | None = None
    properties: msgspec.Raw = msgspec.Raw(b"")
    traits: msgspec.Raw = msgspec.Raw(b"")
    context: msgspec.Raw = msgspec.Raw(b"")


class Body(msgspec.Struct):
    batch: list[Item]
    sentAt: datetime | None = None
    writeKey: str | None = None


class LooseBody(msgspec.Struct):
    batch: list[msgspec.Raw]
    sentAt: msgspec.Raw = msgspec.Raw(b"null")
    writeKey: msgspec.Raw = msgspec.Raw(b"null")


class ExternalId(msgspec.Struct):
    """Segment's way to name a person by a system's own id, such as ``{"type": "unionid", "id": "oXy"}``."""

    type: str = ""
    id: str | int | None = None


class _Context(msgspec.Struct):
    traits: dict[str, msgspec.Raw] | None = None
    externalIds: list[ExternalId] = []


class _Keyed(msgspec.Struct):
    writeKey: str | None = None


_decode = msgspec.json.Decoder(Body).decode
_decode_loose = msgspec.json.Decoder(LooseBody).decode
_decode_item = msgspec.json.Decoder(Item).decode
_decode_keyed = msgspec.json.Decoder(_Keyed).decode
_decode_context = msgspec.json.Decoder(_Context).decode
_decode_map = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_time = msgspec.json.Decoder(datetime | None).decode


def write_key_in(body: bytes) -> str | None:
    """The writeKey some clients put into the body."""
    try:
        return _decode_keyed(body).writeKey
    except msgspec.DecodeError:
        return None


def as_batch(path: str, body: bytes) -> bytes:
    """The body of a single call as a batch of one. ``/v1/batch`` bodies pass unchanged."""
    if path == "/v1/batch":
        return body
    inner = body.strip()
    if not (inner.startswith(b"{") and inner.endswith(b"}")):
        raise BadInput(detail="the body must be a JSON object.")
    call = path.rpartition("/")[2].encode()
    rest = inner[1:]
    joint = b"" if rest.strip() == b"}" else b","
    return b'{"batch":[{"type":"' + call + b'"' + joint + rest + b"]}"


def decode(body: bytes, received_at: int, source_id: str, max_event_bytes: int) -> Decoded:
    """Records and rejects of a batch body. Raises BadInput when the body as a whole is no batch."""
    out = Decoded([], [])
    try:
        parsed = _decode(body)
    except msgspec.ValidationError:
        return _decode_one_by_one(body, received_at, source_id, max_event_bytes)
    except msgspec.DecodeError as error:
        if (mended := mend_surrogates(body)) != body:
            return decode(mended, received_at, source_id, max_event_bytes)
        raise BadInput(detail=f"the body is not valid JSON ({error}).") from error
    if len(body) > max_event_bytes:
        limit = max_event_bytes
        if any(len(item.properties) + len(item.traits) + len(item.context) > limit for item in parsed.batch):
            return _decode_one_by_one(body, received_at, source_id, max_event_bytes)
    skew = _skew(parsed.sentAt, received_at)
    odd = b"\\u0000" in body
    with noting() as refused:
        for index, item in enumerate(parsed.batch):
            try:
                record = check_identifiers(_record(item, index, received_at, source_id, skew), refused)
                out.records.append(check_names(record, body) if odd else record)
            except BadRecord as fault:
                refused.clear()
                text = item_texts(body)[index]
                out.rejects.append(Reject(index, fault.reason, fault.detail, text))
    return out


def _decode_one_by_one(body: bytes, received_at: int, source_id: str, max_event_bytes: int) -> Decoded:
    """The slow way, for a batch with an item that does not fit: its neighbours are kept."""
    out = Decoded([], [])
    try:
        parsed = _decode_loose(body)
        skew = _skew(_decode_time(parsed.sentAt), received_at)
    except msgspec.ValidationError as error:
        raise BadInput(detail=f"the body is no batch: {explain(error)}. Send {{batch: [...], sentAt}}.") from error
    for index, raw in enumerate(parsed.batch):
        text = bytes(raw).decode("utf-8", "replace")
        try:
            if len(raw) > max_event_bytes:
                raise BadRecord("too_large", f"one record may have at most {max_event_bytes} bytes.")
            with noting() as refused:
                record = check_identifiers(_record(_decode_item(raw), index, received_at, source_id, skew), refused)
            out.records.append(check_names(record, raw))
        except BadRecord as fault:
            out.rejects.append(Reject(index, fault.reason, fault.detail, text))
        except msgspec.ValidationError as error:
            out.rejects.append(Reject(index, "wrong_type", explain(error), text))
    return out


def _skew(sent: datetime | None, received_at: int) -> int:
    """How far the client's clock is behind ours, in ms (network time included; nothing tells them apart)."""
    return received_at - _ms(sent) if sent else 0


def _ms(moment: datetime) -> int:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since = moment - _EPOCH
    return since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000


def _record(item: Item, index: int, received_at: int, source_id: str, skew: int) -> Record:
    stamp = item.originalTimestamp or item.timestamp
    claimed = _ms(stamp) if stamp else 0
    if not skew and item.sentAt:
        skew = _skew(item.sentAt, received_at)
    time = check_time(claimed + skew if stamp else received_at, received_at)
    kind = item.type
    props = _object(item.properties, "properties")
    context = _object(item.context, "context")
    if '"externalIds"' in context:
        ids = ordered({*_ids(item, needed=False), *_external(item.context)})
    else:
        ids = _ids(item, needed=kind != "identify")
    key, bucket = _key(item, ids, index, received_at, source_id, claimed)
    if not ids and kind != "identify":
        raise BadRecord("no_identifier", "none of `context.externalIds` names a person.")
    if kind == "track":
        if not item.event:
            raise BadRecord("no_event_name", "a track call needs `event`.")
        event = standard_name(item.event[:255])
        record = Record(event, time, bucket, key, ids, props, context)
        return valued(record)
    if kind == "identify":
        return _identify(item, Record("", time, bucket, key, (), "{}", context), ids)
    if kind in ("page", "screen"):
        event = "page_viewed" if kind == "page" else "screen_viewed"
        return Record(event, time, bucket, key, ids, _with(props, "name", item.name), context)
    if kind == "group":
        props = _with(_object(item.traits, "traits"), "group_id", str(item.groupId or ""))
        return Record("group_identified", time, bucket, key, ids, props, context)
    if kind == "alias":
        return Record("", time, bucket, key, ordered({*ids, *_alias(item)}), "{}", context)
    raise BadRecord("unknown_type", f"`type` is {kind!r}; use track, identify, page, screen, group or alias.")


def _ids(item: Item, *, needed: bool) -> tuple[str, ...]:
    """Who the item names, strongest first. Raises BadRecord when that is nobody and ``needed``."""
    user, device = item.userId, item.anonymousId
    user_key = key_of("user_id", str(user)) if user is not None else None
    device_key = key_of("device", str(device)) if device is not None else None
    if user_key is not None:
        return (user_key,) if device_key is None else (user_key, device_key)
    if device_key is not None:
        return (device_key,)
    if not needed:
        return ()
    if user in (None, "") and device in (None, ""):
        raise BadRecord("no_identifier", "a record needs `userId` or `anonymousId`.")
    raise BadRecord("blocked_identifier", f"{user or device!r} names nobody; send the person's real id.")


def _external(context: msgspec.Raw) -> set[str]:
    """Keys of the external ids whose type is a kind of identifier, with its scope (``openid.wx1``) where it has one."""
    keys = set()
    for one in _decode_context(context).externalIds:
        kind = known_kind(one.type)
        if kind and one.id is not None and kind.scoped == ("." in one.type) and (key := key_of(one.type, str(one.id))):
            keys.add(key)
    return keys


def _alias(item: Item) -> set[str]:
    previous = key_of("device", str(item.previousId)) if item.previousId is not None else None
    if previous is None:
        raise BadRecord("no_identifier", "an alias call needs `previousId`.")
    return {previous}


def _key(
    item: Item, ids: tuple[str, ...], index: int, received_at: int, source_id: str, claimed: int
) -> tuple[int, int]:
    if item.messageId:
        return record_key(source_id, item.messageId), claimed // 1000
    if claimed:
        content = f"{item.type}\0{' '.join(ids)}\0{item.event}\0{claimed}\0"
        said = bytes(item.properties) + b"\0" + bytes(item.traits)
        return record_key(source_id, content + said.decode(errors="replace")), claimed // 1000
    return record_key(source_id, f"{received_at}\0{index}\0{id(item)}"), 0


def _object(raw: msgspec.Raw, field: str) -> str:
    """JSON text of an object; ``{}`` when absent or null."""
    text = bytes(raw)
    if not text or text == b"null":
        return "{}"
    if not text.startswith(b"{"):
        raise BadRecord("wrong_type", f"`{field}` must be an object.")
    return text.decode()


def _with(props: str, name: str, value: str | None) -> str:
    if not value or f'"{name}"' in props:
        return props
    rest = props[1:]
    joint = "" if rest.strip() == "}" else ","
    return "{" + f'"{name}":{msgspec.json.encode(value).decode()}{joint}{rest}'


def _identify(item: Item, record: Record, ids: tuple[str, ...]) -> Record:
    """Traits, and the identifiers found among them. RudderStack puts traits into the context."""
    traits: dict[str, Any] = _decode_map(item.traits) if _object(item.traits, "traits") != "{}" else {}
    if not traits and record.context != "{}":
        traits = dict(_decode_context(item.context).traits or {})
    record.traits, found = trait_ops("set", traits)
    record.ids = ordered({*ids, *found})
    if not record.ids:
        raise BadRecord("no_identifier", "an identify call needs `userId`, `anonymousId`, or an email or mobile.")
    return record
