"""The strict servers take what the vendors' own SDKs sign, and nothing else: so what our client signs is right too."""

from __future__ import annotations

import time

import pytest

from siyu.kit import Outbound
from siyu.vendors import VendorRefused, aliyun_sms, tencent_sms
from tests.vendors.texts import Aliyun, TencentSms


@pytest.fixture
def outbound() -> Outbound:
    return Outbound(allow_private=True, timeout=5)


def test_aliyuns_own_sdk_is_taken(aliyun: Aliyun) -> None:
    from alibabacloud_dysmsapi20170525.client import Client
    from alibabacloud_dysmsapi20170525.models import SendSmsRequest
    from alibabacloud_tea_openapi.models import Config

    client = Client(
        Config(
            access_key_id=aliyun.key_id,
            access_key_secret=aliyun.key_secret,
            endpoint=aliyun.url.removeprefix("http://"),
            protocol="HTTP",
        )
    )
    asked = SendSmsRequest(
        phone_numbers="13912345678", sign_name="花间", template_code="SMS_1", template_param='{"name": "小 美*~"}'
    )
    assert client.send_sms(asked).body.code == "OK"


def test_tencents_own_sdk_is_taken(tencent: TencentSms) -> None:
    from tencentcloud.common.credential import Credential
    from tencentcloud.common.profile.client_profile import ClientProfile
    from tencentcloud.common.profile.http_profile import HttpProfile
    from tencentcloud.sms.v20210111.models import SendSmsRequest
    from tencentcloud.sms.v20210111.sms_client import SmsClient

    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=tencent.url.removeprefix("http://")))
    client = SmsClient(Credential(tencent.secret_id, tencent.secret_key), "ap-guangzhou", profile)
    asked = SendSmsRequest()
    asked.PhoneNumberSet, asked.SmsSdkAppId, asked.SignName = ["+8613912345678"], tencent.app_id, "花间"
    asked.TemplateId, asked.TemplateParamSet = "1", ["小美"]
    assert client.SendSms(asked).SendStatusSet[0].Code == "Ok"


def test_our_aliyun_client_is_taken(aliyun: Aliyun, outbound: Outbound) -> None:
    account = aliyun_sms.Account(aliyun.key_id, aliyun.key_secret, aliyun.url)
    fields = {"name": "小 美*~", "code": "a+b&c=d/é"}
    now = int(time.time() * 1000)
    ref = aliyun_sms.send(outbound, account, "+8613912345678", "花间", "SMS_1", fields, "msg_1", now)
    assert (ref, aliyun.sent[0]["OutId"], aliyun.sent[0]["PhoneNumbers"]) == ("biz1^0", "msg_1", "13912345678")


def test_our_tencent_client_is_taken(tencent: TencentSms, outbound: Outbound) -> None:
    account = tencent_sms.Account(tencent.secret_id, tencent.secret_key, tencent.app_id, base=tencent.url)
    now = int(time.time() * 1000)
    ref = tencent_sms.send(outbound, account, "+8613912345678", "花间", "1", ["小 美"], "msg_1", now)
    assert ref == "serial:1"


def test_a_wrong_secret_is_refused_by_name(aliyun: Aliyun, tencent: TencentSms, outbound: Outbound) -> None:
    now = int(time.time() * 1000)
    bad = aliyun_sms.Account(aliyun.key_id, "wrong", aliyun.url)
    other = tencent_sms.Account(tencent.secret_id, "wrong", tencent.app_id, base=tencent.url)
    with pytest.raises(VendorRefused, match="SignatureDoesNotMatch") as first:
        aliyun_sms.send(outbound, bad, "+8613912345678", "花间", "SMS_1", {}, "k", now)
    with pytest.raises(VendorRefused, match=r"AuthFailure\.SignatureFailure") as second:
        tencent_sms.send(outbound, other, "+8613912345678", "花间", "1", [], "k", now)
    assert first.value.verdict.reason == second.value.verdict.reason == "bad_config"


def test_an_old_timestamp_is_refused(aliyun: Aliyun, tencent: TencentSms, outbound: Outbound) -> None:
    then = int(time.time() * 1000) - 3_600_000
    account = aliyun_sms.Account(aliyun.key_id, aliyun.key_secret, aliyun.url)
    other = tencent_sms.Account(tencent.secret_id, tencent.secret_key, tencent.app_id, base=tencent.url)
    with pytest.raises(VendorRefused, match="Expired"):
        aliyun_sms.send(outbound, account, "+8613912345678", "花间", "SMS_1", {}, "k", then)
    with pytest.raises(VendorRefused, match="SignatureExpire"):
        tencent_sms.send(outbound, other, "+8613912345678", "花间", "1", [], "k", then)
