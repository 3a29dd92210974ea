"""A shop with its vendors: channels set up against strict local servers, customers that can be reached on them."""

from __future__ import annotations

import itertools
from typing import Any

from siyu.delivery import Request, Template, ask
from tests.delivery.desk import Desk
from tests.vendors.tencent import Wechat, Wecom
from tests.vendors.texts import Aliyun, TencentSms

_runs = itertools.count(1000)


class Shop:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        # What a cap holds back is the gate's own test.
        desk.policy("*", "cap", {})

    def channel(self, name: str, **config: Any) -> None:
        switches = {key: config.pop(key) for key in ("sandbox",) if key in config}
        self.desk.put(f"/api/channels/{name}", {"enabled": True, "config": config} | switches)

    def wechat(self, vendor: Wechat, name: str, **more: Any) -> None:
        self.channel(name, appid=vendor.appid, secret=vendor.secret, api_url=vendor.url, timeout_s=2, **more)

    def wecom(self, vendor: Wecom, name: str, **more: Any) -> None:
        self.channel(name, corp_id=vendor.corp, secret=vendor.secret, api_url=vendor.url, timeout_s=2, **more)

    def aliyun(self, vendor: Aliyun, **more: Any) -> None:
        config = {"access_key_id": vendor.key_id, "access_key_secret": vendor.key_secret, "api_url": vendor.url}
        self.channel("sms_aliyun", sign_name=vendor.sign_name, template_id="SMS_1", timeout_s=2, **config, **more)

    def tencent(self, vendor: TencentSms, **more: Any) -> None:
        config = {"secret_id": vendor.secret_id, "secret_key": vendor.secret_key, "sdk_app_id": vendor.app_id}
        config |= {"sign_name": vendor.sign_name, "api_url": vendor.url}
        self.channel("sms_tencent", template_id="1", timeout_s=2, **config, **more)

    def event(self, user: str, event: str, id: tuple[str, str] | None = None, **props: Any) -> None:
        """``id``: (kind, value) of an identifier the event brings."""
        context = (
            {"externalIds": [{"type": id[0], "id": id[1], "collection": "users", "encoding": "none"}]} if id else {}
        )
        self.desk.send(self.desk._item("track", None, userId=user, event=event, properties=props, context=context))

    def follower(self, user: str, vendor: Wechat, openid: str = "") -> str:
        """Somebody who follows the Official Account, two days ago."""
        value = openid or f"oFollower-{user}"
        vendor.followers.add(value)
        self.event(user, "oa_followed", (f"openid.{vendor.appid}", value))
        self.desk.clock.advance(2 * 86_400_000)
        return value

    def friend(self, user: str, **props: Any) -> str:
        self.event(user, "wecom_friend_added", ("external_userid", f"wm-{user}"), **props)
        return f"wm-{user}"

    def texter(self, user: str, mobile: str) -> None:
        """Somebody with a mobile number who agreed to get texts."""
        self.event(user, "consent_granted", ("mobile", mobile), channel="sms", purpose="marketing")

    def ask(self, user: str, channel: str, text: str = "你好", **more: Any) -> str:
        """Ask the gate, turn the loops; answers the decision's code."""
        [code] = self.ask_many([user], channel, text, **more)
        self.desk.turn()
        return code

    def ask_many(self, users: list[str], channel: str, text: str = "你好", **more: Any) -> list[str]:
        template = {key: more.pop(key) for key in ("template_id", "fields", "link", "subject") if key in more}
        said = Template(subject=template.pop("subject", "标题"), text=text, **template)
        campaign = more.pop("campaign", "") or f"campaign {next(_runs)}"
        requests = [
            Request(self.desk.number(user), channel, campaign, "jrn_test", next(_runs), "send", said, **more)
            for user in users
        ]
        with self.desk.store.state.write() as conn:
            return [decision.code for decision in ask(self.desk.store, conn, requests)]

    def last(self) -> tuple[str, str | None]:
        """State and reason of the newest message."""
        message = self.desk.messages()[0]
        return message["state"], message["reason"]

    def hook(self, channel: str) -> str:
        url: str = self.desk.post(f"/api/channels/{channel}/callback", {})["url"]
        return url.removeprefix("http://127.0.0.1:8300")

    def push(self, path: str, body: Any = None, **params: Any) -> tuple[int, str]:
        """A callback from the vendor: no key, no cookie."""
        client = self.desk.client
        kept = client.headers.pop("Authorization")
        content = {"content": body} if isinstance(body, bytes | str) else {"json": body}
        answer = client.post(path, params=params, **content)
        client.headers["Authorization"] = kept
        return answer.status_code, answer.text

    def events(self, user: str, name: str) -> list[dict[str, Any]]:
        items = self.desk.get(f"/api/persons/{self.desk.person(user)}/timeline")["items"]
        return [item for item in items if item["event"] == name]
