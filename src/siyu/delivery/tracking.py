"""Somebody, or a program, opens a tracked link: where it leads, and whether that counts as a click."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Any, Literal

import msgspec
from sqlalchemy.engine import Connection

from siyu.collect import EmittedEvent, emit
from siyu.delivery import link_queries, queries, receipts
from siyu.delivery.policies import MachineRule, Policies, policy_table
from siyu.kit import MINUTE, SECOND, NotFound
from siyu.store import Store

_MOST_TOLD = 50
"""Clicks of one link that become events; more are only counted."""

Machine = Literal["", "method", "prefetch", "no_agent", "agent", "network", "too_soon", "burst"]
"""Why a click was no person's; empty when it looks like one."""


class Click(msgspec.Struct, frozen=True):
    """What is known of somebody, or something, that opened a tracked link."""

    method: str
    agent: str
    network: str
    headers: Mapping[str, str]


def follow(store: Store, conn: Connection, code: str, click: Click) -> str:
    """Note a click and answer where it leads. Raises NotFound when there is no such link."""
    row = link_queries.link(conn, code)
    if row is None:
        raise NotFound(what="page")
    now = store.clock.now_ms()
    message = queries.message(conn, row.message_id)
    rule = Policies(policy_table(conn)).machines()
    sent_at = message.counts_at if message is not None else row.made_at
    why = machine(click, rule, now - sent_at, link_queries.others_since(conn, row, now - 2 * SECOND))
    told = link_queries.note(conn, row, now, bool(why))
    if told <= _MOST_TOLD:
        emit(conn, [_event(row, message, click, why, now, told)], now)
    if message is not None and not why:
        receipts.clicked(conn, message, now)
    return str(row.address)


def machine(click: Click, rule: MachineRule, since_sent: int, others: int) -> Machine:
    """Whether a click looks like a program's: mail scanners open every link, chats fetch previews.

    ``since_sent``: ms since the message was handed over. ``others``: other links of the same message opened within
    the last two seconds.
    """
    agent = click.agent.lower()
    purpose = " ".join(click.headers.get(name, "") for name in ("purpose", "sec-purpose", "x-purpose", "x-moz"))
    if click.method != "GET":
        return "method"
    if "prefetch" in purpose.lower() or "preview" in purpose.lower():
        return "prefetch"
    if not agent:
        return "no_agent"
    if any(part.lower() in agent for part in rule.agents):
        return "agent"
    if _within(click.network, rule.networks):
        return "network"
    if since_sent < rule.seconds * SECOND:
        return "too_soon"
    return "burst" if others >= 2 else ""


def _within(address: str, networks: list[str]) -> bool:
    try:
        place = ip_address(address)
    except ValueError:
        return False
    return any(place in ip_network(one, strict=False) for one in networks)


def _event(row: Any, message: Any, click: Click, why: Machine, now: int, told: int) -> EmittedEvent:
    """``message_clicked`` for a person, ``link_scanned`` for a program: kept, and never counted as somebody's click."""
    name = "link_scanned" if why else "message_clicked"
    props = {
        "channel": row.channel,
        "campaign": row.campaign,
        "journey": row.journey_id,
        "message": row.message_id,
        "link": row.code,
        "url": row.address.partition("?")[0][:500],
        "agent": click.agent[:200],
    } | ({"why": why} if why else {})
    person = message.person_id if message is not None else row.person_id
    key = f"{name} {row.code} {now // MINUTE} {told}"
    return EmittedEvent(name, person, now, key, msgspec.json.encode(props).decode())
