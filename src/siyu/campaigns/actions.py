"""What operators do with campaigns: plan, look ahead, try, start, stop, go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy.engine import Connection, Row

from siyu.accounts import Operator, audit
from siyu.audiences import Use, members_of, names_of
from siyu.campaigns import queries
from siyu.campaigns.estimate import clashes, day_of, estimate
from siyu.campaigns.requests import way_of
from siyu.campaigns.types import CalendarItem, CampaignView, Draft, Estimate, Plan, Progress
from siyu.content import saved, split_ref
from siyu.delivery import enabled_channels, journey_counts, recall
from siyu.kit import (
    BadInput,
    Conflict,
    FieldError,
    Invalid,
    NotFound,
    Page,
    SiyuError,
    check_version,
    iso,
    iso_or_none,
    new_id,
    parse_iso,
)
from siyu.settings import current_settings
from siyu.store import Store, now_of


class NotChecked(SiyuError):
    """Look at the estimate first: whom this version reaches, whom the gate refuses, and whether it suits them."""

    code = "campaign_not_checked"
    status = 409


def row_of(conn: Connection, id: str) -> Row[Any]:
    row = queries.campaign(conn, id)
    if row is None:
        raise NotFound(what="campaign")
    return row


def plan_of(row: Row[Any]) -> Plan:
    return msgspec.json.decode(row.plan, type=Plan)


def list_campaigns(conn: Connection, after: str | None, limit: int) -> Page[CampaignView]:
    """Newest first."""
    at, _, id = (after or "").partition("~")
    if after is not None and not (at.isascii() and at.isdigit() and len(at) < 19 and id):
        raise BadInput(detail="after is no cursor of this list.")
    rows = queries.list_campaigns(conn, (int(at), id) if after else None, limit)
    return Page(_views(conn, rows), f"{rows[-1].created_at}~{rows[-1].id}" if len(rows) == limit else None)


def view(conn: Connection, id: str) -> CampaignView:
    return _views(conn, [row_of(conn, id)])[0]


def _views(conn: Connection, rows: Sequence[Row[Any]]) -> list[CampaignView]:
    ids = [row.id for row in rows]
    members, messages, names = queries.counts(conn, ids), journey_counts(conn, ids), names_of(conn)
    return [_view(conn, row, members.get(row.id, {}), messages.get(row.id, {}), names) for row in rows]


def _view(
    conn: Connection, row: Row[Any], members: dict[str, int], messages: dict[str, int], names: dict[str, str]
) -> CampaignView:
    plan = plan_of(row)
    way = way_of(conn, plan)
    stands = {name: members.get(name, 0) for name in ("held", "waiting", "asked", "refused")}
    kept = msgspec.json.decode(row.estimate, type=tuple[int, Estimate]) if row.estimate else None
    return CampaignView(
        id=row.id,
        name=row.name,
        state=row.state,
        version=row.version,
        plan=plan,
        channel=way.channel if way else "",
        audience_name=names.get(plan.audience, ""),
        starts_at=iso_or_none(row.starts_at),
        started_at=iso_or_none(row.started_at),
        ended_at=iso_or_none(row.ended_at),
        progress=Progress(sum(members.values()), **stands, messages=messages),
        estimate=kept[1] if kept and kept[0] == row.version else None,
        created_at=iso(row.created_at),
        created_by=row.created_by,
    )


def _sound(conn: Connection, plan: Plan) -> None:
    """Raises Invalid naming what can't be sent."""
    errors = []
    if plan.audience not in names_of(conn):
        errors.append(FieldError("plan.audience", "There is no such audience.", "unknown"))
    found = saved(conn, [variant.template for variant in plan.variants])
    for place, variant in enumerate(plan.variants):
        if variant.template not in found:
            text = "This template does not exist or is archived."
            errors.append(FieldError(f"plan.variants.{place}.template", text, "no_such_template"))
    if len({draft.channel for _, draft in found.values()}) > 1:
        errors.append(FieldError("plan.variants", "All variants go out on one channel.", "other_channel"))
    try:
        parse_iso(plan.starts_at) if plan.starts_at else 0
    except ValueError:
        errors.append(FieldError("plan.starts_at", "This is no time with a zone.", "bad_time"))
    if errors:
        raise Invalid(errors=errors)


def create(conn: Connection, actor: Operator, draft: Draft) -> CampaignView:
    """Raises Invalid."""
    _sound(conn, draft.plan)
    id, now = new_id("cmp"), now_of(conn)
    values = {"id": id, "name": draft.name.strip(), "state": "draft", "version": 1, "plan": _text(draft.plan)}
    queries.insert(conn, values | {"created_at": now, "created_by": actor.name})
    audit(conn, actor, "campaign.create", id, {})
    return view(conn, id)


