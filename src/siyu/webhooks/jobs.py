"""The courier of webhooks: posts what is due, in order, and tries again later what did not arrive."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from siyu.kit import DAY, HOUR, MINUTE, SECOND, Outbound, OutboundRefused, SystemClock, logger, signature
from siyu.store import Store
from siyu.webhooks import queries
from siyu.webhooks.types import Due

_BATCH = 20
_LEASE = 5 * MINUTE
_TIMEOUT_S = 10.0
_PAUSES = (10 * SECOND, MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR)
"""How long to wait after the first, second … failure in a row."""
_GIVE_UP = 3 * DAY
_KEPT = 30 * DAY
_IDLE = 1.0
_SWEEP = HOUR
_log = logger("webhooks")


class Courier:
    """Posts for one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._swept_at = 0

    def step(self) -> float:
        """One round over every endpoint; answers the seconds to wait before the next."""
        now = self._store.clock.now_ms()
        if now - self._swept_at > _SWEEP:
            with self._store.state.write() as conn:
                queries.forget_before(conn, now - _KEPT)
            self._swept_at = now
        with self._store.state.read() as conn:
            due = queries.next_due(conn)
        posted = [self._round(name, now) for name, at in due.items() if at <= now]
        return 0.0 if any(posted) else _IDLE

    def _round(self, endpoint: str, now: int) -> bool:
        """Post to one endpoint until it refuses; the order is that of what happened."""
        with self._store.state.write() as conn:
            row = queries.endpoint_row(conn, endpoint)
            batch = []
            if row is not None:
                batch = queries.claim(conn, endpoint, self._store.worker, now, now + _LEASE, _BATCH)
        if row is None or not batch:
            return False
        secret, outbound = self._store.secrets.open(row.secret), self._outbound()
        try:
            for place, letter in enumerate(batch):
                if not self._post(outbound, endpoint, row.url, secret, letter):
                    self._give_back(batch[place + 1 :])
                    break
        finally:
            outbound.close()
        return True

    def _outbound(self) -> Outbound:
        return Outbound(self._store.settings.allow_private_outbound, timeout=_TIMEOUT_S)

    def _give_back(self, rest: Sequence[Due]) -> None:
        if rest:
            with self._store.state.write() as conn:
                queries.release(conn, self._store.worker, [letter.seq for letter in rest])

    def _post(self, outbound: Outbound, endpoint: str, url: str, secret: str, letter: Due) -> bool:
        """Post one and write down how it went; True when it arrived."""
        fault = _fault_of(outbound, url, secret, letter)
        now, attempts = self._store.clock.now_ms(), letter.attempts + 1
        with self._store.state.write() as conn:
            if fault is None:
                sent = {"state": "sent", "attempts": attempts, "answer": ""}
                queries.finish(conn, self._store.worker, letter.seq, sent)
                values = {"failing_since": 0, "paused_until": 0, "last_ok_at": now}
                queries.change_endpoint(conn, endpoint, values)
                return True
            pause = _PAUSES[min(attempts, len(_PAUSES)) - 1]
            gives_up = now + pause - letter.created_at > _GIVE_UP
            state = {"state": "failed"} if gives_up else {"due_at": now + pause}
            queries.finish(conn, self._store.worker, letter.seq, state | {"attempts": attempts, "answer": fault})
            row = queries.endpoint_row(conn, endpoint)
            since = row.failing_since or now if row is not None else now
            queries.change_endpoint(conn, endpoint, {"failing_since": since, "paused_until": now + pause})
        _log.warning("not_delivered", endpoint=endpoint, attempts=attempts, answer=fault, given_up=gives_up)
        return False


def _fault_of(outbound: Outbound, url: str, secret: str, letter: Due) -> str | None:
    """Post a letter; None when the receiver took it."""
    # The receiver compares this with its own clock, so it is the machine's and not the one tests hold still.
    now, body = SystemClock().now_ms() // 1000, letter.body.encode()
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": letter.id,
        "Siyu-Topic": letter.topic,
        "Siyu-Signature": signature(secret, now, body),
    }
    try:
        answer = outbound.post(url, body, headers)
    except OutboundRefused as error:
        return error.message()[:300]
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return (str(error) or type(error).__name__)[:300]
    return None if answer.is_success else f"{answer.status_code} {answer.text[:200]}"
