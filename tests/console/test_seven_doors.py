"""One customer, seven doors, one person: strict vendors behind a real server, real callbacks, a real browser."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, expect
from standardwebhooks import Webhook

from siyu.kit import iso
from tests.connectors.hub import Hub
from tests.connectors.test_wechat_oa import Caller as OaCaller
from tests.connectors.test_wecom import Caller as WecomCaller
from tests.connectors.vendors import Account, Corp
from tests.console.pages import opened, until, visit
from tests.console.test_channels import shot
from tests.servers import Server

DAY = 86_400
MOBILE = "13712345678"
TILL = "whsec_" + b64encode(b"the secret of the till at Jing'an").decode()


class Live(Hub):
    """The doors of a running server, at the time it is."""

    def __init__(self, server: Server) -> None:
        self.api = server.sign_in()
        self.outside = server.client()

    def install(self, connector: str, **config: Any) -> dict[str, Any]:
        return self.post("/api/connectors", {"connector": connector, "name": f"花间 {connector}", "config": config})

    def post(self, path: str, body: Any) -> dict[str, Any]:
        answer = self.api.post(path, json=body)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def send(self, path: str, content: bytes | None = None, headers: dict[str, str] | None = None, **query: Any) -> Any:
        return self.outside.request(
            "POST" if content is not None else "GET", path, params=query, content=content, headers=headers
        )

    def now(self) -> int:
        return int(datetime.now(UTC).timestamp())

    def people(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.api.get("/api/persons").json()["items"]
        return found

    def person(self) -> dict[str, Any]:
        found: dict[str, Any] = self.api.get(f"/api/persons/{self.people()[0]['id']}").json()
        return found

    def happened(self, *events: str) -> bool:
        people = self.people()
        if len(people) != 1:
            return False
        items = self.api.get(f"/api/persons/{people[0]['id']}/timeline", params={"limit": 100}).json()["items"]
        return set(events) <= {item["event"] for item in items}


class Story:
    """Mei's way from a live room to a store, each door as its vendor opens it."""

    def __init__(self, live: Live, oa: Account, mini: Account, corp: Corp) -> None:
        self.live, self.oa, self.mini, self.corp = live, oa, mini, corp
        self.now = live.now()

    def douyin_live_lead(self) -> None:
        install = self.live.install("douyin", client_key="dyck", client_secret="cs")
        lead = {"create_time": self.now - 5 * DAY, "message_type": "retain_consult_card", "room_id": "live-618",
                "card_data": [{"label_name": "手机号", "label_value": MOBILE}]}  # fmt: skip
        said = {"event": "im_receive_msg", "client_key": "dyck", "from_user_id": "dy-mei", "content": json.dumps(lead)}
        body = json.dumps(said).encode()
        sign = hashlib.sha1(b"cs" + body).hexdigest()
        assert self.live.send(self.live.path(install), body, {"x-douyin-signature": sign, "msg-id": "m1"}).is_success

    def official_account_follow(self) -> None:
        self.account = self.live.account(self.oa, follow_reply="欢迎关注花间")
        self.follower = OaCaller(self.live, self.oa, self.account)
        self.oa.follow("oOA-mei-000001", self.now - 3 * DAY, "union-mei")
        body = self.follower.event("subscribe", at=self.now - 3 * DAY, openid="oOA-mei-000001")
        for _ in range(2):  # a retry changes nothing
            assert self.follower.sealed(body).is_success

    def mini_program_phone_login(self) -> None:
        common = {"appid": self.mini.appid, "secret": self.mini.secret, "api_url": self.mini.url}
        install = self.live.install("wechat_mini", **common)
        self.mini.logins["code-1"] = {"openid": "oMini-mei-0001", "unionid": "union-mei"}
        self.mini.phones["phone-1"] = MOBILE
        login = self.live.send(self.live.path(install, "login"), b'{"code": "code-1", "scene": "1089"}').json()
        body = json.dumps({"code": "phone-1", "token": login["token"]}).encode()
        assert self.live.send(self.live.path(install, "phone"), body).json() == {"mobile": "137****5678"}

    def wecom_add_by_store_code(self) -> None:
        install = self.live.corp(self.corp)
        config = {"staff": [{"staff": "lisi"}], "tags": ["静安店"]}
        code = {"install_id": install["id"], "name": "静安店导购", "kind": "store", "config": config}
        made = self.live.post("/api/codes", code)
        assert self.live.send(made["url"].removeprefix("http://127.0.0.1:8300")).is_success
        self.corp.befriend("wm-mei", "lisi", self.now, "union-mei", state=made["state"])
        caller = WecomCaller(self.live, self.corp, install)
        caller.contact("add_external_contact", "wm-mei", State=made["state"])

    def youzan_order(self) -> None:
        install = self.live.install("youzan", client_id="cid", client_secret="sec", shop="hualian")
        paid = datetime.fromtimestamp(self.now - 600 + 8 * 3600, UTC).strftime("%Y-%m-%d %H:%M:%S")
        buyer = {"yz_open_id": "yz-mei", "buyer_phone": MOBILE}
        order = {"order_info": {"tid": "E7001", "pay_time": paid}, "pay_info": {"payment": "268.00"}}
        msg = quote(json.dumps({"full_order_info": order | {"buyer_info": buyer}}))
        sign = hashlib.md5(f"cid{msg}sec".encode()).hexdigest()
        body = json.dumps({"type": "trade_TradePaid", "msg": msg, "sign": sign}).encode()
        for _ in range(2):
            assert self.live.send(self.live.path(install), body).is_success

    def parcel_card_scan(self) -> None:
        code = {"install_id": self.account["id"], "name": "春季包裹卡", "kind": "parcel", "config": {"gift": "小样"}}
        made = self.live.post("/api/codes", code)
        self.live.post(f"/api/codes/{made['id']}/orders", {"orders": ["E7001"]})
        assert self.follower.sealed(self.follower.event("SCAN", made["state"], openid="oOA-mei-000001")).is_success

    def pos_visit(self) -> None:
        install = self.live.install("pos", secret=TILL, shop="静安店")
        visit = {"type": "visit", "id": "v1", "at": iso(self.now * 1000), "ids": {"mobile": MOBILE}, "store": "静安店"}
        body, when = json.dumps({"events": [visit]}), datetime.now(UTC)
        headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(when.timestamp()))}
        headers["webhook-signature"] = Webhook(TILL).sign("msg_1", when, body)
        assert self.live.send(self.live.path(install), body.encode(), headers).is_success


