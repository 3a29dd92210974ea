"""Channel codes (渠道活码): made at the vendor, opened by customers, counted. What is printed never changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.engine import Connection, Row

from siyu.accounts import Operator, audit
from siyu.collect import enter
from siyu.connectors import code_queries as queries
from siyu.connectors import queries as install_queries
from siyu.connectors.code_types import (
    CodeChange,
    CodeConfig,
    CodeStats,
    CodeView,
    Day,
    Landing,
    NewCode,
    Orders,
    OrdersAdded,
    StaffCount,
)
from siyu.connectors.contract import Connector, Target
from siyu.connectors.door import VendorFailed
from siyu.connectors.joining import day_of, match_orders
from siyu.connectors.registry import connector_named
from siyu.connectors.work import open_session
from siyu.delivery import zone_named
from siyu.kit import DAY, BadInput, Conflict, FieldError, Invalid, NotFound, Page, check_version, iso, new_id, new_token
from siyu.settings import current_settings
from siyu.store import Store
from siyu.vendors import InDoubt, NotTaken, VendorRefused

_WINDOW = 30 * DAY


def list_codes(store: Store, kind: str | None, after: str | None, limit: int) -> Page[CodeView]:
    """Newest first."""
    with store.state.read() as conn:
        before = _place(conn, after)
        rows = queries.list_codes(conn, kind, before, limit + 1)
        views = _views(store, conn, rows[:limit])
    return Page(views, views[-1].id if len(rows) > limit else None)


def _place(conn: Connection, after: str | None) -> tuple[int, str] | None:
    if after is None:
        return None
    row = queries.code_row(conn, after)
    if row is None:
        raise BadInput(detail="after is no cursor of this list.")
    return row.created_at, row.id


def code_view(store: Store, conn: Connection, code: str) -> CodeView:
    return _views(store, conn, [_find(conn, code)])[0]


def _find(conn: Connection, code: str) -> Row[Any]:
    row = queries.code_row(conn, code)
    if row is None:
        raise NotFound(what=code[:40])
    return row


def _views(store: Store, conn: Connection, rows: Sequence[Row[Any]]) -> list[CodeView]:
    ids = [row.id for row in rows]
    counted = queries.totals(conn, ids, day_of(conn, store.clock.now_ms()))
    cards = queries.parcel_totals(conn, ids)
    return [_view(store, row, counted.get(row.id, (0, 0, 0, 0)), cards[row.id]) for row in rows]


def _view(
    store: Store, row: Row[Any], counted: tuple[int, int, int, int], cards: tuple[int, int, int, int]
) -> CodeView:
    config, targets = _config(row), _targets(row)
    orders, gifts, came, matched = cards
    return CodeView(
        id=row.id,
        install_id=row.install_id,
        install_name=row.install_name,
        name=row.name,
        kind=row.kind,
        url=f"{store.settings.public_url.rstrip('/')}/c/{row.slug}",
        state=row.state,
        config=config,
        targets=targets,
        disabled=row.disabled,
        created_at=iso(row.created_at),
        opened=counted[0],
        joined=counted[1],
        lost=counted[2],
        joined_today=counted[3],
        orders=orders,
        matched=matched,
        gifts=gifts,
        match_rate=matched / came if row.kind == "parcel" and came else None,
        missing=[one for one in _wanted(connector_named(row.connector), config) if one not in targets],
        version=row.version,
    )


def _config(row: Row[Any]) -> CodeConfig:
    return msgspec.json.decode(row.config, type=CodeConfig)


def _targets(row: Row[Any]) -> dict[str, Target]:
    return msgspec.json.decode(row.targets, type=dict[str, Target])


def _wanted(connector: Connector, config: CodeConfig) -> list[str]:
    """Whose vendor codes there should be: every member's, or one for all where members play no part."""
    if not connector.code_by_staff:
        return [""]
    return list(dict.fromkeys([*(one.staff for one in config.staff), *filter(None, [config.overflow])]))


def add_code(store: Store, conn: Connection, actor: Operator, wanted: NewCode) -> str:
    """A new code; ``make_targets`` then makes it at the vendor."""
    install = install_queries.install_row(conn, wanted.install_id)
    if install is None:
        raise NotFound(what=wanted.install_id[:40])
    connector = connector_named(install.connector)
    if connector.make_code is None:
        raise Conflict(detail="This connector has no channel codes.")
    if not _wanted(connector, wanted.config):
        raise Invalid(errors=[FieldError("config.staff", "At least one member takes the customers.", "needed")])
    made, now = new_id("chc"), store.clock.now_ms()
    values = {"id": made, "install_id": install.id, "name": wanted.name.strip(), "kind": wanted.kind}
    values |= {"state": f"s{made[-20:]}", "slug": new_token()[:12].replace("-", "x").replace("_", "y")}
    queries.add_code(conn, values | {"config": msgspec.json.encode(wanted.config).decode(), "created_at": now})
    audit(conn, actor, "code.create", made, {"name": wanted.name, "kind": wanted.kind})
    return made


