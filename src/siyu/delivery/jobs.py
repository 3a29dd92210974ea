"""The courier: takes due messages to their channels, each at most once.

A message passes queued → sending → sent, failed or in_doubt. ``sending`` is on disk before the step that can't be
taken back, so whatever a crash leaves in ``queued`` was surely not sent and whatever it leaves in ``sending`` may
have been: that one is put in doubt and left to an operator, unless the channel recognises repeats by their key.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import msgspec
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from siyu.collect import EmittedEvent, emit
from siyu.content import Template
from siyu.delivery import gate, occasion_queries, queries, receipts, waiting
from siyu.delivery.actions import open_config
from siyu.delivery.borrowing import configs
from siyu.delivery.channels import channels
from siyu.delivery.channels.contract import Channel, Commit, LeaseLost, Session, Together
from siyu.delivery.outbox import enabled_channels
from siyu.delivery.policies import Policies, policy_table
from siyu.delivery.reasons import CHANNEL_FAULTS
from siyu.delivery.types import Decision, Outgoing, Parcel, Request, Result
from siyu.identity import person_anchor
from siyu.kit import DAY, HOUR, MINUTE, SECOND, SiyuError, logger, person_ref
from siyu.store import Store

BATCH = 25
LEASE = 2 * MINUTE
GIVE_UP = DAY
_IDLE = 1.0
_log = logger("delivery")


def deliver(store: Store) -> float:
    """One round over every enabled channel. Answers the seconds to wait before the next."""
    _recover(store)
    with store.state.read() as conn:
        enabled = sorted(enabled_channels(conn) & set(channels()))
    return min((_round(store, channels()[name]) for name in enabled), default=_IDLE)


def _round(store: Store, channel: Channel) -> float:
    now = store.clock.now_ms()
    with store.state.read() as conn:
        due = queries.next_due(conn, channel.name)
        row = queries.channel_row(conn, channel.name)
        config = open_config(store, conn, channel)
        room = _room(conn, channel, getattr(config, "per_minute", 0), now)
    waiting.look(store, channel, config)
    if due is None or due > now or room <= 0:
        return _IDLE
    batch = _claim(store, channel, min(room, _at_most(channel)))
    if batch and row and row.sandbox:
        _record_only(store, channel, batch)
    elif batch:
        _hand_over(store, channel, config, batch)
    return 0.0 if batch else _IDLE


def _room(conn: Connection, channel: Channel, per_minute: int, now: int) -> int:
    """How many more may go out now, by the channel's settings and by what the vendor takes."""
    rate = Policies(policy_table(conn)).rate(channel.name)
    limits = [(per_minute, MINUTE), (rate.minute, MINUTE), (rate.hour, HOUR)]
    rooms = [most - queries.handed_over(conn, channel.name, now - period) for most, period in limits if most]
    return min(rooms, default=_at_most(channel))


def _at_most(channel: Channel) -> int:
    """How many are claimed together: so few that they are handed over before the lease ends."""
    return max(BATCH * channel.capabilities.side_by_side, channel.at_once)


def _record_only(store: Store, channel: Channel, batch: Sequence[Outgoing]) -> None:
    """The sandbox: everything but the hand-over, and no event that says somebody got something."""
    ledger = _Ledger(store, channel)
    for message in batch:
        ledger.add(message, Result("recorded", "sandbox"))
    ledger.flush()


def _recover(store: Store) -> None:
    """Settle what a vanished worker left in ``sending``."""
    now, lone = store.clock.now_ms(), store.lone
    with store.state.read() as conn:
        if not queries.abandoned(conn, store.worker, now, lone):
            return
    with store.state.write() as conn:
        left = queries.abandoned(conn, store.worker, now, lone)
        again = [seq for seq, name in left if name in channels() and channels()[name].capabilities.idempotent]
        doubt = [seq for seq, _ in left if seq not in set(again)]
        queries.set_state(conn, again, {"state": "queued", "lease_by": "", "lease_until": 0})
        queries.set_state(conn, doubt, {"state": "in_doubt", "reason": "lost_while_sending"})
    if doubt:
        _log.warning("messages_in_doubt", count=len(doubt))


def _claim(store: Store, channel: Channel, limit: int) -> list[Outgoing]:
    """Lease due messages, and hold back those that may no longer go: consent can be withdrawn while one waits."""
    now = store.clock.now_ms()
    with store.state.write() as conn:
        claimed = queries.claim(conn, channel.name, store.worker, now, now + LEASE, limit, store.lone)
        refused = _second_look(conn, claimed, now)
        for message in claimed:
            if decision := refused.get(message.seq):
                _hold_back(conn, message, decision, store.worker, now)
    return [message for message in claimed if message.seq not in refused]


