"""SMS by both providers: what is sent, how every refusal ends, receipts, replies."""

from __future__ import annotations

import json
import threading

import pytest

from siyu.kit import DAY, HOUR, MINUTE
from tests.vendors.shop import Shop
from tests.vendors.texts import Aliyun, TencentSms

MOBILE = "+8613912345678"


@pytest.fixture
def by_aliyun(shop: Shop, aliyun: Aliyun) -> Shop:
    shop.aliyun(aliyun)
    shop.texter("mei", MOBILE)
    return shop


@pytest.fixture
def by_tencent(shop: Shop, tencent: TencentSms) -> Shop:
    shop.tencent(tencent)
    shop.texter("mei", MOBILE)
    return shop


def test_a_text_goes_out_by_its_template(by_aliyun: Shop, aliyun: Aliyun) -> None:
    code = by_aliyun.ask("mei", "sms_aliyun", template_id="SMS_9", fields=(("name", "{{name|你}}"), ("code", "A1")))
    assert code == "allowed"
    [sent] = aliyun.sent
    assert (sent["PhoneNumbers"], sent["TemplateCode"]) == ("13912345678", "SMS_9")
    assert json.loads(sent["TemplateParam"]) == {"name": "你", "code": "A1"}
    assert by_aliyun.last() == ("sent", None)


def test_tencents_variables_have_places(by_tencent: Shop, tencent: TencentSms) -> None:
    by_tencent.ask("mei", "sms_tencent", fields=(("1", "小美"), ("2", "A1")))
    assert tencent.sent[0]["TemplateParamSet"] == ["小美", "A1"]
    assert tencent.sent[0]["PhoneNumberSet"] == [MOBILE]


@pytest.mark.parametrize(
    ("code", "text", "state", "reason"),
    [
        ("isv.BUSINESS_LIMIT_CONTROL", "触发分钟级流控Permits:1", "queued", "too_frequent"),
        ("isv.BUSINESS_LIMIT_CONTROL", "触发天级流控Permits:40", "queued", "too_frequent"),
        ("isv.DAY_LIMIT_CONTROL", "触发日发送限额", "queued", "vendor_quota"),
        ("isv.AMOUNT_NOT_ENOUGH", "账户余额不足", "queued", "no_balance"),
        ("isv.MOBILE_NUMBER_ILLEGAL", "号码错误", "failed", "bad_address"),
        ("isv.SMS_TEMPLATE_ILLEGAL", "模板不合法", "failed", "bad_template"),
        ("isv.BLACK_KEY_CONTROL_LIMIT", "黑名单关键字", "failed", "bad_content"),
        ("isv.SOMETHING_NEW", "?", "failed", "refused_by_peer"),
        ("isp.SYSTEM_ERROR", "系统错误", "in_doubt", "no_answer"),
    ],
)
def test_every_refusal_of_aliyun_ends_where_it_should(
    by_aliyun: Shop, aliyun: Aliyun, code: str, text: str, state: str, reason: str
) -> None:
    aliyun.refuse = [(code, text)]
    by_aliyun.ask("mei", "sms_aliyun")
    assert by_aliyun.last() == (state, reason)
    assert code in by_aliyun.desk.messages()[0]["reason_text"]["en"]


@pytest.mark.parametrize(
    ("code", "state", "reason"),
    [
        ("LimitExceeded.PhoneNumberThirtySecondLimit", "queued", "too_frequent"),
        ("LimitExceeded.PhoneNumberDailyLimit", "queued", "too_frequent"),
        ("LimitExceeded.AppDailyLimit", "queued", "vendor_quota"),
        ("LimitExceeded.SomethingNew", "queued", "vendor_quota"),
        ("FailedOperation.PhoneNumberInBlacklist", "failed", "blocked_by_person"),
        ("FailedOperation.ContainSensitiveWord", "failed", "bad_content"),
        ("FailedOperation.TemplateIncorrectOrUnapproved", "failed", "bad_template"),
        ("InvalidParameterValue.IncorrectPhoneNumber", "failed", "bad_address"),
        ("InternalError.Timeout", "in_doubt", "no_answer"),
    ],
)
def test_every_refusal_of_tencent_ends_where_it_should(
    by_tencent: Shop, tencent: TencentSms, code: str, state: str, reason: str
) -> None:
    tencent.refuse = [code]
    by_tencent.ask("mei", "sms_tencent")
    assert by_tencent.last() == (state, reason)


