"""Records as they go wrong in real life. They wait in quarantine with the reason, their neighbours are kept."""

from __future__ import annotations

from typing import Any

from siyu.kit import DAY, iso

Fault = tuple[str, dict[str, Any]]
"""Key of a door, and what comes through it."""


def faults(now: int) -> list[Fault]:
    """Twelve records that can't be taken, ``now`` epoch ms."""
    return [*_segment_faults(now), *_sensors_faults(now)]


def _segment_faults(now: int) -> list[Fault]:
    def track(event: str, **rest: Any) -> dict[str, Any]:
        base = {"type": "track", "event": event, "userId": "M1000777", "timestamp": iso(now), "properties": {}}
        return base | {"messageId": f"bad-{event}-{now}"} | rest

    return [
        ("app", track("Product Viewed", userId=None, anonymousId=None)),
        ("app", track("Product Added", userId="undefined")),
        ("app", track("Application Opened", timestamp=iso(now + 5 * 365 * DAY))),
        ("store", track("Order Completed", properties={"order_id": "POS-0001", "revenue": "两百元整"})),
        ("store", track("store_visited", properties=["静安门店"])),
        ("store", track("")),
        ("app", track("Signed Up", type="trak")),
        ("app", track("note_added", properties={"note": "客户说" + "很满意" * 12_000})),
    ]


def _sensors_faults(now: int) -> list[Fault]:
    def record(event: str, **rest: Any) -> dict[str, Any]:
        base = {"type": "track", "event": event, "distinct_id": "bad-device", "time": now, "properties": {}}
        return base | {"lib": {"$lib": "MiniProgram", "$lib_version": "1.22.7"}} | rest

    return [
        ("mini", record("下单-成功!")),
        ("mini", record("addToCart", time=None)),
        ("mini", record("ViewProduct", properties={"sizes": [30, 50]})),
        ("mini", record("payOrder", properties={"order_id": "T-0001", "revenue": -88.0})),
    ]
