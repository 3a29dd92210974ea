"""Message templates: limits of each channel, versions that never change, previews and test sends."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.content import Template, render
from tests.delivery.desk import Desk
from tests.delivery.peers import Mailbox

GREETING: dict[str, Any] = {
    "name": "开春上新",
    "channel": "email",
    "incentive": "coupon",
    "appeal": "self",
    "says": {
        "zh": {
            "subject": "{{name|你好}}，春天到了",
            "text": "{{nickname, name|朋友}}，https://shop.example/new?c={{city|x}}",
        },
        "en": {
            "subject": "Spring, {{name|friend}}",
            "text": "Dear {{nickname, name|friend}}: https://shop.example/new",
        },
    },
}


def said(**changes: Any) -> dict[str, Any]:
    return GREETING | {"says": {"zh": GREETING["says"]["zh"] | changes}}


def test_a_template_is_written_changed_and_put_away_in_versions(desk: Desk) -> None:
    made = desk.post("/api/templates", GREETING, 201)
    path = f"/api/templates/{made['id']}"
    assert (made["version"], made["incentive"], made["appeal"], made["archived"]) == (1, "coupon", "self", False)
    changed = desk.put(path, said(text="新的正文"))
    assert changed["version"] == 2
    versions = desk.get(f"{path}/versions")["items"]
    assert [(one["version"], one["says"]["zh"]["text"][:4]) for one in versions] == [(2, "新的正文"), (1, "{{ni")]
    stale = desk.client.put(path, json=GREETING, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    desk.post(f"{path}/archive")
    assert desk.get("/api/templates")["items"] == []
    assert [one["id"] for one in desk.get("/api/templates", archived=True)["items"]] == [made["id"]]


@pytest.mark.parametrize(
    ("draft", "field", "code"),
    [
        (said(subject=" "), "says.zh.text", "no_subject"),
        (said(text=""), "says.zh.text", "no_body"),
        (said(text="{{name}}"), "says.zh.text", "variable_without_default"),
        (said(text="{{1name|x}}"), "says.zh.text", "bad_variable"),
        (said(text="{{name|" + "长" * 501 + "}}"), "says.zh.text", "variable_too_long"),
        (said(text="{{a|b}}" * 51), "says.zh.text", "too_many_variables"),
        (said(html="<p onclick=alert(1)>x</p>"), "says.zh.html", "unsafe_html"),
        (said(html="<script>x</script>"), "says.zh.html", "unsafe_html"),
        (said(link="javascript:alert(1)"), "says.zh.link", "bad_link"),
        (said(link="//evil.example"), "says.zh.link", "bad_link"),
        (GREETING | {"channel": "pigeon"}, "says.zh.text", "unknown_channel"),
        (said(text="短信正文") | {"channel": "sms_aliyun"}, "says.zh.text", "no_template"),
        (
            said(text="【别家】回复R" + "x" * 600, template_id="SMS_1") | {"channel": "sms_aliyun"},
            "says.zh.text",
            "text_too_long",
        ),
        (said(html="<p>x</p>") | {"channel": "inbox"}, "says.zh.text", "no_html"),
    ],
)
def test_what_cannot_be_sent_is_refused_by_field_and_in_both_languages(
    desk: Desk, draft: dict[str, Any], field: str, code: str
) -> None:
    answer = desk.client.post("/api/templates", json=draft)
    assert answer.status_code == 422
    errors = {(error["field"], error["code"]): error["message"] for error in answer.json()["errors"]}
    assert (field, code) in errors
    assert " · " in errors[field, code]


def test_incentive_and_appeal_are_required(desk: Desk) -> None:
    for name in ("incentive", "appeal"):
        draft = {key: value for key, value in GREETING.items() if key != name}
        assert desk.client.post("/api/templates", json=draft).status_code in (400, 422)


def test_a_preview_is_in_the_persons_language_and_masked(desk: Desk) -> None:
    person = desk.customer("mei", name="欧阳美丽", language="en-GB")
    shown = desk.post("/api/templates/preview", {"draft": GREETING, "person": person}, 200)
    assert shown["language"] == "en"
    assert "欧阳美丽" not in shown["text"]
    assert shown["text"].startswith("Dear ")
    plain = desk.post("/api/templates/preview", {"draft": GREETING}, 200)
    assert (plain["language"], plain["subject"], plain["faults"]) == ("zh", "你好，春天到了", [])
    assert plain["length"] == len(plain["text"]) <= plain["limit"]
    broken = desk.post("/api/templates/preview", {"draft": said(text="{{name}}")}, 200)
    assert [fault["code"] for fault in broken["faults"]] == ["variable_without_default"]


def test_a_test_send_really_arrives(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    made = desk.post("/api/templates", GREETING, 201)
    answer = desk.post(f"/api/templates/{made['id']}/test", {"address": "me@brand.example"}, 200)
    assert answer["state"] == "sent"
    assert len(mailbox.received) == 1
    wrong = desk.client.post(f"/api/templates/{made['id']}/test", json={"address": "no address"})
    assert wrong.status_code == 422


def test_the_first_known_variable_is_taken_and_values_bring_no_markup_nor_tracked_links() -> None:
    template = Template(
        "{{nickname, name|朋友}}",
        "看 https://shop.example/{{city|x}}. {{name|}} {{bad|}}",
        html='<a href="https://shop.example/?a=1&amp;b={{name|}}">x</a><img src="https://img.example/a.png">{{name|}}',
    )
    seen: list[str] = []

    def track(address: str) -> str:
        seen.append(address)
        return f"https://s.example/{len(seen)}"

    values = {"name": "<b>小明</b>", "city": "上 海/?", "bad": "https://evil.example/x"}
    content = render(template, values, "https://u.example/", track)
    assert content.subject == "<b>小明</b>"
    assert content.text == "看 https://s.example/1. <b>小明</b> https://evil.example/x"
    assert seen == [
        "https://shop.example/%E4%B8%8A%20%E6%B5%B7%2F%3F",
        "https://shop.example/?a=1&b=%3Cb%3E%E5%B0%8F%E6%98%8E%3C%2Fb%3E",
    ]
    assert content.html == (
        '<a href="https://s.example/2">x</a><img src="https://img.example/a.png">&lt;b&gt;小明&lt;/b&gt;'
    )
