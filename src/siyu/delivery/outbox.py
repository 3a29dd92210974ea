"""Asking the gate, and writing its decision and the outbox row in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from siyu.collect import EmittedEvent, emit
from siyu.content import Content, known_of, render, variables
from siyu.delivery import gate, link_queries, occasion_queries, queries
from siyu.delivery.borrowing import configs
from siyu.delivery.channels import channels
from siyu.delivery.links import Link, Tracked, make_link
from siyu.delivery.policies import Policies, policy_table
from siyu.delivery.types import Decision, Request
from siyu.identity import person_anchor
from siyu.store import Store


def message_id(request: Request, address: str) -> str:
    """The same for the same (journey, run, node, channel, address), whoever asks and however often."""
    text = "\0".join((request.journey, str(request.run), request.node, request.channel, address))
    return f"msg_{hashlib.sha256(text.encode()).hexdigest()[:40]}"


def enabled_channels(conn: Connection) -> set[str]:
    return {row.channel for row in queries.channel_rows(conn) if row.enabled}


def ask(store: Store, conn: Connection, requests: Sequence[Request]) -> list[Decision]:
    """Decide about requests and queue the allowed ones, in the caller's write transaction.

    Asking again for what is already queued or sent answers ``allowed`` and changes nothing.
    """
    if not requests:
        return []
    now = store.clock.now_ms()
    queries.lock_gate(conn)
    policies = Policies(policy_table(conn))
    facts = gate.load(conn, requests, policies, enabled_channels(conn), now, configs(conn))
    ids = [message_id(request, facts.address(request)) for request in requests]
    done = queries.known_messages(conn, ids)
    open_places = [place for place, id in enumerate(ids) if id not in done]
    decided = gate.decide([requests[place] for place in open_places], facts)
    decisions = {
        place: msgspec.structs.replace(d, message=ids[place]) for place, d in zip(open_places, decided, strict=True)
    }
    asked = {place: requests[place] for place in open_places}
    contents = _contents(store, conn, {p: r for p, r in asked.items() if decisions[p].ok}, decisions, facts)
    for place, content in contents.items():
        limit = longest(policies, requests[place].channel)
        if len(content.text) > limit:
            params = {"length": len(content.text), "limit": limit}
            decisions[place] = Decision(False, "content_too_long", params, message=ids[place])
    _write(conn, asked, decisions, facts, contents)
    return [decisions.get(place) or Decision(True, "allowed", message=ids[place]) for place in range(len(requests))]


def rehearse(conn: Connection, requests: Sequence[Request], at: int) -> list[Decision]:
    """What the gate would answer at a moment, as things are now; nothing is written."""
    if not requests:
        return []
    policies = Policies(policy_table(conn))
    return gate.decide(requests, gate.load(conn, requests, policies, enabled_channels(conn), at, configs(conn)))


def longest(policies: Policies, channel: str) -> int:
    """The most characters a text on a channel may have."""
    limits = [policies.text(channel).max_chars, channels()[channel].capabilities.max_chars]
    return min(limit for limit in limits if limit)


def _write(
    conn: Connection,
    requests: Mapping[int, Request],
    decisions: Mapping[int, Decision],
    facts: gate.Facts,
    contents: Mapping[int, Content],
) -> None:
    rows, refusals = [], []
    for place, request in requests.items():
        decision = decisions[place]
        rows.append(_row(request, decision, facts, contents.get(place, Content())))
        if not decision.ok:
            refusals.append(_refusal(request, decision, facts.now))
    queries.put_message(conn, rows)
    for place, request in requests.items():
        channel = channels().get(request.channel)
        if decisions[place].ok and channel and channel.capabilities.uses_grant:
            used = (request.person, person_anchor(request.person), request.channel, request.template.template_id, -1)
            occasion_queries.add_grants(conn, [used])
    emit(conn, refusals, facts.now)


def _row(request: Request, decision: Decision, facts: gate.Facts, content: Content) -> dict[str, Any]:
    return {
        "id": decision.message,
        "person_id": request.person,
        "channel": request.channel,
        "address": facts.address(request),
        "campaign": request.campaign,
        "title": request.title,
        "journey_id": request.journey,
        "run_id": request.run,
        "node_id": request.node,
        "template": request.template.ref,
        "incentive": request.template.incentive,
        "appeal": request.template.appeal,
        "promotes": request.template.promotes,
        "state": "queued" if decision.ok else "refused",
        "reason": "" if decision.ok else decision.code,
        "params": msgspec.json.encode(decision.params).decode(),
        "content": msgspec.json.encode(content).decode(),
        "priority": request.priority,
        "created_at": facts.now,
        "due_at": facts.now,
        "counts_at": facts.now,
    }


def _contents(
    store: Store,
    conn: Connection,
    requests: Mapping[int, Request],
    decisions: Mapping[int, Decision],
    facts: gate.Facts,
) -> dict[int, Content]:
    """Fill in what will be sent, and make its tracked links."""
    templates = {request.template for request in requests.values()}
    names = {v.name for t in templates for part in t.texts() for v in variables(part)}
    known = known_of(store, conn, names, sorted({request.person for request in requests.values()}))
    contents, links = {}, Tracked(store)
    for place, request in requests.items():
        link = make_link(store, Link(decisions[place].message, request.person, request.channel))
        values = {"event": request.event} | known[request.person]
        whose = {
            "person_id": request.person,
            "channel": request.channel,
            "campaign": request.campaign,
            "journey_id": request.journey,
            "made_at": facts.now,
        }
        if channels()[request.channel].capabilities.staff_confirms:
            # One task of a staff member carries one content to many: links of their own would tear it apart.
            contents[place] = render(request.template, values, link)
        else:
            track = partial(links.track, decisions[place].message, whose)
            contents[place] = render(request.template, values, link, track)
    link_queries.put(conn, links.rows)
    return contents


def _refusal(request: Request, decision: Decision, now: int) -> EmittedEvent:
    props = {
        "channel": request.channel,
        "reason": decision.code,
        "campaign": request.campaign,
        "journey": request.journey,
        "message": decision.message,
    }
    key = f"refused {decision.message} {now}"
    return EmittedEvent("message_refused", request.person, now, key, msgspec.json.encode(props).decode())