def _second_look(conn: Connection, claimed: Sequence[Outgoing], now: int) -> dict[int, Decision]:
    """Messages whose consent, address or hours no longer allow them."""
    if not claimed:
        return {}
    requests = [_as_request(message) for message in claimed]
    enabled = {message.channel for message in claimed}
    facts = gate.load(conn, requests, Policies(policy_table(conn)), enabled, now, configs(conn))
    facts.fixed = {(one.person, one.channel, one.run): one.address for one in claimed}
    refused = {}
    for message, request in zip(claimed, requests, strict=True):
        answers = (check(request, facts) for check in gate.WHILE_WAITING)
        decision = next((answer for answer in answers if answer), None)
        if decision:
            refused[message.seq] = decision
    return refused


def _as_request(message: Outgoing) -> Request:
    nothing = Template("", "")
    return Request(
        message.person, message.channel, message.campaign, message.journey, message.run, message.node, nothing
    )


def _hold_back(conn: Connection, message: Outgoing, decision: Decision, worker: str, now: int) -> None:
    if decision.code in ("quiet_hours", "closed_day") and decision.retry_at:
        queries.finish(conn, message, worker, {"due_at": decision.retry_at, "attempts": message.attempts - 1})
        return
    params = msgspec.json.encode(decision.params).decode()
    queries.finish(conn, message, worker, {"state": "refused", "reason": decision.code, "params": params})
    _return_grant(conn, message, decision.code)
    emit(conn, [_event("message_refused", message, now, {"reason": decision.code})], now)


def _return_grant(conn: Connection, message: Outgoing, code: str) -> None:
    """A consent to one send that was not used, is there again; unless the vendor says there is none."""
    if not channels()[message.channel].capabilities.uses_grant:
        return
    if code == "grant_used":
        occasion_queries.end_grants(conn, message.person, message.channel, message.content.template_id)
    else:
        row = (message.person, person_anchor(message.person), message.channel, message.content.template_id, 1)
        occasion_queries.add_grants(conn, [row])


class _Ledger:
    """Writes results of a batch. One commit carries a message over the line together with the result before it."""

    def __init__(self, store: Store, channel: Channel) -> None:
        self._store = store
        self._channel = channel
        self._results: list[tuple[Outgoing, Result]] = []

    def add(self, message: Outgoing, result: Result) -> None:
        self._results.append((message, result))

    def commit(self, *messages: Outgoing) -> None:
        """Put on disk that ``messages`` are about to be irrevocable. Raises LeaseLost when one is no longer ours."""
        with self._store.state.write() as conn:
            now = self._store.clock.now_ms()
            self._write(conn, now)
            ours = [queries.begin_sending(conn, message, self._store.worker, now, now + LEASE) for message in messages]
            if not all(ours):
                raise LeaseLost  # takes back this whole step; results so far are written with the next
        self._results.clear()

    def flush(self) -> None:
        if self._results:
            with self._store.state.write() as conn:
                self._write(conn, self._store.clock.now_ms())
            self._results.clear()

    def _write(self, conn: Connection, now: int) -> None:
        results = [(message, _or_given_up(message, result, now)) for message, result in self._results]
        changes = {message.seq: _change(message, result, now) for message, result in results}
        ours = queries.finish_all(conn, self._store.worker, changes)
        told = []
        for message, result in results:
            if message.seq in ours:
                told += _record(conn, self._channel, message, result, now)
            else:
                _log.warning("result_too_late", message=message.id, result=result.state)
        emit(conn, told, now)
        if self._results:
            _note_health(conn, self._channel.name, self._results[-1][1], now)


def _hand_over(store: Store, channel: Channel, config: msgspec.Struct, batch: Sequence[Outgoing]) -> None:
    ledger = _Ledger(store, channel)
    left = _groups(batch, channel.at_once)
    try:
        with channel.open(config, store.settings.allow_private_outbound) as session:
            if channel.capabilities.side_by_side > 1:
                _send_side_by_side(session, channel, ledger, left)
            while left:
                _send(session, channel, ledger, left.pop(0))
    except SiyuError as error:
        _put_off(ledger, left, "bad_config", error.message())
    except OSError as error:
        # Also smtplib's and ssl's errors: the peer could not be reached, so nothing of the rest was handed over.
        _put_off(ledger, left, "no_peer", str(error) or type(error).__name__)
    finally:
        ledger.flush()


def _send_side_by_side(session: Session, channel: Channel, ledger: _Ledger, left: list[list[Outgoing]]) -> None:
    """Hand over by several threads; what is left when one raises is in ``left``."""

    def work() -> None:
        with contextlib.suppress(IndexError):
            while True:
                group = left.pop(0)
                try:
                    _send(session, channel, ledger, group)
                except Exception:
                    left.append(group)
                    raise

    with ThreadPoolExecutor(min(channel.capabilities.side_by_side, len(left))) as pool:
        done = [pool.submit(work) for _ in range(channel.capabilities.side_by_side)]
    for one in done:
        one.result()