def test_a_limit_waits_as_long_as_it_says_and_then_goes(by_aliyun: Shop, aliyun: Aliyun) -> None:
    aliyun.refuse = [("isv.BUSINESS_LIMIT_CONTROL", "触发小时级流控Permits:5")]
    by_aliyun.ask("mei", "sms_aliyun")
    by_aliyun.desk.clock.advance(HOUR - 1000)
    by_aliyun.desk.turn()
    assert aliyun.sent == []
    by_aliyun.desk.clock.advance(1000)
    by_aliyun.desk.turn()
    assert len(aliyun.sent) == 1


def test_a_dead_number_is_never_used_again_by_either_provider(
    by_aliyun: Shop, aliyun: Aliyun, tencent: TencentSms
) -> None:
    by_aliyun.tencent(tencent)
    aliyun.refuse = [("isv.MOBILE_NUMBER_ILLEGAL", "号码错误")]
    by_aliyun.ask("mei", "sms_aliyun")
    assert by_aliyun.ask("mei", "sms_tencent") == "suppressed"


def test_a_connection_cut_off_leaves_a_doubt_and_no_second_text(by_aliyun: Shop, aliyun: Aliyun) -> None:
    aliyun.drops = 1
    by_aliyun.ask("mei", "sms_aliyun")
    assert by_aliyun.last() == ("in_doubt", "no_answer")
    by_aliyun.desk.later(hours=26)
    assert len(aliyun.sent) == 1


def test_a_slow_answer_is_a_doubt_too(by_aliyun: Shop, aliyun: Aliyun) -> None:
    shown = by_aliyun.desk.get("/api/channels/sms_aliyun")["config"]
    by_aliyun.channel("sms_aliyun", **shown | {"timeout_s": 1})
    aliyun.delay = threading.Event()
    by_aliyun.ask("mei", "sms_aliyun")
    assert by_aliyun.last() == ("in_doubt", "no_answer")


def test_a_proxy_that_answers_html_is_a_doubt(by_aliyun: Shop, aliyun: Aliyun) -> None:
    aliyun.garbles = 1
    by_aliyun.ask("mei", "sms_aliyun")
    assert by_aliyun.last() == ("in_doubt", "no_answer")


def test_a_vendor_that_is_down_took_nothing(by_aliyun: Shop, aliyun: Aliyun) -> None:
    aliyun.close()
    by_aliyun.ask("mei", "sms_aliyun")
    assert by_aliyun.last() == ("queued", "no_peer")
    shown = by_aliyun.desk.get("/api/channels/sms_aliyun")
    assert shown["last_error"]["zh"].startswith("连不上服务器")


def report(shop: Shop, ok: bool = True, **more: object) -> list[dict[str, object]]:
    message = shop.desk.messages(channel="sms_aliyun")[0]["id"]
    row = {"phone_number": "13912345678", "success": ok, "biz_id": "biz1^0", "out_id": message, "sms_size": "1"}
    row |= {"report_time": "2026-03-02 10:00:05", "send_time": "2026-03-02 10:00:00"}
    return [row | {"err_code": "DELIVERED" if ok else "MK:0001", "err_msg": "状态" if not ok else ""} | more]


def test_a_receipt_is_taken_once_and_a_late_one_changes_nothing(by_aliyun: Shop) -> None:
    hook = by_aliyun.hook("sms_aliyun")
    by_aliyun.ask("mei", "sms_aliyun")
    for _ in range(2):
        status, answer = by_aliyun.push(hook, report(by_aliyun))
        assert (status, json.loads(answer)["code"]) == (200, 0)
    by_aliyun.desk.turn()
    assert by_aliyun.desk.messages()[0]["receipt"] == "delivered"
    assert len(by_aliyun.events("mei", "message_delivered")) == 1
    by_aliyun.push(hook, report(by_aliyun, ok=False))
    by_aliyun.push(hook, report(by_aliyun))
    by_aliyun.desk.turn()
    assert by_aliyun.last() == ("failed", "undelivered")
    assert len(by_aliyun.events("mei", "message_delivered")) == 1
    assert by_aliyun.ask("mei", "sms_aliyun") == "suppressed"


