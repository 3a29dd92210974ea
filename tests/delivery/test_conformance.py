"""What every channel has to keep to, ours or a third party's; parametrised over all that are found."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from siyu.delivery import Request, Template, ask, channels
from siyu.delivery.reasons import REASONS
from siyu.delivery.types import Capabilities
from siyu.kit import schema_of, secrets_of
from siyu.vendors import aliyun_sms, tencent_sms, wechat, wecom
from tests.delivery.desk import Desk

ALL = sorted(channels())
every_channel = pytest.mark.parametrize("name", ALL)


def put(desk: Desk, name: str, version: int = 0, **body: Any) -> Any:
    return desk.client.put(f"/api/channels/{name}", json=body, headers={"If-Match": f'"{version}"'})


def filled(name: str) -> dict[str, Any]:
    """A value for every text of the settings; no connector's account."""
    fields = schema_of(channels()[name].config)["properties"]
    texts = [key for key, schema in fields.items() if schema.get("type") == "string" and "enum" not in schema]
    return {key: "x" for key in texts if key != "connector"}


def test_all_of_them_are_found() -> None:
    assert {
        "email", "sms_aliyun", "sms_tencent", "wechat_customer", "wechat_template", "mini_program_subscribe",
        "wecom_mass", "wecom_welcome", "wecom_moments", "wecom_group_message", "app_push", "inbox", "webhook",
    } <= set(ALL)  # fmt: skip


@every_channel
def test_it_declares_itself_as_data(desk: Desk, name: str) -> None:
    shown = desk.get(f"/api/channels/{name}")
    assert shown["channel"] == name
    assert shown["label"]["zh"]
    assert shown["label"]["en"]
    assert shown["enabled"] is shown["sandbox"] is False
    assert set(shown["capabilities"]) == set(Capabilities.__struct_fields__)
    for key, schema in shown["config_schema"]["properties"].items():
        assert schema["x-label"]["zh"], key
        assert schema["x-label"]["en"], key
    assert set(shown["config"]) == set(shown["config_schema"]["properties"])


@every_channel
def test_its_settings_stand_without_being_touched(name: str) -> None:
    channel = channels()[name]
    assert msgspec.convert(msgspec.to_builtins(channel.config()), channel.config) == channel.config()
    assert set(channel.needed) <= set(channel.config.__struct_fields__)


@every_channel
def test_bad_settings_are_refused_by_field(desk: Desk, name: str) -> None:
    fields = schema_of(channels()[name].config)["properties"]
    number = next(key for key, schema in fields.items() if schema.get("type") == "integer")
    answer = put(desk, name, enabled=False, config={number: -5})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [f"config.{number}"]
    assert put(desk, name, enabled=False, config={"no_such_setting": 1}).status_code == 422


@every_channel
def test_it_can_not_be_switched_on_half_set_up(desk: Desk, name: str) -> None:
    answer = put(desk, name, enabled=True, config={})
    if not channels()[name].needed:
        assert answer.status_code == 200
        return
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {f"config.{key}" for key in channels()[name].needed}


@every_channel
def test_secrets_are_sealed_and_never_shown(desk: Desk, name: str) -> None:
    secrets = secrets_of(channels()[name].config)
    config = filled(name) | {key: f"geheim{key}"[:40] for key in secrets}
    answer = put(desk, name, enabled=False, config=config)
    assert answer.status_code == 200, answer.text
    assert "geheim" not in answer.text
    assert all(answer.json()["config"][key] == "•••" for key in secrets)
    with desk.store.state.read() as conn:
        stored = conn.exec_driver_sql("SELECT config FROM delivery_channels").scalar_one()
    assert "geheim" not in stored
    log = desk.get("/api/audit")
    assert "geheim" not in str(log)
    # Sent back as dots, or left out, they stay.
    again = put(desk, name, version=1, enabled=False, config=answer.json()["config"])
    assert all(again.json()["config"][key] == "•••" for key in secrets)


@every_channel
def test_the_sandbox_records_and_hands_nothing_over(desk: Desk, name: str) -> None:
    channel = channels()[name]
    assert put(desk, name, enabled=True, sandbox=True, config={}).status_code == 200
    assert desk.post(f"/api/channels/{name}/test", {"address": address(name)})["state"] == "recorded"
    reachable(desk, name)
    if channel.capabilities.uses_grant:
        desk.send(desk.track("mei", "subscribe_granted", template_id="T1"))
    event = {"welcome_code": "CODE1", "chat_id": "wr-1"}
    said = Template("标题", "正文", template_id="T1")
    with desk.store.state.write() as conn:
        request = Request(desk.number("mei"), name, "spring", "jrn_test", 1, "send", said, event=event)
        [decision] = ask(desk.store, conn, [request])
    assert decision.code == "allowed"
    desk.turn()
    [message] = desk.messages()
    assert (message["state"], message["reason"]) == ("recorded", "sandbox")
    assert "沙箱" in message["reason_text"]["zh"]
    timeline = desk.get(f"/api/persons/{desk.person('mei')}/timeline")["items"]
    assert not [item for item in timeline if item["event"].startswith("message_")]
    assert desk.get(f"/api/channels/{name}")["last_ok_at"] is None


def address(name: str) -> str:
    """One that the channel takes."""
    tries = ("mei@example.com", "+8613912345678", "oFollower-mei", "anything", "per_1")
    return next(text for text in tries if not channels()[name].address_fault(text))


def reachable(desk: Desk, name: str) -> None:
    """Mei can be reached on every owned channel, by what she has just done."""
    ids = {"openid.wx1": "oFollower-mei", "external_userid": "wm-mei", "mobile": "+8613912345678", "device": "d1"}
    context = {"externalIds": [{"type": kind, "id": value} for kind, value in ids.items()]}
    events = ["oa_followed", "oa_message_received", "mp_visited", "wecom_friend_added", "group_joined", "app_installed"]
    desk.customer("mei", push_token="token-1")
    for event in events:
        desk.send(desk._item("track", None, userId="mei", event=event, properties={}, context=context))
    desk.send(desk.track("mei", "consent_granted", channel="sms", purpose="marketing"))


@pytest.mark.parametrize(
    "verdicts",
    [aliyun_sms.ERRORS, tencent_sms.ERRORS, wechat.ERRORS, wecom.ERRORS],
    ids=["aliyun", "tencent", "wechat", "wecom"],
)
def test_every_vendor_code_leads_to_a_reason_in_words(verdicts: dict[Any, Any]) -> None:
    unknown = {code: v.reason for code, v in verdicts.items() if v.reason not in REASONS}
    assert unknown == {}
    assert all(v.wait_ms > 0 for v in verdicts.values() if v.fate == "retry")
