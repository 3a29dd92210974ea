"""Endpoints, what they are told, and telling them again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import xxhash
from sqlalchemy.engine import Connection, Row

from siyu.accounts import Operator, audit
from siyu.kit import BadInput, NotFound, Page, check_version, iso, iso_or_none, new_id, new_token, person_ref
from siyu.pipeline import Settled
from siyu.profiles import mask_json
from siyu.store import Store, now_of
from siyu.webhooks import queries
from siyu.webhooks.types import (
    DeliveryView,
    Endpoint,
    EndpointChange,
    EndpointView,
    NewEndpoint,
    Replay,
    Replayed,
    Topic,
)

_text = msgspec.json.Encoder().encode
News = tuple[Topic, str, dict[str, Any]]
"""(topic, what tells it from others of the batch, data)."""


def on_settled(_store: Store, conn: Connection, settled: Settled) -> None:
    """Put what a batch brought into the post of those who listen, in the batch's own transaction."""
    listening = queries.listening(conn)
    if not listening:
        return
    wanted: frozenset[str] = frozenset().union(*(one.topics for one in listening))
    news = [*_of_persons(settled), *_of_audiences(settled)]
    if "event" in wanted:
        news += _of_events(settled, listening)
    queries.add_deliveries(conn, [row for one in listening for row in _letters(one, news, settled)])


def _letters(one: Endpoint, news: Sequence[News], settled: Settled) -> Iterator[tuple[str, str, str, str, int]]:
    for topic, mark, data in news:
        if topic not in one.topics or (topic == "event" and one.events and data["event"] not in one.events):
            continue
        name = f"dlv_{xxhash.xxh3_128_hexdigest(f'{one.id} {settled.number} {topic} {mark}'.encode())}"
        body = {"id": name, "type": topic, "at": iso(settled.now), "data": data}
        yield name, one.id, topic, _text(body).decode(), settled.now


def _of_persons(settled: Settled) -> Iterator[News]:
    """Merges and splits, in the order they happened."""
    for number, move in enumerate(settled.moves):
        mark = f"{number} {move.source} {move.target}"
        if move.anchors is None:
            yield "person.merged", mark, {"person": person_ref(move.target), "absorbed": person_ref(move.source)}
        else:
            yield "person.split", mark, {"person": person_ref(move.source), "into": person_ref(move.target)}


def _of_audiences(settled: Settled) -> Iterator[News]:
    topics: tuple[tuple[Topic, list[tuple[str, int]]], ...] = (
        ("audience.entered", settled.entered),
        ("audience.left", settled.left),
    )
    for topic, moved in topics:
        for audience, person in moved:
            yield topic, f"{audience} {person} {settled.now}", {"audience": audience, "person": person_ref(person)}


def _of_events(settled: Settled, listening: Sequence[Endpoint]) -> Iterator[News]:
    names = [one.events for one in listening if "event" in one.topics]
    every = any(not chosen for chosen in names)
    chosen: frozenset[str] = frozenset().union(*names)
    columns = settled.events
    for row, event in enumerate(columns.event):
        if every or event in chosen:
            yield (
                "event",
                f"{columns.key[row]}",
                {
                    "event": event,
                    "person": person_ref(columns.person[row]),
                    "time": iso(columns.time[row]),
                    "amount": columns.amount[row],
                    "properties": msgspec.Raw(columns.props[row].encode()),
                },
            )


def list_endpoints(conn: Connection) -> Page[EndpointView]:
    counted = queries.counts(conn)
    return Page([_view(row, counted) for row in queries.all_endpoints(conn)])


def _view(row: Row[Any], counted: dict[tuple[str, str], int], secret: str | None = None) -> EndpointView:
    return EndpointView(
        id=row.id,
        name=row.name,
        url=row.url,
        topics=msgspec.json.decode(row.topics),
        events=msgspec.json.decode(row.events),
        enabled=row.enabled,
        created_at=iso(row.created_at),
        failing_since=iso_or_none(row.failing_since),
        last_ok_at=iso_or_none(row.last_ok_at),
        waiting=counted.get((row.id, "waiting"), 0),
        failed=counted.get((row.id, "failed"), 0),
        version=row.version,
        secret=secret,
    )