def test_a_receipt_settles_a_doubt(by_aliyun: Shop, aliyun: Aliyun) -> None:
    hook = by_aliyun.hook("sms_aliyun")
    aliyun.drops = 1
    by_aliyun.ask("mei", "sms_aliyun")
    by_aliyun.push(hook, report(by_aliyun))
    assert by_aliyun.last() == ("sent", None)


def test_a_receipt_that_comes_before_the_answer_is_not_lost(by_tencent: Shop) -> None:
    hook = by_tencent.hook("sms_tencent")
    early = [{"user_receive_time": "2026-03-02 10:00:01", "nationcode": "86", "mobile": "13912345678",
              "report_status": "SUCCESS", "errmsg": "DELIVRD", "description": "", "sid": "serial:1"}]  # fmt: skip
    status, answer = by_tencent.push(hook, early)
    assert (status, json.loads(answer)) == (200, {"result": 0, "errmsg": "OK"})
    by_tencent.ask("mei", "sms_tencent")
    assert by_tencent.desk.messages()[0]["receipt"] == "delivered"


def test_a_reply_of_r_opts_out_at_once(by_aliyun: Shop, tencent: TencentSms) -> None:
    by_aliyun.tencent(tencent)
    hook = by_aliyun.hook("sms_aliyun")
    by_aliyun.desk.clock.advance(MINUTE)
    at = "2026-03-02 10:01:00"
    reply = [{"phone_number": "13912345678", "send_time": at, "content": " r ", "sign_name": "花间", "sequence_id": 7}]
    for _ in range(2):
        assert by_aliyun.push(hook, reply)[0] == 200
    assert by_aliyun.ask("mei", "sms_aliyun") == "consent_withdrawn"
    by_aliyun.desk.clock.advance(DAY)
    assert by_aliyun.ask("mei", "sms_tencent") == "consent_withdrawn"
    assert len(by_aliyun.events("mei", "opted_out")) == 1


def test_any_other_reply_changes_nothing(by_tencent: Shop) -> None:
    hook = by_tencent.hook("sms_tencent")
    assert by_tencent.push(hook, {"mobile": "13912345678", "nationcode": "86", "text": "谢谢", "time": 1})[0] == 200
    assert by_tencent.ask("mei", "sms_tencent") == "allowed"


def test_the_secret_in_the_address_is_what_lets_a_callback_in(by_aliyun: Shop) -> None:
    hook = by_aliyun.hook("sms_aliyun")
    by_aliyun.ask("mei", "sms_aliyun")
    wrong = hook[:-3] + "xxx"
    assert by_aliyun.push(wrong, report(by_aliyun))[0] == 404
    assert by_aliyun.push(hook.replace("sms_aliyun", "sms_tencent"), report(by_aliyun))[0] == 404
    renewed = by_aliyun.desk.post("/api/channels/sms_aliyun/callback", {"renew": True})["url"]
    assert not renewed.endswith(hook)
    assert by_aliyun.push(hook, report(by_aliyun))[0] == 404
    assert by_aliyun.push(by_aliyun.hook("sms_aliyun"), {"not": "a list"})[0] == 403
    assert by_aliyun.push(by_aliyun.hook("sms_aliyun"), b"x" * 1_000_001)[0] == 413
    assert by_aliyun.desk.messages()[0]["receipt"] == ""


def test_both_providers_share_a_numbers_allowance(by_aliyun: Shop, tencent: TencentSms) -> None:
    by_aliyun.tencent(tencent)
    codes = [by_aliyun.ask("mei", name) for name in ("sms_aliyun", "sms_tencent") * 3]
    assert codes == ["allowed"] * 4 + ["person_quota"] * 2


def test_the_rate_of_the_guard_table_holds(by_aliyun: Shop, aliyun: Aliyun) -> None:
    by_aliyun.desk.policy("sms_aliyun", "rate", {"minute": 2})
    for _ in range(3):
        by_aliyun.ask("mei", "sms_aliyun")
    assert len(aliyun.sent) == 2
    by_aliyun.desk.later(minutes=1)
    assert len(aliyun.sent) == 3
