"""Records put aside: look at them, mend them, send them in again, or drop them. Nothing is ever deleted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from siyu.collect import management_queries as queries
from siyu.collect.definitions import current_definitions
from siyu.collect.details import detail_text
from siyu.collect.identifiers import in_force
from siyu.collect.inbox import Inbox
from siyu.collect.management_queries import QuarantineRow
from siyu.collect.sources import growingio, segment, sensors
from siyu.collect.types import Decoded, Record
from siyu.collect.views import QuarantineItem, QuarantineState, Replayed, ReplayRequest
from siyu.kit import BadInput, Conflict, NotFound, Page, SiyuError, iso
from siyu.store import Store

_PART = 500


def listed(
    store: Store,
    state: QuarantineState | None,
    source_id: str | None,
    reason: str | None,
    after: str | None,
    limit: int,
    language: str,
) -> Page[QuarantineItem]:
    """Newest first, told in ``language``."""
    before = number_of(after) if after else None
    with store.inbox.read() as conn:
        rows = queries.quarantined(
            conn, state=state, source_id=source_id, reason=reason, before_id=before, limit=limit + 1
        )
    with store.state.read() as conn:
        names = queries.source_names(conn)
    items = [_view(row, names, language) for row in rows[:limit]]
    return Page(items, items[-1].id if len(rows) > limit else None)


def _view(row: QuarantineRow, names: dict[str, tuple[str, str]], language: str) -> QuarantineItem:
    name = names.get(row.source_id, (row.source_id, ""))[0]
    detail = detail_text(row.detail, language)
    return QuarantineItem(
        str(row.id), iso(row.at), row.source_id, name, row.reason, detail, row.record, row.state, row.format  # type: ignore[arg-type]
    )  # fmt: skip


def number_of(text: str) -> int:
    """A quarantine id. Raises BadInput when it is none."""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise BadInput(detail=f"{text[:20]!r} is no id of this list.")
    return int(text)


def edit(store: Store, row_id: str, record: str, language: str) -> QuarantineItem:
    """Mend a record's JSON text. Raises NotFound, Conflict when it doesn't wait any more, BadInput for broken JSON."""
    try:
        msgspec.json.decode(record, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadInput(detail=f"the record is not valid JSON ({error}).") from error
    with store.inbox.write() as conn:
        rows = queries.quarantined_by_id(conn, [number_of(row_id)])
        if not rows:
            raise NotFound(what=row_id)
        if rows[0].state != "waiting":
            raise Conflict(detail="This record doesn't wait any more.")
        queries.set_record(conn, rows[0].id, record)
        row = queries.quarantined_by_id(conn, [rows[0].id])[0]
    with store.state.read() as conn:
        return _view(row, queries.source_names(conn), language)


def drop(store: Store, ids: Sequence[str]) -> int:
    """Take records off the list; they are kept as dropped."""
    numbers = [number_of(one) for one in ids]
    with store.inbox.write() as conn:
        return queries.set_state(conn, numbers, "dropped")


def replay(store: Store, inbox: Inbox, request: ReplayRequest) -> Replayed:
    """Decode records once more and put those that can be taken now into the pipeline.

    They are on disk before they are marked; a replay that dies in between is harmless, since records have keys.
    """
    if (request.ids is None) == (not request.all):
        raise BadInput(detail="send either `ids`, or `all`: true.")
    tried = settled = 0
    for rows in _chosen(store, request):
        good = [(row, taken) for row in rows if (taken := _taken(store, row))]
        for source_id in {row.source_id for row, _ in good}:
            records = [record for row, taken in good if row.source_id == source_id for record in taken]
            inbox.append(source_id, store.clock.now_ms(), records)
        with store.inbox.write() as conn:
            queries.set_state(conn, [row.id for row, _ in good], "replayed")
        tried += len(rows)
        settled += len(good)
    return Replayed(tried, settled, tried - settled)


def _chosen(store: Store, request: ReplayRequest) -> Iterator[list[QuarantineRow]]:
    if request.ids is not None:
        numbers = [number_of(one) for one in request.ids]
        with store.inbox.read() as conn:
            rows = queries.quarantined_by_id(conn, numbers)
        yield [row for row in rows if row.state == "waiting"]
        return
    before: int | None = None
    while True:
        with store.inbox.read() as conn:
            rows = queries.quarantined(
                conn, source_id=request.source_id, reason=request.reason, before_id=before, limit=_PART
            )
        if not rows:
            return
        yield rows
        before = rows[-1].id


def _taken(store: Store, row: QuarantineRow) -> list[Record]:
    """The records of a row that can be taken now; else its fault is brought up to date."""
    fault = ("unknown_format", "this record can't be replayed: it came from within.")
    with store.state.read() as conn:
        definitions = current_definitions(conn)
    for received_at in (row.at, store.clock.now_ms()):
        try:
            with in_force(definitions):
                decoded = decode(row.format, row.record, received_at, row.source_id, store.settings.max_event_bytes)
        except SiyuError as error:
            fault = ("bad_json", error.message())
            continue
        if decoded is None:
            break
        if decoded.records and not decoded.rejects:
            return decoded.records
        if decoded.rejects:
            fault = (decoded.rejects[0].reason, decoded.rejects[0].detail)
    with store.inbox.write() as conn:
        queries.set_fault(conn, row.id, *fault)
    return []


def decode(wire: str, record: str, received_at: int, source_id: str, max_event_bytes: int) -> Decoded | None:
    """One record of a wire format; None for formats that can't be decoded again."""
    if wire == sensors.NAME:
        return sensors.decode(f"[{record}]".encode(), received_at, source_id, max_event_bytes)
    if wire == growingio.NAME:
        return growingio.decode(f"[{record}]".encode(), received_at, source_id, max_event_bytes)
    if wire == segment.NAME:
        return segment.decode(f'{{"batch":[{record}]}}'.encode(), received_at, source_id, max_event_bytes)
    return None