def endpoint_view(conn: Connection, endpoint_id: str, secret: str | None = None) -> EndpointView:
    return _view(_find(conn, endpoint_id), queries.counts(conn), secret)


def _find(conn: Connection, endpoint_id: str) -> Row[Any]:
    row = queries.endpoint_row(conn, endpoint_id)
    if row is None:
        raise NotFound(what=endpoint_id[:40])
    return row


def add_endpoint(store: Store, conn: Connection, actor: Operator, wanted: NewEndpoint) -> EndpointView:
    """A new listener. Its signing secret is in the answer, and never shown again."""
    secret, made = f"whsec_{new_token()}", new_id("whk")
    values = {"id": made, "enabled": True, "created_at": now_of(conn), "secret": store.secrets.seal(secret)}
    queries.add_endpoint(conn, values | _columns(msgspec.structs.asdict(wanted)))
    audit(conn, actor, "webhook.create", made, {"url": wanted.url, "topics": wanted.topics})
    return endpoint_view(conn, made, secret)


def _columns(values: dict[str, Any]) -> dict[str, Any]:
    """Lists are kept as JSON text; what is not set is left out."""
    kept = {name: value for name, value in values.items() if value is not msgspec.UNSET}
    return {
        name: _text(list(dict.fromkeys(value))).decode() if isinstance(value, list) else value
        for name, value in kept.items()
    }


def change_endpoint(
    conn: Connection, actor: Operator, endpoint_id: str, wanted: EndpointChange, if_match: str | None
) -> EndpointView:
    """Raises StaleEdit when somebody was faster."""
    row = _find(conn, endpoint_id)
    check_version(if_match, row.version)
    values = _columns(msgspec.structs.asdict(wanted))
    queries.change_endpoint(conn, endpoint_id, values | {"version": row.version + 1, "paused_until": 0})
    audit(conn, actor, "webhook.change", endpoint_id, {"fields": sorted(values)})
    return endpoint_view(conn, endpoint_id)


def new_secret(store: Store, conn: Connection, actor: Operator, endpoint_id: str) -> EndpointView:
    """Replace the signing secret; the new one is in the answer. What still waits is signed with it."""
    row, secret = _find(conn, endpoint_id), f"whsec_{new_token()}"
    values = {"secret": store.secrets.seal(secret), "version": row.version + 1}
    queries.change_endpoint(conn, endpoint_id, values)
    audit(conn, actor, "webhook.new_secret", endpoint_id, {})
    return endpoint_view(conn, endpoint_id, secret)


def drop_endpoint(conn: Connection, actor: Operator, endpoint_id: str) -> None:
    """Remove a listener with its post."""
    row = _find(conn, endpoint_id)
    queries.drop_endpoint(conn, endpoint_id)
    audit(conn, actor, "webhook.delete", endpoint_id, {"name": row.name, "url": row.url})


def list_deliveries(
    conn: Connection, endpoint_id: str, state: str | None, after: str | None, limit: int
) -> Page[DeliveryView]:
    """What an endpoint was told, newest first."""
    _find(conn, endpoint_id)
    rows = queries.page(conn, endpoint_id, state, _cursor(after), limit)
    return Page([_delivery(row) for row in rows], str(rows[-1].seq) if len(rows) == limit else None)


def _cursor(after: str | None) -> int | None:
    if after is not None and not (after.isascii() and after.isdigit() and len(after) < 19):
        raise BadInput(detail="after is no cursor of this list.")
    return int(after) if after else None


def _delivery(row: Row[Any]) -> DeliveryView:
    due = iso(row.due_at) if row.state == "waiting" else None
    shown = mask_json(row.body)
    return DeliveryView(row.id, row.topic, row.state, iso(row.created_at), due, row.attempts, row.answer, shown)


def replay(conn: Connection, actor: Operator, endpoint_id: str, wanted: Replay) -> Replayed:
    """Post again, under the same ids: a receiver that has them already can tell."""
    _find(conn, endpoint_id)
    number = queries.again(conn, endpoint_id, wanted.ids, now_of(conn))
    queries.change_endpoint(conn, endpoint_id, {"paused_until": 0})
    audit(conn, actor, "webhook.replay", endpoint_id, {"deliveries": number})
    return Replayed(number)