def _groups(batch: Sequence[Outgoing], at_once: int) -> list[list[Outgoing]]:
    """What is handed over in one step: a message each, or those that say the same to several people."""
    if at_once == 1:
        return [[message] for message in batch]
    same: dict[bytes, list[Outgoing]] = {}
    for message in batch:
        # The way out of a campaign is a person's own and stands in no such message.
        said = msgspec.structs.replace(message.content, unsubscribe="")
        same.setdefault(msgspec.json.encode((message.campaign, said)), []).append(message)
    return [group[at : at + at_once] for group in same.values() for at in range(0, len(group), at_once)]


def _put_off(ledger: _Ledger, left: Sequence[Sequence[Outgoing]], code: str, detail: str) -> None:
    for message in (message for group in left for message in group):
        ledger.add(message, Result("retry", code, detail[:300]))


def _send(session: Session, channel: Channel, ledger: _Ledger, group: Sequence[Outgoing]) -> None:
    committed = False

    def commit() -> None:
        nonlocal committed
        if not channel.capabilities.idempotent:
            ledger.commit(*group)
            committed = True

    try:
        for message, result in zip(group, _results(session, channel, group, commit), strict=True):
            ledger.add(message, result)
    except LeaseLost:
        _log.info("message_taken_over", message=group[0].id)
    except (SiyuError, OSError, SQLAlchemyError):
        raise
    except Exception as error:
        # A fault of the channel's code must not hold up everybody else's messages for ever.
        _log.error("channel_fault", channel=channel.name, message=group[0].id, exc_info=error)
        detail = f"{type(error).__name__}: {error}"[:300]
        for message in group:
            ledger.add(message, Result("in_doubt" if committed else "failed", "channel_fault", detail))


def _results(session: Session, channel: Channel, group: Sequence[Outgoing], commit: Commit) -> Sequence[Result]:
    parcels = [_parcel(message) for message in group]
    if channel.at_once == 1:
        return [session.send(parcels[0], commit)]
    return cast(Together, session).send_many(parcels, commit)


def _parcel(message: Outgoing) -> Parcel:
    return Parcel(
        key=message.id,
        person=person_ref(message.person),
        address=message.address,
        campaign=message.campaign,
        content=message.content,
        at=message.created_at,
    )


def _note_health(conn: Connection, channel: str, result: Result, now: int) -> None:
    """Keep how the channel does, for its page. A person's own refusal is no fault of the channel."""
    if result.state in ("sent", "waiting"):
        queries.note_health(conn, channel, {"last_ok_at": now, "last_error": ""})
    elif result.code in CHANNEL_FAULTS:
        error = msgspec.json.encode([result.code, result.detail]).decode()
        queries.note_health(conn, channel, {"last_error_at": now, "last_error": error})


def _or_given_up(message: Outgoing, result: Result, now: int) -> Result:
    if result.state == "retry" and now - message.created_at >= GIVE_UP:
        return Result("failed", "gave_up", result.detail)
    return result


def _change(message: Outgoing, result: Result, now: int) -> dict[str, Any]:
    """What a result changes in the message's row."""
    params = msgspec.json.encode({"detail": result.detail} if result.detail else {}).decode()
    values: dict[str, Any] = {"state": result.state, "reason": result.code, "params": params, "counts_at": now}
    if result.ref:
        values["vendor_ref"] = result.ref
    if result.state == "waiting":
        values["due_at"] = now + waiting.EVERY
    if result.state == "retry":
        values |= {"state": "queued", "due_at": now + (result.after_ms or _backoff(message))}
    return values


def _record(conn: Connection, channel: Channel, message: Outgoing, result: Result, now: int) -> list[EmittedEvent]:
    """Write what else follows from a result; answers what to say about it on the person's timeline."""
    if result.bad_address:
        queries.suppress(conn, channel.family, message.address, result.code, now)
    if result.state in ("failed", "recorded"):
        _return_grant(conn, message, result.code)
    if result.state in ("sent", "in_doubt") and channel.capabilities.receipts:
        receipts.take_early(conn, channel, [message.id, *([result.ref] if result.ref else [])], now)
    if result.state not in ("sent", "failed"):
        return []
    return [_event(f"message_{result.state}", message, now, {"reason": result.code} if result.code else {})]


def _backoff(message: Outgoing) -> int:
    """Half a minute, doubled with every try up to an hour; spread by message so that they don't come back at once."""
    spread = message.seq % 10 * SECOND
    return int(min(30 * SECOND * 2 ** min(message.attempts - 1, 10), HOUR)) + spread


def _event(name: str, message: Outgoing, now: int, more: Mapping[str, str]) -> EmittedEvent:
    props = {
        "channel": message.channel,
        "campaign": message.campaign,
        "journey": message.journey,
        "message": message.id,
        "subject": message.content.subject,
    } | dict(more)
    return EmittedEvent(name, message.person, now, f"{name} {message.id} {now}", msgspec.json.encode(props).decode())
