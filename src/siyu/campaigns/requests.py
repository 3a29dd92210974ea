"""From members to what the gate is asked: who gets which content."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy.engine import Connection

from siyu.campaigns.types import HOLDOUT, Member, Plan
from siyu.content import Template, for_persons, saved
from siyu.delivery import Request
from siyu.experiments import arm_of


class Way(msgspec.Struct, frozen=True):
    """What a campaign says where: its channel and the exact versions of its templates."""

    channel: str
    refs: list[str]


def way_of(conn: Connection, plan: Plan) -> Way | None:
    """None when a template is missing, or they are for different channels."""
    found = saved(conn, [variant.template for variant in plan.variants])
    drafts = [found.get(variant.template) for variant in plan.variants]
    channels = {draft[1].channel if draft else "" for draft in drafts}
    if len(channels) != 1 or channels == {""}:
        return None
    return Way(channels.pop(), [draft[0] for draft in drafts if draft])


def arm(campaign: str, plan: Plan, person: int) -> str:
    """``holdout`` or the place of the variant. The shares of variants are of those who are not held out."""
    if arm_of(f"{campaign}/{HOLDOUT}", person, [(HOLDOUT, plan.holdout), ("", 100.0)]) == HOLDOUT:
        return HOLDOUT
    whole = sum(variant.percent for variant in plan.variants)
    shares = [(str(place), variant.percent * 100 / whole) for place, variant in enumerate(plan.variants)]
    return arm_of(f"{campaign}/variant", person, shares)


def requests(
    conn: Connection, campaign: str, name: str, plan: Plan, way: Way, members: Sequence[Member]
) -> list[Request]:
    """One request a member, in their order."""
    by_arm: dict[str, list[int]] = {}
    for member in members:
        by_arm.setdefault(member.arm, []).append(member.person)
    templates: dict[int, Template] = {}
    for place, people in by_arm.items():
        templates |= for_persons(conn, way.refs[int(place)], people)
    return [
        Request(
            person=member.person,
            channel=way.channel,
            campaign=campaign,
            journey=campaign,
            run=-member.person,
            node=member.arm,
            template=templates[member.person],
            title=name,
            priority=plan.priority,
        )
        for member in members
    ]