def change_code(
    store: Store, conn: Connection, actor: Operator, code: str, wanted: CodeChange, if_match: str | None
) -> None:
    row = _find(conn, code)
    check_version(if_match, row.version)
    values = {"name": wanted.name.strip(), "disabled": wanted.disabled, "version": row.version + 1}
    queries.change_code(conn, code, values | {"config": msgspec.json.encode(wanted.config).decode()})
    audit(conn, actor, "code.change", code, {"disabled": wanted.disabled})


def make_targets(store: Store, code: str, anew: str | None = None, *, every: bool = False) -> None:
    """Make what is missing at the vendor; ``anew``: one member's again, ``every``: all. Raises VendorFailed.

    The old ones go on working as far as the vendor lets them; the printed address leads to the new ones.
    """
    with store.state.read() as conn:
        row = _find(conn, code)
        install = install_queries.install_row(conn, row.install_id)
    connector, targets = connector_named(row.connector), _targets(row)
    if install is None or connector.make_code is None:
        raise NotFound(what=code[:40])
    todo = [one for one in _wanted(connector, _config(row)) if every or one == anew or one not in targets]
    try:
        with open_session(store, install, connector) as session:
            for staff in todo:
                targets[staff] = connector.make_code(session, row.state, staff, row.name)
    except (VendorRefused, NotTaken, InDoubt) as error:
        raise VendorFailed(detail=str(error)[:200]) from error
    finally:
        with store.state.write() as conn:
            queries.change_code(conn, code, {"targets": msgspec.json.encode(targets).decode()})


def note_remade(conn: Connection, actor: Operator, code: str, staff: str | None) -> None:
    audit(conn, actor, "code.remake", code, {"staff": staff})


def land(store: Store, conn: Connection, slug: str) -> Landing:
    """A customer has scanned: whose code do they see? Counted. Raises NotFound."""
    row, now = queries.code_by_slug(conn, slug), store.clock.now_ms()
    if row is None or row.disabled:
        raise NotFound(what="page")
    config, targets, brand = _config(row), _targets(row), current_settings(conn).brand_name
    day = day_of(conn, now)
    staff = _pick(conn, row.id, config, targets, now, day)
    queries.count_up(conn, [(row.id, day, staff or "", 1, 0, 0)])
    if staff is None:
        return Landing(brand, row.name, "", True)
    return Landing(brand, row.name, targets[staff].picture, False)


def _pick(
    conn: Connection, code: str, config: CodeConfig, targets: dict[str, Target], now: int, day: str
) -> str | None:
    """In working hours whoever had the fewest today and is under their limit; else the overflow; else nobody."""
    counted = queries.by_staff(conn, code, day)
    free = [
        one.staff
        for one in config.staff
        if one.staff in targets and not (one.daily_limit and counted.get(one.staff, (0, 0))[1] >= one.daily_limit)
    ]
    if "" in targets:
        free = [""]
    if free and _is_open(conn, config, now):
        return min(free, key=lambda one: (counted.get(one, (0, 0)), free.index(one)))
    return config.overflow if config.overflow in targets and config.overflow else None


def _is_open(conn: Connection, config: CodeConfig, now: int) -> bool:
    zone = zone_named(current_settings(conn).timezone, "Asia/Shanghai")
    minute = datetime.fromtimestamp(now / 1000, zone).strftime("%H:%M")
    if config.opens == config.closes:
        return True
    if config.opens < config.closes:
        return config.opens <= minute < config.closes
    return minute >= config.opens or minute < config.closes


def code_stats(store: Store, conn: Connection, code: str) -> CodeStats:
    """The last 30 days by day and by member."""
    _find(conn, code)
    since = day_of(conn, store.clock.now_ms() - _WINDOW)
    days = [Day(*row) for row in queries.by_day(conn, code, since)]
    return CodeStats(
        days, [StaffCount(name, *row) for name, row in queries.by_staff(conn, code, since).items() if name]
    )


def add_orders(store: Store, conn: Connection, actor: Operator, code: str, wanted: Orders) -> OrdersAdded:
    """Orders that go out with this batch of cards; those who joined by it already are matched at once."""
    row, now = _find(conn, code), store.clock.now_ms()
    if row.kind != "parcel":
        raise Conflict(detail="Only parcel cards have orders.")
    numbers = list(dict.fromkeys(one.strip() for one in wanted.orders if one.strip()))
    before = queries.parcels_named(conn, numbers)
    elsewhere = sum(one.code_id != code for one in before.values())
    fresh = [(one, code, wanted.shop, now) for one in numbers if one not in before]
    queries.add_parcels(conn, fresh)
    told = match_orders(conn, [(code, person) for person in queries.persons_of(conn, code)], now)
    enter(conn, "siyu", told, now)
    audit(conn, actor, "code.orders", code, {"orders": len(fresh)})
    return OrdersAdded(len(fresh), elsewhere, len(told))