@pytest.fixture
def story(server: Server) -> Iterator[Story]:
    with ExitStack() as held:
        oa, mini, corp = (held.enter_context(closing(one())) for one in (Account, Account, Corp))
        mini.appid = "wxfedcba9876543210"
        live = Live(server)
        held.enter_context(closing(live.api))
        held.enter_context(closing(live.outside))
        yield Story(live, oa, mini, corp)


def test_seven_doors_are_one_person(browser: Browser, server: Server, story: Story) -> None:
    live = story.live
    story.douyin_live_lead()
    story.official_account_follow()
    story.mini_program_phone_login()
    story.wecom_add_by_store_code()
    story.youzan_order()
    until(lambda: live.happened("lead_left", "oa_followed", "phone_bound", "code_joined", "order_paid"))
    story.parcel_card_scan()
    story.pos_visit()
    until(lambda: live.happened("parcel_matched", "store_visited"))
    mei = live.person()
    assert {one["type"] for one in mei["identifiers"]} == {
        "openid.dyck", f"openid.{story.oa.appid}", f"openid.{story.mini.appid}", "unionid", "mobile",
        "external_userid", "buyer_id.hualian",
    }  # fmt: skip
    assert len(mei["identifiers"]) == 7
    assert mei["created_at"] == iso((story.now - 5 * DAY) * 1000)
    followed = iso((story.now - 3 * DAY) * 1000)
    assert mei["entered"] == {"at": followed, "via": "oa_followed", "source": "花间 wechat_oa"}
    assert (mei["orders"], mei["revenue_fen"]) == (1, 26800)
    with opened(browser, server.url) as page:
        cookie = {"name": "siyu_session", "value": live.api.cookies["siyu_session"], "url": server.url}
        page.context.add_cookies([cookie])
        visit(page, f"/persons/{mei['id']}")
        known = page.locator(".panel", has=page.get_by_role("heading", name="标识"))
        expect(known.locator("li")).to_have_count(7)
        expect(known).to_contain_text("花间 douyin")
        day = datetime.fromtimestamp(story.now - 3 * DAY + 8 * 3600, UTC).strftime("%m-%d")
        entered = page.locator("dl.figures > div", has_text="进入私域")
        expect(entered).to_contain_text(day)
        expect(entered).to_contain_text("通过 关注公众号 · 花间 wechat_oa")
        told = ("留下线索", "关注公众号", "绑定手机", "添加企微好友", "支付订单", "包裹卡匹配订单", "到店")
        for text in told:
            expect(page.get_by_text(text, exact=True).first).to_be_visible()
        shot(page, "seven-doors-1280")
