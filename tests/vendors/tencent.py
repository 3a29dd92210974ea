"""WeChat and WeCom as strict local servers: tokens that end, windows, consents used up, tasks that staff confirm."""

from __future__ import annotations

import itertools
from typing import Any

from tests.vendors.doors import Answer, Call, Vendor

TEXTS = {
    40001: "invalid credential, access_token is invalid or not latest",
    42001: "access_token expired",
    45009: "reach max api daily quota limit",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    43101: "user refuse to accept the msg",
    43117: "message sent too frequently",
    41096: "welcome message system busy",
    41051: "externaluser has started chatting",
}


class Tencent(Vendor):
    """Tokens: one is current; whatever is told to ``expire`` is refused from then on."""

    life = 7200

    def __init__(self) -> None:
        super().__init__()
        self._numbers = itertools.count(1)
        self.current = ""
        self.stale_code = 42001
        self.refuse: list[int] = []
        """Codes that the next calls are refused with."""

    def issue(self) -> Answer:
        self.current = f"token-{next(self._numbers)}"
        return {"access_token": self.current, "expires_in": self.life}

    def expire(self, code: int = 42001) -> None:
        self.current, self.stale_code = "", code

    def quiet(self, call: Call) -> bool:
        return "token" in call.path

    def answer(self, call: Call) -> Answer:
        if self.quiet(call):
            return self.token(call)
        if call.query.get("access_token") != self.current or not self.current:
            return error(self.stale_code)
        if self.refuse:
            return error(self.refuse.pop(0))
        return self.act(call, call.json())

    def token(self, call: Call) -> Answer:
        raise NotImplementedError

    def act(self, call: Call, body: dict[str, Any]) -> Answer:
        raise NotImplementedError


def error(code: int) -> Answer:
    return {"errcode": code, "errmsg": TEXTS.get(code, "refused")}


class Wechat(Tencent):
    """An account with followers. Subscribe messages need a consent, counted here as WeChat does."""

    appid, secret = "wx0123456789abcdef", "a-secret-of-the-account"

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.followers: set[str] = set()
        self.consents: dict[tuple[str, str], int] = {}

    def token(self, call: Call) -> Answer:
        assert (call.method, call.path) == ("POST", "/cgi-bin/stable_token")
        body = call.json()
        assert body["grant_type"] == "client_credential"
        if (body["appid"], body["secret"]) != (self.appid, self.secret):
            return error(40125)
        return self.issue()

    def act(self, call: Call, body: dict[str, Any]) -> Answer:
        assert call.method == "POST"
        openid = str(body["touser"])
        if openid not in self.followers:
            return error(40003)
        match call.path:
            case "/cgi-bin/message/custom/send":
                assert set(body) == {"touser", "msgtype", "text"}
                assert body["msgtype"] == "text"
                assert body["text"]["content"]
                answer: Answer = {}
            case "/cgi-bin/message/template/send":
                assert set(body) <= {"touser", "template_id", "data", "url", "miniprogram", "client_msg_id"}
                assert all(set(value) == {"value"} for value in body["data"].values())
                assert len(body["client_msg_id"]) <= 32
                if not body["template_id"]:
                    return error(40037)
                answer = {"msgid": 9000 + len(self.sent)}
            case "/cgi-bin/message/subscribe/send":
                assert set(body) <= {"touser", "template_id", "data", "page", "miniprogram_state", "lang"}
                assert body["miniprogram_state"] in ("formal", "trial", "developer")
                key = (openid, body["template_id"])
                if self.consents.get(key, 0) < 1:
                    return error(43101)
                self.consents[key] -= 1
                answer = {}
            case _:
                return error(40066)
        self.sent.append((call.path.rpartition("/message/")[2], body))
        return {"errcode": 0, "errmsg": "ok"} | answer


