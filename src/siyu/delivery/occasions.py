"""What persons do that lets a message through: a window to answer them opens, a consent to one send is given."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from sqlalchemy.engine import Connection

from siyu.delivery import annoyance, occasion_queries
from siyu.delivery.channels import channels
from siyu.delivery.policies import Policies, policy_table
from siyu.pipeline import Columns, Settled
from siyu.store import Store

GRANT = "subscribe_granted"


class _Grant(msgspec.Struct):
    """``{"template_id": "…"}`` or ``{"template_ids": […]}``, each with ``count`` consents (1 when nothing is said)."""

    template_id: str = ""
    template_ids: list[str] = []
    count: int = 1


def on_settled(_store: Store, conn: Connection, settled: Settled) -> None:
    """Take a settled batch in, once, since this commits with its mark."""
    occasion_queries.follow_moves(conn, settled.moves)
    annoyance.take(conn, settled)
    events = settled.events
    names = set(events.event)
    opening = Policies(policy_table(conn)).opening_events() & names
    if opening:
        latest: dict[tuple[int, int, str], int] = {}
        for who, event, at in zip(_whose(events), events.event, events.time, strict=True):
            if event in opening:
                latest[*who, event] = max(at, latest.get((*who, event), 0))
        occasion_queries.put_openings(conn, latest)
    if GRANT in names:
        takers = [name for name, channel in channels().items() if channel.capabilities.uses_grant]
        given = list(_granted(settled))
        occasion_queries.add_grants(conn, [(*who, name, id, n) for who, id, n in given for name in takers])


def _whose(events: Columns) -> Iterator[tuple[int, int]]:
    """(person, anchor) of each event."""
    return zip(events.person, events.anchor, strict=True)


def _granted(settled: Settled) -> Iterator[tuple[tuple[int, int], str, int]]:
    events = settled.events
    for who, event, props in zip(_whose(events), events.event, events.props, strict=True):
        if event != GRANT:
            continue
        try:
            said = msgspec.json.decode(props, type=_Grant, strict=False)
        except (msgspec.DecodeError, msgspec.ValidationError):
            continue  # A yes that can't be read is no yes.
        for id in {said.template_id, *said.template_ids} - {""}:
            yield who, id[:100], max(0, min(said.count, 100))
