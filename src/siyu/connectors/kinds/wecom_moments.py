"""Who likes and comments on the moments (朋友圈) of a corp's staff. No callback tells: they are read each day."""

from __future__ import annotations

from siyu.connectors.contract import Item, Page
from siyu.kit import DAY, SECOND
from siyu.vendors import Access, wecom

_LOOK_BACK = 30 * DAY // SECOND
"""Seconds; as far as one question may reach. Whoever answers an older moment is not told."""


def answers(api: Access, now: int, cursor: str) -> Page:
    """One page of moments, with who answered each. ``now`` in epoch seconds; the window stays while pages are read."""
    until, _, at = cursor.partition(" ")
    end = int(until or now)
    found, more = wecom.moments(api, end - _LOOK_BACK, end, at)
    items, calls = [], 1
    for moment in found:
        alone = moment.create_type == 1 and moment.creator
        staff = [moment.creator] if alone else wecom.moment_posters(api, moment.moment_id)
        calls += len(staff) + (not alone)
        items += [item for one in staff for item in _told(api, moment.moment_id, one)]
    return Page(items=items, cursor=f"{end} {more}" if more else "", calls=calls)


def _told(api: Access, moment: str, staff: str) -> list[Item]:
    likes, comments = wecom.moment_answers(api, moment, staff)
    rows = [("wecom_moment_liked", one, "") for one in likes]
    rows += [("wecom_moment_commented", one, f" {one.create_time}") for one in comments]
    return [
        Item(f"{moment} {staff} {one.external_userid} {event}{which}", one.create_time * SECOND,
             (("external_userid", one.external_userid),), event, {"moment": moment, "staff": staff})
        for event, one, which in rows if one.external_userid
    ]  # fmt: skip
