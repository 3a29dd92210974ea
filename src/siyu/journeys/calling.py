"""Makes the calls of webhook nodes, outside of any transaction, and lets runs go on with the answers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import msgspec
from sqlalchemy.engine import Row

from siyu.journeys import queries
from siyu.journeys.nodes.webhook import ANSWERED, FAILED
from siyu.journeys.queries import calls
from siyu.kit import MINUTE, SECOND, Outbound, OutboundRefused, SystemClock, standard_signature
from siyu.store import Store

_AT_ONCE = 8
_LEASE = 2 * MINUTE
_PAUSES = (10 * SECOND, MINUTE, 5 * MINUTE)
"""How long to wait after the first, second … failure; after the last the call has failed."""
_LARGEST = 16_000
"""Bytes of an answer that are kept."""
_IDLE = 0.5

Answer = tuple[bool, bool, str]
"""Whether it was answered, whether to try again, and the answer (JSON) or what went wrong."""


def signing_key(store: Store) -> bytes:
    """What receivers tell our calls by."""
    return store.secrets.key_for("journeys.webhook")


def call(store: Store) -> float:
    """A step of the background loop; answers the seconds to wait."""
    now = store.clock.now_ms()
    with store.state.read() as conn:
        due = calls.next_due(conn)
    if due is None or due > now:
        return _IDLE
    with store.state.write() as conn:
        rows = calls.claim(conn, now, now + _LEASE, _AT_ONCE)
    if not rows:
        return _IDLE
    key = signing_key(store)
    outbound = Outbound(store.settings.allow_private_outbound)
    try:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            answers = list(pool.map(lambda row: _ask(outbound, key, row), rows))
    finally:
        outbound.close()
    for row, answer in zip(rows, answers, strict=True):
        _settle(store, row, *answer)
    return 0.0


def _ask(outbound: Outbound, key: bytes, row: Row[Any]) -> Answer:
    id, body = f"run_{row.run_id}/{row.node_id}", row.body.encode()
    # The receiver compares this with its own clock, so it is the machine's and not the one tests hold still.
    signed = standard_signature(key, id, SystemClock().now_ms() // 1000, body)
    headers = {"Content-Type": "application/json", "Idempotency-Key": id} | signed
    try:
        answer = outbound.post(row.url, body, headers)
    except OutboundRefused as error:
        return False, False, error.message()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return False, True, str(error) or type(error).__name__
    if not answer.is_success:
        return False, answer.status_code >= 500 or answer.status_code == 429, f"{answer.status_code}"
    return _read(answer.content)


def _read(content: bytes) -> Answer:
    """What an answer says; one that is no JSON object is an answer that says nothing."""
    if len(content) > _LARGEST:
        return False, False, f"the answer is larger than {_LARGEST} bytes"
    try:
        said = msgspec.json.decode(content or b"{}")
    except msgspec.DecodeError:
        return True, False, "{}"
    return True, False, msgspec.json.encode(said if isinstance(said, dict) else {"value": said}).decode()


def _settle(store: Store, row: Row[Any], answered: bool, again: bool, text: str) -> None:
    attempts, now = row.attempts + 1, store.clock.now_ms()
    with store.state.write() as conn:
        if not answered and again and attempts <= len(_PAUSES):
            values = {"attempts": attempts, "due_at": now + _PAUSES[attempts - 1], "answer": text[:300]}
            calls.finish(conn, row.run_id, row.node_id, values)
            return
        state = "answered" if answered else "failed"
        calls.finish(conn, row.run_id, row.node_id, {"state": state, "attempts": attempts, "answer": text[:_LARGEST]})
        run = queries.run(conn, row.journey_id, row.run_id)
        if run is None or run.node != row.node_id:
            return
        event = msgspec.json.decode(run.event) | {row.save_as: msgspec.json.decode(text)} if answered else None
        told = msgspec.json.encode(event).decode() if event is not None else None
        queries.signal(conn, run.id, row.node_id, ANSWERED if answered else FAILED, now, told)
