"""The inbox: what lies in it, whose it is, what has been read."""

from __future__ import annotations

import re
from typing import Any

import pytest

from siyu.delivery import Template
from siyu.kit import DAY
from tests.delivery.desk import Desk
from tests.delivery.test_gate import decide, request
from tests.phone.test_unsubscribe import stranger


@pytest.fixture
def path(desk: Desk) -> str:
    """Mei's inbox with two messages."""
    desk.put("/api/channels/inbox", {"enabled": True, "config": {"title": "花间"}})
    desk.customer("mei")
    desk.customer("lan")
    for title, link in (("第一条 <b>", 'https://a.example/?q="x'), ("第二条", "javascript:alert(1)")):
        said = Template(title, "正文 <script>1</script>", coupon="SPRING", link=link)
        assert decide(desk, request(desk, "mei", channel="inbox", template=said)) == ["allowed"]
    assert decide(desk, request(desk, "lan", channel="inbox", template=Template("给兰", "x"))) == ["allowed"]
    desk.turn()
    return link_of(desk, "mei")


def link_of(desk: Desk, user: str) -> str:
    url: str = desk.get(f"/api/persons/{desk.person(user)}/inbox")["url"]
    return url.removeprefix("http://127.0.0.1:8300")


def items(desk: Desk, path: str) -> Any:
    import json

    status, text = stranger(desk, "GET", f"{path}/messages")
    assert status == 200
    return json.loads(text)


def test_the_page_shows_what_lies_there_and_nothing_runs_in_it(desk: Desk, path: str) -> None:
    status, page = stranger(desk, "GET", path)
    assert status == 200
    assert "花间 · 消息" in page
    assert page.index("第二条") < page.index("第一条 &lt;b&gt;")
    assert "<script>" not in page
    assert "javascript:" not in page
    [code] = re.findall(r'href="http://[^"]+(/l/[a-z2-7]{16})"', page)
    desk.clock.advance(10_000)
    answer = desk.client.get(code, headers={"User-Agent": "Mozilla/5.0"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (302, "https://a.example/?q=%22x")
    assert "给兰" not in page
    assert "2026-03-02 10:00" in page
    assert "Messages" in stranger(desk, "GET", path, "en")[1]


def test_reading_is_kept_and_told_once(desk: Desk, path: str) -> None:
    assert items(desk, path)["unread"] == 2
    first = items(desk, path)["items"][0]["id"]
    for _ in range(2):
        assert stranger(desk, "POST", f"{path}/messages", json={"read": [first, "msg_of_somebody"]})[0] == 200
    assert items(desk, path)["unread"] == 1
    status, page = stranger(desk, "POST", path)
    assert status == 200
    assert "全部已读" not in page
    desk.turn()
    events = desk.get(f"/api/persons/{desk.person('mei')}/timeline")["items"]
    assert [event["event"] for event in events].count("message_opened") == 2


def test_nobody_reads_in_anothers_inbox(desk: Desk, path: str) -> None:
    theirs = items(desk, link_of(desk, "lan"))["items"][0]["id"]
    stranger(desk, "POST", f"{path}/messages", json={"read": [theirs]})
    assert items(desk, link_of(desk, "lan"))["unread"] == 1


@pytest.mark.parametrize("token", ["x", "gAAAAABm"])
def test_a_link_not_made_here_leads_nowhere(desk: Desk, token: str) -> None:
    assert stranger(desk, "GET", f"/inbox/{token}")[0] == 404
    assert stranger(desk, "POST", f"/inbox/{token}")[0] == 404
    assert stranger(desk, "GET", f"/inbox/{token}/messages")[0] == 404


def test_an_unsubscribe_link_opens_no_inbox(desk: Desk, path: str) -> None:
    from siyu.delivery.links import Link, make_link

    token = make_link(desk.store, Link("m", desk.number("mei"), "email")).rpartition("/")[2]
    assert stranger(desk, "GET", f"/inbox/{token}")[0] == 404


def test_old_messages_are_not_shown_any_more(desk: Desk, path: str) -> None:
    desk.clock.advance(181 * DAY)
    assert items(desk, path)["items"] == []
    assert "还没有消息" in stranger(desk, "GET", path)[1]


def test_it_follows_a_person_who_is_merged(desk: Desk, path: str) -> None:
    desk.send(desk._item("alias", None, userId="lan", previousId="mei"))
    both = items(desk, path)
    assert {item["title"] for item in both["items"]} >= {"第二条"}