def _text(plan: Plan) -> str:
    return msgspec.json.encode(plan).decode()


def change(conn: Connection, actor: Operator, id: str, draft: Draft, if_match: str | None) -> CampaignView:
    """Only a draft changes. Raises Invalid, StaleEdit, Conflict."""
    row = row_of(conn, id)
    check_version(if_match, row.version)
    if row.state != "draft":
        raise Conflict(detail=f"This campaign is {row.state}; only drafts can be changed.")
    _sound(conn, draft.plan)
    values = {"name": draft.name.strip(), "plan": _text(draft.plan), "version": row.version + 1}
    queries.update(conn, id, values)
    audit(conn, actor, "campaign.change", id, {"version": row.version + 1})
    return view(conn, id)


def look_ahead(store: Store, id: str) -> Estimate:
    """The estimate of the draft as it is; it is kept, and what may be started is what has one."""
    with store.state.read() as conn:
        row = row_of(conn, id)
        made = estimate(store, conn, id, row.name, plan_of(row))
    with store.state.write() as conn:
        queries.update(conn, id, {"estimate": msgspec.json.encode((row.version, made)).decode()})
    return made


def start(conn: Connection, actor: Operator, id: str) -> CampaignView:
    """Send it, or have it sent when its time comes. Raises NotChecked, Invalid, Conflict."""
    row = row_of(conn, id)
    plan = plan_of(row)
    if row.state != "draft":
        raise Conflict(detail=f"This campaign is {row.state} already.")
    _sound(conn, plan)
    if not row.estimate or msgspec.json.decode(row.estimate, type=tuple[int, Estimate])[0] != row.version:
        raise NotChecked
    way = way_of(conn, plan)
    if way is None or way.channel not in enabled_channels(conn):
        text = "Its channel is not switched on."
        raise Invalid(errors=[FieldError("plan.variants.0.template", text, "channel_off")])
    now = now_of(conn)
    at = max(now, parse_iso(plan.starts_at)) if plan.starts_at else now
    queries.update(conn, id, {"state": "scheduled", "starts_at": at}, ["draft"])
    audit(conn, actor, "campaign.start", id, {"at": iso(at)})
    return view(conn, id)


def stop(conn: Connection, actor: Operator, id: str) -> CampaignView:
    """Nothing more goes out, also of what is queued. One that has not begun is a draft again. Raises Conflict."""
    row = row_of(conn, id)
    if row.state == "scheduled":
        queries.update(conn, id, {"state": "draft", "starts_at": 0}, ["scheduled"])
    elif row.state == "sending":
        queries.update(conn, id, {"state": "stopped"}, ["sending"])
        queries.give_back(conn, id, recall(conn, id, "stopped"), now_of(conn))
    else:
        raise Conflict(detail=f"This campaign is {row.state}; nothing is going out.")
    audit(conn, actor, "campaign.stop", id, {})
    return view(conn, id)


def resume(conn: Connection, actor: Operator, id: str) -> CampaignView:
    """Go on with those who have got nothing yet. Raises Conflict."""
    if not queries.update(conn, id, {"state": "sending"}, ["stopped"]):
        raise Conflict(detail=f"This campaign is {row_of(conn, id).state}, not stopped.")
    audit(conn, actor, "campaign.resume", id, {})
    return view(conn, id)


def calendar(store: Store, conn: Connection, since: int, until: int) -> list[CalendarItem]:
    """Campaigns by day of the shop's clock, with who else writes to the same persons that day."""
    names, zone = names_of(conn), current_settings(conn).timezone
    items = []
    for row in queries.between(conn, since, until):
        plan = plan_of(row)
        way = way_of(conn, plan)
        people = list(members_of(store, conn, plan.audience))
        met = clashes(store, conn, row.id, plan, people, row.day_at)
        day, channel = day_of(row.day_at, zone), way.channel if way else ""
        items.append(CalendarItem(row.id, row.name, row.state, day, channel, names.get(plan.audience, ""), met))
    return items


def uses(conn: Connection, audience: str) -> list[Use]:
    """Campaigns that are to write to an audience; it can't be deleted before."""
    return [Use(row.id, row.name) for row in queries.audience_uses(conn, audience)]


def template_id(conn: Connection, id: str, variant: int) -> str:
    """The template behind a variant, for a test send. Raises NotFound."""
    variants = plan_of(row_of(conn, id)).variants
    if variant >= len(variants):
        raise NotFound(what="variant")
    return split_ref(variants[variant].template)[0]