class Wecom(Tencent):
    """A corp: mass tasks wait in ``tasks`` until ``confirm``; a welcome code works once."""

    corp, secret = "ww0123456789", "customer-contact-secret"

    def __init__(self) -> None:
        super().__init__()
        self.tasks: dict[str, dict[str, Any]] = {}
        self.results: dict[str, dict[str, int]] = {}
        self.welcomes: dict[str, dict[str, Any]] = {}
        self.codes: set[str] = set()
        self.unknown: set[str] = set()
        self.moments: dict[str, dict[str, Any]] = {}
        self.posted: set[str] = set()
        self.page = 2
        """Rows a page of results; small, so that paging is used."""

    def token(self, call: Call) -> Answer:
        assert (call.method, call.path) == ("GET", "/cgi-bin/gettoken")
        if (call.query.get("corpid"), call.query.get("corpsecret")) != (self.corp, self.secret):
            return error(40013)
        return self.issue() | {"errcode": 0, "errmsg": "ok"}

    def act(self, call: Call, body: dict[str, Any]) -> Answer:
        name = call.path.removeprefix("/cgi-bin/externalcontact/")
        done: Answer = {"errcode": 0, "errmsg": "ok"}
        return done | getattr(self, f"_{name}")(call, body)

    def _add_msg_template(self, _call: Call, body: dict[str, Any]) -> Answer:
        assert body["chat_type"] in ("single", "group")
        receivers = body["external_userid"] if body["chat_type"] == "single" else body["chat_id_list"]
        assert 1 <= len(receivers) <= 10_000
        if body["chat_type"] == "group":
            assert body["sender"]
        assert len(body["text"]["content"].encode()) <= 4000
        reached = [one for one in receivers if one not in self.unknown]
        failed = [one for one in receivers if one in self.unknown]
        if not reached:
            return {"fail_list": failed, "msgid": ""}
        id = f"msg{next(self._numbers)}"
        self.tasks[id] = body
        self.results[id] = dict.fromkeys(reached, 0)
        return {"fail_list": failed, "msgid": id}

    def confirm(self, task: str, **others: int) -> None:
        """A staff member taps; ``others`` are receivers with a worse result than 1."""
        self.results[task] = {one: others.get(one, 1) for one in self.results[task]}

    def _get_groupmsg_task(self, _call: Call, body: dict[str, Any]) -> Answer:
        if body["msgid"] not in self.tasks:
            return error(41047)
        return {"task_list": [{"userid": "lisi", "status": 2, "send_time": 1}], "next_cursor": ""}

    def _get_groupmsg_send_result(self, _call: Call, body: dict[str, Any]) -> Answer:
        rows = [
            {"external_userid": one, "userid": "lisi", "status": s} for one, s in self.results[body["msgid"]].items()
        ]
        if self.tasks[body["msgid"]]["chat_type"] == "group":
            rows = [{"chat_id": row["external_userid"], "userid": "lisi", "status": row["status"]} for row in rows]
        start = int(body.get("cursor") or 0)
        more = str(start + self.page) if start + self.page < len(rows) else ""
        return {"send_list": rows[start : start + self.page], "next_cursor": more}

    def _send_welcome_msg(self, _call: Call, body: dict[str, Any]) -> Answer:
        code = body["welcome_code"]
        if code in self.welcomes:
            return error(41051)
        if code not in self.codes:
            return error(41050)
        self.welcomes[code] = body
        return {}

    def _add_moment_task(self, _call: Call, body: dict[str, Any]) -> Answer:
        job = f"job{next(self._numbers)}"
        self.moments[job] = body
        return {"jobid": job}

    def _get_moment_task_result(self, call: Call, _body: dict[str, Any]) -> Answer:
        assert call.method == "GET"
        job = call.query["jobid"]
        return {"status": 3, "type": "add_moment_task", "result": {"errcode": 0, "moment_id": f"moment of {job}"}}

    def _get_moment_task(self, _call: Call, body: dict[str, Any]) -> Answer:
        job = body["moment_id"].removeprefix("moment of ")
        return {"task_list": [{"userid": "lisi", "publish_status": int(job in self.posted)}], "next_cursor": ""}
