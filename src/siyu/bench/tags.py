"""Thirty computed tags of every kind over everybody, and live tags behind a batch."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from siyu import tags
from siyu.accounts import Operator
from siyu.audiences import moment_of
from siyu.bench.audience_data import build
from siyu.kit import load_settings
from siyu.store import Store
from siyu.tags import TagDraft, measured

Progress = Callable[[str], None]
_OPERATOR = Operator("opr_bench", "Bench", "bench@example.com", "admin", "en")
_MONTH, _QUARTER = {"last_days": 30}, {"last_days": 90}
_SERUM = [{"property": "category", "op": "eq", "value": "serum"}]
_LEVELS = {
    "values": [
        {
            "value": value,
            "rule": {"event": "order_paid", "aggregate": "sum", "property": "amount", "op": "gte", "value": fen},
        }
        for value, fen in (("high", 300_000), ("middle", 100_000), ("low", 1))
    ],
    "otherwise": "none",
}
_SQL = "SELECT person, max(amount) AS value FROM events WHERE event = 'order_paid' GROUP BY person"
_VIEWS = "SELECT person, count() AS value FROM events WHERE event = 'page_viewed' GROUP BY person"


def _number(event: str, measure: str = "count", name: str = "", **more: Any) -> tuple[str, dict[str, Any]]:
    return "number", {"event": event, "measure": measure, "property": name, **more}


def _steps(*names: str, days: int) -> tuple[str, dict[str, Any]]:
    return "sequence", {"sequence": [{"event": name} for name in names], "within": {"n": days, "unit": "days"}}


TAGS: tuple[tuple[str, dict[str, Any]], ...] = (
    _number("page_viewed", window=_MONTH),
    _number("product_viewed", window=_QUARTER, where=_SERUM),
    _number("order_paid"),
    _number("order_paid", "sum", "amount"),
    _number("order_paid", "avg", "amount", window=_QUARTER),
    _number("product_viewed", "distinct", "sku"),
    _number("order_paid", "days_since"),
    _number("app_opened", "days_since"),
    ("first_last", {"event": "order_paid"}),
    ("first_last", {"event": "order_paid", "which": "last"}),
    ("first_last", {"event": "order_paid", "property": "category"}),
    ("first_last", {"event": "product_viewed", "which": "last", "property": "sku"}),
    ("preference", {"event": "product_viewed", "property": "category"}),
    ("preference", {"event": "product_viewed", "property": "sku", "top": 3, "window": _QUARTER}),
    ("preference", {"event": "order_paid", "property": "category", "by": "amount", "share": 40}),
    ("distribution", {"event": "page_viewed", "window": _QUARTER}),
    ("distribution", {"event": "order_paid", "of": "weekday"}),
    ("distribution", {"event": "mp_visited", "least": 3}),
    _steps("cart_added", "order_paid", days=7),
    _steps("coupon_received", "coupon_used", days=30),
    ("rfm", {"answer": "segment"}),
    ("rfm", {"answer": "code", "bands": "fixed", "recency": [30, 90], "frequency": [2, 5], "money": [50_000, 200_000]}),
    ("interval", {}),
    ("interval", {"answer": "next_date", "least": 2}),
    ("lifecycle", {}),
    ("lifecycle", {"silent_days": 45, "churned_days": 120}),
    ("rule", _LEVELS),
    ("rule", {"values": [{"value": "near", "rule": {"trait": "city", "op": "in", "value": ["上海", "杭州"]}}]}),
    ("sql", {"sql": _SQL}),
    ("sql", {"sql": _VIEWS}),
)


def run(folder: Path, events: int, persons: int, progress: Progress) -> dict[str, float]:
    """Figures by name; a folder that holds data already is taken as it is."""
    store = Store(load_settings(folder))
    if not store.events.query("SELECT count() FROM persons").one()[0]:
        progress(f"building {events:,} events of {persons:,} persons")
        build(store, events, persons)
    figures = {"tags": float(len(TAGS))}
    for number, (kind, config) in enumerate(TAGS):
        tags.declare(store, _OPERATOR, TagDraft(f"bench {number}", kind, config, live=number == 0), "en")  # type: ignore[arg-type]
    progress("everybody, the first time")
    figures["tags_first_s"], figures["values"] = _everybody(store)
    progress("everybody again")
    figures["tags_refresh_s"], figures["changed"] = _everybody(store)
    figures |= _some(store)
    figures["preview_s"] = _timed(lambda: measured.preview_number(store, _OPERATOR))
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table = 'tag_values'"
    figures["values_mb"] = float(store.events.query(size).one()[0] or 0) / (1 << 20)
    store.close()
    return figures


def _everybody(store: Store) -> tuple[float, float]:
    began = time.perf_counter()
    done = tags.run_all(store)
    took = time.perf_counter() - began
    faults = [one.fault for one in done if one.fault]
    if faults:
        raise RuntimeError(faults[0])
    return took, float(sum(len(one.changed) for one in done))


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _some(store: Store) -> dict[str, float]:
    """Following a batch of so many persons for the 26 tags that can be told of one."""
    figures = {}
    with store.state.read() as conn:
        moment = moment_of(conn, store.clock.now_ms())
    for count in (100, 2_000):
        figures[f"live_{count}_s"] = _timed(partial(measured.follow, store, moment, range(1, count + 1)))
    return figures
