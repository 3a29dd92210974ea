"""Everyone against the global holdout: what all marketing together brings a person."""

from __future__ import annotations

import msgspec
from sqlalchemy.engine import Connection

from siyu.campaigns import review_queries
from siyu.experiments import Ratio, Worth, sample_ratio, worth
from siyu.kit import DAY, iso_or_none
from siyu.settings import GlobalHoldout, global_holdout
from siyu.store import Store


class HoldoutView(msgspec.Struct, frozen=True):
    percent: float
    salt: str
    since: str | None
    version: int


class HoldoutReport(msgspec.Struct, frozen=True):
    """``revenue`` in fen and ``orders`` a person within ``days`` of being assigned: when the holdout began, or when
    they became known after that. Null while there are too few whose days are over. Staff and test accounts count
    nowhere."""

    days: int
    since: str | None
    revenue: Worth | None
    orders: Worth | None
    ratio: Ratio | None


def view(conn: Connection) -> HoldoutView:
    return view_of(global_holdout(conn))


def view_of(setting: GlobalHoldout) -> HoldoutView:
    return HoldoutView(setting.percent, setting.salt, iso_or_none(setting.since), setting.version)


def report(store: Store, days: int) -> HoldoutReport:
    with store.state.read() as conn:
        setting = global_holdout(conn)
    if not setting.percent:
        return HoldoutReport(days, None, None, None, None)
    now = store.clock.now_ms()
    revenue, orders = review_queries.everyone(store.events, setting, now, days * DAY)
    ratio = sample_ratio(revenue[0].n, revenue[1].n, 1 - setting.percent / 100)
    return HoldoutReport(days, iso_or_none(setting.since), worth(*revenue), worth(*orders), ratio)
