"""The Segment doors: what is taken, what is refused and how it is said."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest
import sqlalchemy as sa
from litestar.testing import TestClient

from siyu.app import House
from siyu.identity import find_persons
from siyu.kit import iso
from siyu.store import Store

Client = TestClient[Any]


@pytest.fixture
def key(store: Store) -> str:
    from siyu.collect.tables import sources

    with store.state.write() as conn:
        conn.execute(
            sa.insert(sources).values(id="src_shop", name="shop", kind="segment", write_key="wk_shop", created_at=1)
        )
    return "wk_shop"


def send(client: Client, key: str, body: bytes, path: str = "/v1/batch", **headers: str) -> Any:
    basic = base64.b64encode(f"{key}:".encode()).decode()
    return client.post(path, content=body, headers={"Authorization": f"Basic {basic}"} | headers)


def batch(*items: dict[str, Any], **rest: Any) -> bytes:
    return json.dumps({"batch": items} | rest).encode()


def track(store: Store, **rest: Any) -> dict[str, Any]:
    number = rest.pop("n", 0)
    return {
        "type": "track",
        "event": "Tried",
        "userId": "u1",
        "messageId": f"m{number}",
        "timestamp": iso(store.clock.now_ms() - 1000),
    } | rest


def events(store: Store) -> list[tuple[Any, ...]]:
    return list(
        store.events.query("SELECT event, toUnixTimestamp64Milli(time), toString(props) FROM events ORDER BY time")
    )


def reasons(store: Store) -> list[str]:
    with store.inbox.read() as conn:
        return list(conn.exec_driver_sql("SELECT reason FROM collect_quarantine ORDER BY id").scalars())


def test_a_batch_settles_and_a_retry_counts_once(client: Client, app: House, store: Store, key: str) -> None:
    body = batch(track(store, n=1), track(store, n=2))
    assert send(client, key, body).json() == {"success": True}
    assert send(client, key, body).status_code == 200
    app.pipeline.drain()
    assert send(client, key, body).status_code == 200
    app.pipeline.drain()
    assert len(events(store)) == 2


def test_gzip_is_known_by_its_first_bytes_whatever_the_header_says(
    client: Client, app: House, store: Store, key: str
) -> None:
    packed = gzip.compress(batch(track(store)))
    labelled = {"Content-Type": "application/x-www-form-urlencoded"}
    assert send(client, key, packed, **labelled).status_code == 200
    app.pipeline.drain()
    assert len(events(store)) == 1


@pytest.mark.parametrize("call", ["track", "identify", "page", "screen", "group", "alias"])
def test_single_calls_need_no_type(client: Client, app: House, store: Store, key: str, call: str) -> None:
    item = {
        "userId": "u1",
        "event": "Tried",
        "name": "Home",
        "previousId": "anon-1",
        "groupId": "g1",
        "traits": {"a": 1},
    }
    assert send(client, key, json.dumps(item).encode(), f"/v1/{call}").status_code == 200
    app.pipeline.drain()
    with store.state.read() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM identity_persons").scalar() == 1


def test_clock_skew_is_taken_out(client: Client, app: House, store: Store, key: str) -> None:
    now = store.clock.now_ms()
    hour = 3_600_000
    body = batch(track(store, timestamp=iso(now - hour - 5000)), sentAt=iso(now - hour))
    send(client, key, body)
    app.pipeline.drain()
    assert events(store)[0][1] == now - 5000


def test_a_name_with_the_character_nul_waits_in_quarantine(client: Client, app: House, store: Store, key: str) -> None:
    named = {"type": "identify", "userId": "u2", "messageId": "named", "traits": {"na\0me": "x"}}
    paid = track(store, event="Order Completed", properties={"order_id": "1", "shop": "a\0b"})
    said = {"type": "identify", "userId": "u3", "messageId": "said", "traits": {"name": "x\0"}}
    answer = send(client, key, json.dumps({"batch": [named, paid, said]}).encode()).json()
    assert [(each["index"], each["reason"]) for each in answer["rejected"]] == [(0, "bad_text"), (1, "bad_text")]
    app.pipeline.drain()
    assert reasons(store) == ["bad_text"] * 2
    with store.state.read() as conn:
        kept = conn.exec_driver_sql("SELECT name, value FROM profiles_traits").all()
    assert [tuple(row) for row in kept] == [("name", '"x\\u0000"')]


def test_what_has_nul_elsewhere_still_settles(client: Client, app: House, store: Store, key: str) -> None:
    """Currency, channel and purpose become columns of their own only where they are applied."""
    paid = track(store, n=1, event="Order Completed", properties={"order_id": "1", "currency": "C\0Y"})
    consent = track(store, event="consent_granted", properties={"channel": "em\0ail", "purpose": "mar\0keting"})
    assert send(client, key, batch(paid, consent)).json() == {"success": True}
    app.pipeline.drain()
    assert len(events(store)) == 2
    assert reasons(store) == []


def test_a_bad_record_waits_in_quarantine_and_its_neighbours_are_kept(
    client: Client, app: House, store: Store, key: str
) -> None:
    now = store.clock.now_ms()
    faults = [
        {"type": "track", "event": "x"},
        track(store, event=None),
        track(store, type="dance"),
        track(store, userId="null"),
        track(store, userId={"a": 1}),
        track(store, properties=[1]),
        track(store, timestamp="yesterday"),
        track(store, timestamp=iso(now + 3 * 86_400_000)),
        track(store, timestamp="1970-01-05T00:00:00Z"),
        track(store, properties={"x": "y" * 70_000}),
        "not an object",
    ]
    answer = send(client, key, batch(track(store, n=1), *faults, track(store, n=2)))
    assert answer.status_code == 200
    assert [fault["index"] for fault in answer.json()["rejected"]] == list(range(1, len(faults) + 1))
    app.pipeline.drain()
    assert len(events(store)) == 2
    assert len(reasons(store)) == len(faults)
    assert {"no_identifier", "no_event_name", "unknown_type", "blocked_identifier", "too_large"} <= set(reasons(store))
    assert {"wrong_type", "time_in_future", "time_too_old"} <= set(reasons(store))


DEEP = b'{"batch":[{"type":"track","userId":"u","event":"e","properties":' + b'{"a":' * 60 + b"1" + b"}" * 61 + b"]}"


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b'{"batch": [', 400, "not valid JSON"),
        (b'{"batch": 5}', 400, "batch"),
        (b"", 400, "JSON"),
        (b'{"batch":[{"type":"track","userId":"\xff\xfe"}]}', 400, "UTF-8"),
        (b"\x1f\x8b\x08\x00broken", 400, "gzip"),
        (gzip.compress(b'{"batch":[]}', mtime=0)[:-6], 400, "gzip"),
        (gzip.compress(b" " * (64 << 20), mtime=0), 413, "bytes"),
        (b" " * (10 << 20), 413, "bytes"),
        (DEEP, 400, "32"),
        (b'{"batch":[{"type":"track","event":"e"}]}', 400, "userId"),
    ],
    ids=["cut", "no list", "empty", "not utf-8", "bad gzip", "cut gzip", "gzip bomb", "10 MB", "deep", "all bad"],
)  # fmt: skip
def test_a_broken_request_is_a_4xx_that_names_the_fault(
    client: Client, key: str, body: bytes, status: int, says: str
) -> None:
    answer = send(client, key, body, **{"Accept-Language": "en"})
    assert answer.status_code == status
    assert says in answer.json()["detail"]
    assert answer.headers["content-type"] == "application/problem+json"


def test_brackets_inside_strings_are_no_depth(client: Client, app: House, store: Store, key: str) -> None:
    assert send(client, key, batch(track(store, properties={"x": "[" * 200 + '\\"'}))).status_code == 200
    app.pipeline.drain()
    assert len(events(store)) == 1


def test_a_wrong_key_is_refused(client: Client, store: Store, key: str) -> None:
    assert send(client, "wk_other", batch(track(store))).status_code == 401
    assert client.post("/v1/batch", content=batch(track(store))).status_code == 401
    assert client.post("/v1/batch", content=batch(track(store), writeKey=key)).status_code == 200
    assert client.get("/v1/batch").status_code == 405
    assert send(client, key, b"{}", "/v1/nothing").status_code == 404


def test_a_record_the_engine_cannot_hold_is_put_aside_alone(client: Client, app: House, store: Store, key: str) -> None:
    good = [track(store, n=n, timestamp=iso(store.clock.now_ms() - n * 20 * 86_400_000)) for n in range(1, 6)]
    bad = batch(*good, track(store, n=9, properties="@")).replace(b'"@"', b'{"x":1e999}')
    assert send(client, key, bad).status_code == 200
    app.pipeline.drain()
    assert len(events(store)) == 5
    assert reasons(store) == ["engine_refused"]


def test_half_an_emoji_does_not_lose_the_batch(client: Client, app: House, store: Store, key: str) -> None:
    body = batch(track(store, properties="@")).replace(b'"@"', b'{"x":"a\\ud83d","y":"\\ud83d\\ude00"}')
    assert send(client, key, body).status_code == 200
    app.pipeline.drain()
    assert json.loads(events(store)[0][2]) == {"x": "a\ufffd", "y": "\U0001f600"}


def test_orders_count_once_through_two_doors(client: Client, app: House, store: Store, key: str) -> None:
    order = {"order_id": "T1", "revenue": "199.90", "currency": "CNY", "products": [{"sku": "a", "quantity": 2}]}
    send(client, key, batch(track(store, n=1, event="Order Completed", properties=order)))
    send(client, key, batch(track(store, n=2, event="Order Completed", properties=order)))
    send(client, key, batch(track(store, n=3, event="Order Refunded", properties=order | {"revenue": 50})))
    app.pipeline.drain()
    with store.state.read() as conn:
        kept = conn.exec_driver_sql("SELECT orders, revenue FROM profiles_persons").one()
        raw = conn.exec_driver_sql("SELECT raw, units FROM profiles_orders").one()
    assert tuple(kept) == (1, 19990 - 5000)
    assert json.loads(raw[0]) == order
    assert raw[1] == 2


def test_external_ids_name_the_person_too(client: Client, app: House, store: Store, key: str) -> None:
    named = {
        "externalIds": [{"type": "unionid", "id": "oU"}, {"type": "openid.wx1", "id": "oA"}, {"type": "sn", "id": "1"}]
    }
    only = {"type": "track", "event": "oa_followed", "context": named}
    assert send(client, key, batch(track(store, context=named), only)).json() == {"success": True}
    app.pipeline.drain()
    with store.state.read() as conn:
        keys = set(conn.exec_driver_sql("SELECT key FROM identity_identifiers").scalars())
        assert conn.exec_driver_sql("SELECT count(*) FROM profiles_persons").scalar() == 1
    assert keys == {"user_id:u1", "unionid:oU", "openid.wx1:oA"}
    assert send(client, key, batch({"type": "track", "event": "x", "context": {"externalIds": []}})).status_code == 400


def test_without_a_message_id_only_the_very_same_is_a_repeat(
    client: Client, app: House, store: Store, key: str
) -> None:
    """Not two customers at one moment, who are told apart by their external ids alone."""

    def said(card: str, city: str) -> dict[str, Any]:
        ids = [{"type": "member_card", "id": card}]
        stamp = iso(store.clock.now_ms() - 1000)
        return {"type": "identify", "timestamp": stamp, "traits": {"city": city}, "context": {"externalIds": ids}}

    body = batch(said("A1", "上海"), said("A2", "上海"), said("A2", "上海"))
    for _ in range(2):
        assert send(client, key, body).status_code == 200
    app.pipeline.drain()
    with store.state.read() as conn:
        assert len(find_persons(conn, ["member_card:A1", "member_card:A2"])) == 2
        assert conn.exec_driver_sql("SELECT count(*) FROM profiles_persons").scalar() == 2
