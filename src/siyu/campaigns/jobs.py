"""Sending: a campaign begins, asks the gate for its members at its pace, and ends."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from sqlalchemy.engine import Connection

from siyu.audiences import members_of
from siyu.campaigns import queries
from siyu.campaigns.requests import Way, arm, requests, way_of
from siyu.campaigns.types import Due, Member, Plan
from siyu.delivery import Decision, ask
from siyu.kit import HOUR, MINUTE, logger
from siyu.pipeline import Settled
from siyu.store import Store

BATCH = 200
_JOINING = 20_000
_IDLE = 1.0
_TO_BE_RETRIED = frozenset({"quiet_hours", "closed_day", "account_quota", "person_quota", "channel_off", "cap"})
_log = logger("campaigns")


def step(store: Store) -> float:
    """One round over every campaign with work to do; answers the seconds to wait before the next."""
    with store.state.read() as conn:
        due = queries.due(conn, store.clock.now_ms())
    worked = [begin(store, one) if one.state == "scheduled" else _go_on(store, one) for one in due]
    return 0.0 if any(worked) else _IDLE


def begin(store: Store, one: Due) -> bool:
    """Take in the audience as it is now. Cut short, it is begun again and nobody is in twice."""
    with store.state.read() as conn:
        people = members_of(store, conn, one.plan.audience)
        way = way_of(conn, one.plan)
    now = store.clock.now_ms()
    for part in _parts(people):
        with store.state.write() as conn:
            queries.add_members(conn, one.id, [(person, arm(one.id, one.plan, person)) for person in part], now)
    plan = _pinned(one.plan, way) if way else one.plan
    values = {"state": "sending", "started_at": now, "plan": msgspec.json.encode(plan).decode()}
    with store.state.write() as conn:
        return queries.update(conn, one.id, values, ["scheduled"])


def _parts(people: object) -> Iterator[list[int]]:
    part: list[int] = []
    for person in people:  # type: ignore[attr-defined]
        part.append(person)
        if len(part) == _JOINING:
            yield part
            part = []
    if part:
        yield part


def _pinned(plan: Plan, way: Way) -> Plan:
    """The plan with the versions it begins with; later edits of a template change nothing under way."""
    pairs = zip(plan.variants, way.refs, strict=True)
    return msgspec.structs.replace(
        plan, variants=[msgspec.structs.replace(variant, template=ref) for variant, ref in pairs]
    )


def _go_on(store: Store, one: Due) -> bool:
    """Ask the gate for the next members; decisions, messages and where members stand commit together."""
    now = store.clock.now_ms()
    with store.state.write() as conn:
        room = BATCH
        if one.plan.per_minute:
            room = min(BATCH, one.plan.per_minute - queries.asked_since(conn, one.id, now - MINUTE))
        taken = queries.take(conn, one.id, now, room) if room > 0 else []
        if taken:
            _ask(store, conn, one, taken, now)
            return True
        if queries.next_due(conn, one.id) is None:
            queries.update(conn, one.id, {"state": "done", "ended_at": now}, ["sending"])
            _log.info("campaign_done", campaign=one.id)
    return False


def _ask(store: Store, conn: Connection, one: Due, taken: list[Member], now: int) -> None:
    way = way_of(conn, one.plan)
    if way is None:
        decisions = [Decision(False, "template_missing") for _ in taken]
    else:
        decisions = ask(store, conn, requests(conn, one.id, one.name, one.plan, way, taken))
    until = one.started_at + one.plan.retry_hours * HOUR
    rows = []
    for member, decision in zip(taken, decisions, strict=True):
        again = decision.code in _TO_BE_RETRIED and now < decision.retry_at <= until
        state = "asked" if decision.ok else "waiting" if again else "refused"
        params = msgspec.json.encode(decision.params).decode()
        rows.append((state, decision.code, params, decision.retry_at if again else now, now, one.id, member.person))
    queries.settle(conn, rows)


def on_settled(_store: Store, conn: Connection, settled: Settled) -> None:
    """Members follow merges."""
    queries.follow(conn, settled.moves)
