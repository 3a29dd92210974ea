"""A shop's history: lists read window by window of time, page by page. Which vendor's they are is its file's matter.

Windows are those the vendor allows; one that holds more than its pages can show is halved. They meet at their edges, so
that a row may be read twice: ids are those of the pushes, and what is told twice counts once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated

import msgspec

from siyu.connectors.contract import Item, Page, Pull
from siyu.connectors.session import Session
from siyu.kit import DAY, SECOND, field

DAY_SECONDS = DAY // SECOND
HistoryDays = Annotated[
    int,
    field("历史天数", "Days of history", "「历史订单与退款」往回读多少天", "How far back past orders are read", ge=1,
          le=1800),
]  # fmt: skip


class Rows(msgspec.Struct, frozen=True):
    """A page of one window. ``next`` is where to go on in it; ``total`` the vendor's count of the window, if it tells
    one; ``calls`` what the page cost."""

    items: Sequence[Item]
    next: str = ""
    total: int = 0
    calls: int = 1


class Listing(msgspec.Struct, frozen=True):
    """One of a shop's lists. ``read(session, from, to, page)``, in epoch seconds, an empty page being the first;
    ``span`` the longest window in seconds, ``most`` the rows its pages can show (0: any number).
    """

    read: Callable[[Session, int, int, str], Rows]
    span: int
    most: int = 0


class _Place(msgspec.Struct):
    """Where a history stands: the list, the window that begins at ``start``, and the page in it."""

    since: int
    until: int
    start: int
    span: int
    list: int = 0
    page: str = ""


def past_orders(*lists: Listing, per_minute: int) -> Pull:
    """Read once, whenever an operator asks: what comes later is pushed."""
    step, share = partial(_step, lists), partial(_share, len(lists))
    return Pull("orders", "历史订单与退款", "Past orders and refunds", step, (), per_minute, every_hours=0, share=share)


def _step(lists: Sequence[Listing], session: Session, cursor: str) -> Page:
    place = msgspec.json.decode(cursor, type=_Place) if cursor else _begin(lists, session)
    here = lists[place.list]
    end = min(place.start + place.span, place.until)
    rows = here.read(session, place.start, end, place.page)
    if here.most and rows.total > here.most and place.span > 1:
        place.span, place.page = place.span // 2, ""
        return Page(cursor=_cursor(place), calls=rows.calls)
    place.page = rows.next
    if not place.page:
        place.start, place.span = end, here.span
    if not place.page and place.start >= place.until:
        place.list, place.start = place.list + 1, place.since
        if place.list == len(lists):
            return Page(items=rows.items, calls=rows.calls)
        place.span = lists[place.list].span
    return Page(items=rows.items, cursor=_cursor(place), calls=rows.calls)


def _begin(lists: Sequence[Listing], session: Session) -> _Place:
    now = session.now_ms() // SECOND
    since = now - session.config.history_days * DAY_SECONDS
    return _Place(since, now, since, lists[0].span)


def _cursor(place: _Place) -> str:
    return msgspec.json.encode(place).decode()


def _share(lists: int, cursor: str) -> float:
    """How much of the time all lists together cover has been read."""
    if not cursor:
        return 0.0
    place = msgspec.json.decode(cursor, type=_Place)
    return (place.list + (place.start - place.since) / max(1, place.until - place.since)) / lists
