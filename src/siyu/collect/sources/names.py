"""Names the state keeps as text of their own."""

from __future__ import annotations

import msgspec

from siyu.collect.orders import ORDER_EVENTS, read_order
from siyu.collect.sources.common import BadRecord
from siyu.collect.types import Record


def check_names(record: Record, body: bytes | msgspec.Raw) -> Record:
    """The record, unless a name the state keeps as text has the character NUL in it: no database takes that."""
    if b"\\u0000" in bytes(body):
        shop = read_order(record.event, record.props).shop if record.event in ORDER_EVENTS else ""
        names = (shop, record.order, *record.ids, *(op.name for op in record.traits))
        if any("\0" in name for name in names):
            raise BadRecord("bad_text", "a name has the character NUL (U+0000) in it.")
    return record
