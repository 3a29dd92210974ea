"""What connectors learn becomes records, read as any source's: through the Segment format."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from siyu.collect import Decoded, Definitions, Record, TraitOp, in_force, key_of, read_items, record_key
from siyu.connectors.contract import Item
from siyu.kit import SECOND, iso

_encode = msgspec.json.Encoder().encode


def decoded(
    items: Sequence[Item], now: int, source: str, definitions: Definitions, most_bytes: int, by: str = ""
) -> Decoded:
    """Records and rejects of what was learned. ``by`` says how, where it was no callback: ``list``."""
    calls = [call for item in items for call in _calls(item, by)]
    out = Decoded([], [])
    if calls:
        out = read_items(_encode({"batch": calls}), now, source, definitions, most_bytes)
    with in_force(definitions):
        out.records += [record for item in items if item.forget for record in _forget(item, source)]
    for record in out.records:
        record.context = _without_ids(record.context)
    return out


def _without_ids(context: str) -> str:
    """Identifiers stand in the ledger, where they can be forgotten, and not in every event."""
    if '"externalIds"' not in context:
        return context
    said = msgspec.json.decode(context, type=dict[str, Any])
    said.pop("externalIds", None)
    return _encode(said).decode()


def _calls(item: Item, by: str) -> Iterable[dict[str, Any]]:
    named = [{"type": kind, "id": value} for kind, value in item.ids if value]
    context = {"externalIds": named} | ({"by": by} if by else {})
    common = {"timestamp": iso(item.at), "context": context}
    if item.event:
        yield {"type": "track", "messageId": item.id, "event": item.event, "properties": item.props} | common
    alone = item.own and len(named) > 1
    if (item.traits and not alone) or (named and not item.event and not item.forget):
        traits = {} if alone else item.traits
        yield {"type": "identify", "messageId": f"{item.id} known", "traits": traits} | common
    if item.traits and alone:
        own = common | {"context": context | {"externalIds": named[:1]}}
        yield {"type": "identify", "messageId": f"{item.id} own", "traits": item.traits} | own


def _forget(item: Item, source: str) -> Iterable[Record]:
    """To the end of the second: vendors tell no finer when it happened."""
    at, key = item.at // SECOND * SECOND + SECOND - 1, key_of(*item.ids[0])
    if key:
        id = record_key(source, f"{item.id} forget")
        yield Record("", at, at // SECOND, id, (key,), traits=(TraitOp("retract", "", ""),))
