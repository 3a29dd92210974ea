"""The unsubscribe page: a question first, one click from mail programs, a way back."""

from __future__ import annotations

import re

import pytest

from tests.delivery.desk import Desk
from tests.delivery.peers import Mailbox


@pytest.fixture
def link(desk: Desk, mailbox: Mailbox) -> str:
    """The path behind List-Unsubscribe of a mail that arrived; the desk's key is put away."""
    desk.mail_channel(mailbox)
    desk.journey()
    desk.customer("mei")
    desk.send(desk.track("mei", "cart_added"))
    desk.later(hours=1)
    [mail] = mailbox.received
    return str(mail["List-Unsubscribe"]).strip("<>").removeprefix("http://127.0.0.1:8300")


def consent(desk: Desk) -> list[tuple[str, str]]:
    rows = desk.get(f"/api/persons/{desk.person('mei')}")["consent"]
    return [(row["channel"], row["state"]) for row in rows]


def stranger(desk: Desk, method: str, path: str, language: str = "zh-CN", **more: object) -> tuple[int, str]:
    """A request from somebody's phone: no key, no cookie, no CSRF token."""
    client = desk.client
    kept = dict(client.headers)
    for name in ("Authorization", "X-CSRF-Token"):
        client.headers.pop(name, None)
    client.cookies.clear()
    answer = client.request(method, path, headers={"Accept-Language": language}, **more)
    client.headers.update(kept)
    return answer.status_code, answer.text


def test_opening_the_link_only_asks(desk: Desk, link: str) -> None:
    status, page = stranger(desk, "GET", link)
    assert status == 200
    assert "确认退订" in page
    assert 'lang="zh-CN"' in page
    assert "Unsubscribe" in stranger(desk, "GET", link, "en-GB,en;q=0.9")[1]
    desk.turn()
    assert consent(desk) == [("email", "granted")]


def test_confirming_withdraws_at_once_and_only_once(desk: Desk, link: str, mailbox: Mailbox) -> None:
    desk.clock.advance(1000)
    for _ in range(3):
        status, page = stranger(desk, "POST", link)
        assert status == 200
        assert "已退订" in page
    desk.turn()
    assert ("email", "withdrawn") in consent(desk)
    events = desk.get(f"/api/persons/{desk.person('mei')}/timeline")["items"]
    assert [event["event"] for event in events].count("opted_out") == 1
    assert "已退订" in stranger(desk, "GET", link)[1]

    desk.policy("*", "cap", {})
    journey = desk.journey()
    desk.send(desk.track("mei", "cart_added"))
    desk.later(hours=1)
    assert len(mailbox.received) == 1
    assert desk.trace("mei", journey)[0] == "refused"


def test_one_click_from_a_mail_program(desk: Desk, link: str) -> None:
    """RFC 8058: a POST with this very body, no cookie, no page seen before, answered without a redirect."""
    desk.clock.advance(1000)
    status, _ = stranger(desk, "POST", link, data={"List-Unsubscribe": "One-Click"})
    assert status == 200
    desk.turn()
    assert ("email", "withdrawn") in consent(desk)


def test_leaving_by_mistake_can_be_undone(desk: Desk, link: str) -> None:
    desk.clock.advance(1000)
    _, page = stranger(desk, "POST", link)
    [action] = re.findall(r'action="([^"]+)"', page)
    desk.clock.advance(1000)
    status, page = stranger(desk, "POST", action)
    assert status == 200
    assert "已恢复接收" in page
    desk.turn()
    assert consent(desk) == [("email", "granted")]
    assert "确认退订" in stranger(desk, "GET", link)[1]


def test_the_link_follows_a_person_who_was_merged(desk: Desk, link: str) -> None:
    desk.customer("lan", email="lan@example.com")
    desk.send({**desk.identify("mei"), "anonymousId": "phone-1"})
    desk.clock.advance(1000)
    assert stranger(desk, "POST", link)[0] == 200
    desk.turn()
    assert ("email", "withdrawn") in consent(desk)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("change", [lambda path: path[:-6] + "abcdef", lambda _path: "/u/x", lambda path: path[:-20]])
def test_a_link_that_was_tampered_with(desk: Desk, link: str, method: str, change: object) -> None:
    assert callable(change)
    status, page = stranger(desk, method, change(link))
    assert status == 404
    assert "链接无效" in page
    desk.turn()
    assert consent(desk) == [("email", "granted")]


def test_the_page_is_light_and_takes_no_script(desk: Desk, link: str) -> None:
    answer = desk.client.get(link)
    assert len(answer.content) < 50_000
    assert "<script" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_a_brand_name_cannot_bring_mark_up(desk: Desk, link: str) -> None:
    shown = desk.get("/api/settings")
    wanted = {name: shown[name] for name in ("lifecycle", "timezone", "language", "quiet_hours")}
    desk.put("/api/settings", wanted | {"brand_name": "<b>花间</b>"})
    _, page = stranger(desk, "GET", link)
    assert "&lt;b&gt;花间" in page
    assert "<b>" not in page
