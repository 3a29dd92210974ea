"""Why and why not, also for people who never entered; and the operator's side of runs."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from siyu.journeys.tables import runs
from siyu.kit import DAY, SECOND, parse_iso
from tests.delivery.desk import Desk
from tests.delivery.peers import Mailbox


def test_nobody_who_never_did_it_entered(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    journey = desk.journey()
    desk.customer("mei")
    found = desk.get(f"/api/persons/{desk.person('mei')}/trace", journey_id=journey)
    assert found["verdict"] == {
        "code": "no_event",
        "text": {
            "zh": "没有「加购」的记录，所以没有进入",
            "en": "There is no “Added to cart” on record, so they never entered",
        },
    }
    assert found["journey"] == {"id": journey, "name": "加购未付款", "state": "live"}


def test_a_draft_takes_nobody(desk: Desk) -> None:
    desk.customer("mei")
    journey = desk.post("/api/journeys", {"name": "草稿", "template": "abandoned_cart"})["id"]
    desk.send(desk.track("mei", "cart_added"))
    assert desk.trace("mei", journey) == ("not_published", ["not_published"])


def test_what_happened_before_it_was_published(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    desk.customer("mei")
    desk.send(desk.track("mei", "cart_added"))
    desk.clock.advance(1000)
    journey = desk.journey()
    assert desk.trace("mei", journey) == ("before_publish", ["before_publish"])


def test_a_refusal_says_which_and_why(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    journey = desk.journey()
    desk.customer("mei", consent=False)
    desk.send(desk.track("mei", "cart_added"))
    desk.later(hours=1)
    found = desk.get(f"/api/persons/{desk.person('mei')}/trace", journey_id=journey)
    assert found["verdict"]["code"] == "refused"
    assert found["verdict"]["text"]["zh"] == "没有发送：还没有取得对方同意，这个渠道需要先同意"
    assert [step["code"] for step in found["steps"]][-2:] == ["refused", "finished"]
    [run] = desk.get(f"/api/journeys/{journey}/runs")["items"]
    assert (run["state"], run["outcome"]) == ("done", "consent_missing")


def test_a_night_is_waited_out_in_the_persons_own_zone(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    journey = desk.journey()
    desk.clock.set(parse_iso("2026-03-08T01:30:00Z"))
    desk.customer("mei", timezone="America/New_York")
    desk.customer("lan")
    desk.send(desk.track("mei", "cart_added"), desk.track("lan", "cart_added"))
    desk.later(hours=1)  # 21:30 the evening before the clocks change in New York, 10:30 in Shanghai
    assert mailbox.recipients == ["lan@example.com"]
    verdict, steps = desk.trace("mei", journey)
    assert (verdict, steps[-1]) == ("waiting", "postponed")
    [run] = desk.get(f"/api/journeys/{journey}/runs", state="waiting")["items"]
    assert run["due_at"] == "2026-03-08T12:00:00.000Z"
    desk.clock.set(parse_iso("2026-03-08T11:59:59Z"))
    desk.turn()
    assert len(mailbox.received) == 1
    desk.clock.set(parse_iso("2026-03-08T12:00:00Z"))  # 08:00 daylight saving time
    desk.turn()
    assert mailbox.recipients == ["lan@example.com", "mei@example.com"]


@pytest.mark.parametrize(("capped", "mails"), [("advance", 1), ("retry", 2)])
def test_a_capped_person_moves_on_or_tries_again(desk: Desk, mailbox: Mailbox, capped: str, mails: int) -> None:
    desk.mail_channel(mailbox)
    first = desk.journey()
    desk.clock.advance(SECOND)
    second = desk.journey(send={"capped": capped})
    desk.customer("mei")
    desk.send(desk.track("mei", "cart_added"))
    desk.later(hours=1)
    assert len(mailbox.received) == 1
    codes = {desk.trace("mei", first)[0], desk.trace("mei", second)[0]}
    assert "message_sent" in codes
    desk.clock.advance(DAY)
    desk.turn()
    assert len(mailbox.received) == mails


def test_a_poison_run_is_parked_alone_and_can_be_resumed(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    journey = desk.journey()
    for user in ("mei", "lan", "bad"):
        desk.customer(user)
    desk.send(*[desk.track(user, "cart_added") for user in ("mei", "lan", "bad")])
    desk.turn()
    poison(desk, "torn {")
    desk.later(hours=1)
    assert sorted(mailbox.recipients) == ["lan@example.com", "mei@example.com"]
    [run] = desk.get(f"/api/journeys/{journey}/runs", state="parked")["items"]
    assert run["person"] == desk.person("bad")
    verdict, steps = desk.trace("bad", journey)
    assert (verdict, steps[-1]) == ("parked", "parked")
    poison(desk, "{}")
    path = f"/api/journeys/{journey}/runs/{run['run_id']}"
    detail = desk.post(f"{path}/resume")
    assert (detail["state"], detail["outcome"]) == ("waiting", None)
    assert detail["steps"][-1]["text"]["zh"] == "由 desk 恢复执行"
    assert desk.client.post(f"{path}/resume").status_code == 409
    desk.turn()
    assert "bad@example.com" in mailbox.recipients
    counts = desk.get(f"/api/journeys/{journey}")["counts"]
    assert (counts["done"], counts["parked"], counts["waiting"], counts["sent"]) == (3, 0, 0, 3)


def poison(desk: Desk, event: str) -> None:
    """What no door lets in, as if a disk or an older version had left it behind."""
    with desk.store.state.write() as conn:
        conn.execute(sa.update(runs).where(runs.c.person_id == desk.number("bad")).values(event=event))


def test_lists_are_paged(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    journey = desk.journey()
    users = [f"u{number}" for number in range(5)]
    for user in users:
        desk.customer(user)
    desk.send(*[desk.track(user, "cart_added") for user in users])
    desk.later(hours=1)
    for path in (f"/api/journeys/{journey}/runs", "/api/messages"):
        seen: list[Any] = []
        after: dict[str, str] = {}
        while True:
            page = desk.get(path, limit=2, **after)
            seen += [item["person"] for item in page["items"]]
            if page["next"] is None:
                break
            after = {"after": page["next"]}
        assert sorted(seen) == sorted(desk.person(user) for user in users)
    desk.journey()
    first = desk.get("/api/journeys", limit=1)
    second = desk.get("/api/journeys", limit=1, after=first["next"])
    assert second["items"][0]["id"] == journey


@pytest.mark.parametrize(
    "path",
    [
        "/api/journeys/jrn_none",
        "/api/journeys/jrn_none/runs",
        "/api/persons/per_1/trace?journey_id=jrn_none",
        "/api/channels/pigeon",
    ],
)
def test_what_is_not_there(desk: Desk, path: str) -> None:
    desk.customer("mei")
    answer = desk.client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["/api/journeys?after=x", "/api/messages?after=1e9", "/api/messages?limit=0"])
def test_bad_cursors_and_filters(desk: Desk, path: str) -> None:
    assert desk.client.get(path).status_code in (400, 422)


def test_a_stale_draft_is_not_written(desk: Desk) -> None:
    id = desk.post("/api/journeys", {"name": "试试"})["id"]
    body = {"name": "新名", "graph": {"nodes": [], "edges": []}}
    assert desk.client.put(f"/api/journeys/{id}", json=body, headers={"If-Match": '"1"'}).status_code == 200
    assert desk.client.put(f"/api/journeys/{id}", json=body, headers={"If-Match": '"1"'}).status_code == 412
    assert desk.client.put(f"/api/journeys/{id}", json=body).status_code == 428


def test_a_viewer_looks_and_does_not_touch(desk: Desk, mailbox: Mailbox) -> None:
    journey = desk.post("/api/journeys", {"name": "试试"})["id"]
    secret = desk.post("/api/keys", {"name": "reader", "scopes": ["read"]})["secret"]
    desk.client.headers["Authorization"] = f"Bearer {secret}"
    assert desk.client.get(f"/api/journeys/{journey}").status_code == 200
    assert desk.client.get("/api/messages").status_code == 200
    for method, path in [
        ("POST", "/api/journeys"),
        ("PUT", f"/api/journeys/{journey}"),
        *[("POST", f"/api/journeys/{journey}/{action}") for action in ("publish", "pause", "resume", "retire")],
        ("PUT", "/api/channels/email"),
        ("POST", "/api/channels/email/test"),
        ("PUT", "/api/policies"),
        ("POST", "/api/messages/msg_1/resolve"),
        ("GET", "/api/suppressions"),
    ]:
        assert desk.client.request(method, path, json={}).status_code == 403, path
