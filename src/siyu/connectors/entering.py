"""What connectors learn becomes records, read as any source's: through the Segment format."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from siyu.collect import Decoded, Definitions, Record, TraitOp, in_force, key_of, read_items, record_key
from siyu.connectors.contract import Item
from siyu.kit import iso

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
        out.records += [record for item in items if item.unset for record in _unset(item, source)]
    return out


def _calls(item: Item, by: str) -> Iterable[dict[str, Any]]:
    named = [{"type": kind, "id": value} for kind, value in item.ids if value]
    context = {"externalIds": named} | ({"by": by} if by else {})
    common = {"timestamp": iso(item.at), "context": context}
    if item.event:
        yield {"type": "track", "messageId": item.id, "event": item.event, "properties": item.props} | common
    if item.traits or (named and not item.event and not item.unset):
        yield {"type": "identify", "messageId": f"{item.id} known", "traits": item.traits} | common


def _unset(item: Item, source: str) -> Iterable[Record]:
    ids = tuple(found for kind, value in item.ids if value and (found := key_of(kind, value)))
    if ids:
        ops = tuple(TraitOp("unset", name, "") for name in item.unset)
        yield Record("", item.at, item.at // 1000, record_key(source, f"{item.id} unset"), ids, traits=ops)
