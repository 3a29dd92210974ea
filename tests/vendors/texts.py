"""Both SMS providers as strict local servers: they check every byte of the signature."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from datetime import UTC, datetime
from urllib.parse import quote

from tests.vendors.doors import Answer, Call, Vendor


class Aliyun(Vendor):
    """dysmsapi. ``refuse`` is what the next calls are answered: (code, message)."""

    key_id, key_secret, sign_name = "LTAItest", "aliyun-secret", "花间"

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[dict[str, str]] = []
        self.refuse: list[tuple[str, str]] = []
        self._nonces: set[str] = set()

    def answer(self, call: Call) -> Answer:
        if fault := self._fault(call):
            return {"Code": fault, "Message": "refused", "RequestId": "r"}
        if self.refuse:
            code, text = self.refuse.pop(0)
            return {"Code": code, "Message": text, "RequestId": "r"}
        params = call.query
        assert re.fullmatch(r"1\d{10}", params["PhoneNumbers"]), params
        assert params["SignName"] == self.sign_name
        assert params["TemplateCode"].startswith("SMS_")
        json.loads(params.get("TemplateParam") or "{}")
        self.sent.append(params)
        return {"Code": "OK", "Message": "OK", "BizId": f"biz{len(self.sent)}^0", "RequestId": "r"}

    def _fault(self, call: Call) -> str:
        heads = call.headers
        assert (heads["x-acs-action"], heads["x-acs-version"]) == ("SendSms", "2017-05-25")
        at = datetime.strptime(heads["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if abs(time.time() - at.timestamp()) > 900:
            return "InvalidTimeStamp.Expired"
        if heads["x-acs-signature-nonce"] in self._nonces:
            return "SignatureNonceUsed"
        self._nonces.add(heads["x-acs-signature-nonce"])
        found = re.fullmatch(
            r"ACS3-HMAC-SHA256 Credential=(.+),SignedHeaders=(.+),Signature=([0-9a-f]{64})", heads["authorization"]
        )
        assert found, heads["authorization"]
        if found[1] != self.key_id:
            return "InvalidAccessKeyId.NotFound"
        if heads["x-acs-content-sha256"] != hashlib.sha256(call.body).hexdigest():
            return "SignatureDoesNotMatch"
        names = found[2].split(";")
        assert names == sorted(names)
        assert {"host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce"} <= set(names)
        query = "&".join(
            f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in sorted(call.query.items())
        )
        lines = [call.method, call.path, query, *(f"{name}:{heads[name].strip()}" for name in names), ""]
        canonical = "\n".join([*lines, found[2], heads["x-acs-content-sha256"]])
        text = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
        wanted = hmac.new(self.key_secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        return "" if hmac.compare_digest(wanted, found[3]) else "SignatureDoesNotMatch"


class TencentSms(Vendor):
    """sms.tencentcloudapi.com. ``refuse``: codes of the message itself; ``refuse_call``: of the whole call."""

    secret_id, secret_key, app_id, sign_name = "AKIDtest", "tencent-secret", "1400000001", "花间"

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[dict[str, object]] = []
        self.refuse: list[str] = []
        self.refuse_call: list[str] = []

    def answer(self, call: Call) -> Answer:
        fault = self._fault(call) or (self.refuse_call.pop(0) if self.refuse_call else "")
        if fault:
            return {"Response": {"Error": {"Code": fault, "Message": "refused"}, "RequestId": "r"}}
        body = call.json()
        assert body["SmsSdkAppId"] == self.app_id
        assert body["SignName"] == self.sign_name
        [mobile] = body["PhoneNumberSet"]
        assert re.fullmatch(r"\+861\d{10}", mobile)
        assert all(isinstance(part, str) for part in body["TemplateParamSet"])
        code = self.refuse.pop(0) if self.refuse else "Ok"
        if code == "Ok":
            self.sent.append(body)
        status = {
            "SerialNo": f"serial:{len(self.sent)}" if code == "Ok" else "",
            "PhoneNumber": mobile,
            "Fee": 1,
            "SessionContext": body.get("SessionContext", ""),
            "Code": code,
            "Message": "send success" if code == "Ok" else "refused",
        }
        return {"Response": {"SendStatusSet": [status], "RequestId": "r"}}

    def _fault(self, call: Call) -> str:
        heads = call.headers
        assert (call.method, call.path) == ("POST", "/")
        assert (heads["x-tc-action"], heads["x-tc-version"]) == ("SendSms", "2021-01-11")
        assert heads["x-tc-region"]
        at = int(heads["x-tc-timestamp"])
        if abs(time.time() - at) > 300:
            return "AuthFailure.SignatureExpire"
        found = re.fullmatch(
            r"TC3-HMAC-SHA256 Credential=([^/]+)/([\d-]+)/sms/tc3_request, "
            r"SignedHeaders=([a-z;-]+), Signature=([0-9a-f]{64})",
            heads["authorization"],
        )
        assert found, heads["authorization"]
        if found[1] != self.secret_id:
            return "AuthFailure.SecretIdNotFound"
        day = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
        if found[2] != day:
            return "AuthFailure.SignatureFailure"
        signed = "".join(f"{name}:{heads[name].strip().lower()}\n" for name in found[3].split(";"))
        canonical = f"POST\n/\n\n{signed}\n{found[3]}\n{hashlib.sha256(call.body).hexdigest()}"
        text = f"TC3-HMAC-SHA256\n{at}\n{day}/sms/tc3_request\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = b"TC3" + self.secret_key.encode()
        for part in (day, "sms", "tc3_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        wanted = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        return "" if hmac.compare_digest(wanted, found[4]) else "AuthFailure.SignatureFailure"
