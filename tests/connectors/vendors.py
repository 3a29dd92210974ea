"""WeChat and WeCom with their lists, as strict as their documentation: pages, limits a call, tokens that end."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from tests.vendors.doors import Answer, Call
from tests.vendors.tencent import Wechat, Wecom, error

_STORES = {"id": 2, "name": "门店", "parentid": 1}


class Account(Wechat):
    """An Official Account and a Mini Program. ``fans``: openid → what ``user/info`` tells."""

    token_text, key = "callback-token", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    list_page = 10_000

    def __init__(self) -> None:
        super().__init__()
        self.fans: dict[str, dict[str, Any]] = {}
        self.tags: dict[int, str] = {}
        self.tagged: dict[str, set[int]] = {}
        self.strangers: set[str] = set()
        """Openids of nobody who follows: a call that names one is refused whole."""
        self.logins: dict[str, dict[str, str]] = {}
        self.phones: dict[str, str] = {}
        self.shop_orders: dict[str, dict[str, Any]] = {}
        self.shop_sales: dict[str, dict[str, Any]] = {}
        self.on_page: Any = None

    def follow(self, openid: str, at: int, unionid: str = "", **more: Any) -> None:
        self.fans[openid] = {"subscribe": 1, "openid": openid, "subscribe_time": at, "unionid": unionid, **more}

    def quiet(self, call: Call) -> bool:
        return "token" in call.path

    def answer(self, call: Call) -> Answer:
        if call.path == "/sns/jscode2session":
            assert (call.query["appid"], call.query["secret"]) == (self.appid, self.secret)
            assert call.query["grant_type"] == "authorization_code"
            found = self.logins.pop(call.query["js_code"], None)
            return {"session_key": "k", **found} if found else error(40029)
        return super().answer(call)

    def act(self, call: Call, body: dict[str, Any]) -> Answer:
        match call.path:
            case "/cgi-bin/user/get":
                return self._list(call.query.get("next_openid", ""))
            case "/cgi-bin/user/info/batchget":
                asked = [one["openid"] for one in body["user_list"]]
                assert 1 <= len(asked) <= 100
                gone = {"subscribe": 0}
                return {"user_info_list": [self._info(self.fans.get(one, gone | {"openid": one})) for one in asked]}
            case "/cgi-bin/tags/get":
                return {"tags": [{"id": id, "name": name, "count": 0} for id, name in self.tags.items()]}
            case "/cgi-bin/tags/create":
                id = 100 + len(self.tags)
                self.tags[id] = body["tag"]["name"]
                return {"tag": {"id": id, "name": body["tag"]["name"]}}
            case "/cgi-bin/tags/members/batchtagging" | "/cgi-bin/tags/members/batchuntagging":
                assert 1 <= len(body["openid_list"]) <= 50
                assert body["tagid"] in self.tags
                if self.strangers & set(body["openid_list"]):
                    return error(49003)
                for one in body["openid_list"]:
                    held = self.tagged.setdefault(one, set())
                    (held.discard if "untag" in call.path else held.add)(body["tagid"])
                return {"errcode": 0}
            case "/cgi-bin/qrcode/create":
                assert body["action_name"] == "QR_LIMIT_STR_SCENE"
                scene = body["action_info"]["scene"]["scene_str"]
                assert 1 <= len(scene) <= 64
                return {"ticket": f"ticket=={scene}", "url": f"http://weixin.qq.com/q/{scene}"}
            case "/channels/ec/order/get":
                assert set(body) == {"order_id"}
                found = self.shop_orders.get(body["order_id"])
                return {"errcode": 0, "order": found} if found else error(10060003)
            case "/channels/ec/aftersale/getaftersaleorder":
                assert set(body) == {"after_sale_order_id"}
                found = self.shop_sales.get(body["after_sale_order_id"])
                return {"errcode": 0, "after_sale_order": found} if found else error(10060003)
            case "/wxa/business/getuserphonenumber":
                number = self.phones.pop(body["code"], "")
                if not number:
                    return error(40029)
                info = {"phoneNumber": f"+86{number}", "purePhoneNumber": number, "countryCode": "86"}
                return {"errcode": 0, "phone_info": info}
        return super().act(call, body)

    def _info(self, fan: dict[str, Any]) -> dict[str, Any]:
        return fan | {"tagid_list": sorted(self.tagged.get(fan["openid"], set()))} if fan["subscribe"] else fan

    def _list(self, after: str) -> Answer:
        openids = list(self.fans)
        start = openids.index(after) + 1 if after else 0
        page = openids[start : start + self.list_page]
        if self.on_page:
            self.on_page(start)
        answer: Answer = {"total": len(openids), "count": len(page), "next_openid": page[-1] if page else ""}
        return answer | ({"data": {"openid": page}} if page else {})


class Corp(Wecom):
    """A corp. ``friends``: (external user, member) → follow info; ``people``: external user → contact."""

    token_text, key = "corp-callback-token", "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"

    def __init__(self) -> None:
        super().__init__()
        self.staff = ["lisi", "wangwu"]
        self.people: dict[str, dict[str, Any]] = {}
        self.friends: dict[tuple[str, str], dict[str, Any]] = {}
        self.groups: dict[str, dict[str, Any]] = {}
        self.tags: dict[str, str] = {}
        self.ways: dict[str, dict[str, Any]] = {}
        self.marks: list[dict[str, Any]] = []
        self.pending: dict[str, str] = {}
        """unionid → pending id of who is nobody's contact yet; ``came``: external user → the pending id they had."""
        self.came: dict[str, str] = {}
        self.transfers: list[dict[str, Any]] = []
        self.handed: dict[str, int] = {}
        self.orphans: list[tuple[str, str]] = []
        """(member who has left, external user) that nobody has taken over."""
        self.posts: list[dict[str, Any]] = []
        self.answers: dict[tuple[str, str], tuple[list[Any], list[Any]]] = {}
        """(moment, member) → likes, comments."""
        self.page_size = 100
        self.still: list[tuple[str, str]] = []
        """All of ``friends`` in order, where nobody comes or goes while a large list is read."""
        self.on_page: Any = None
        self.on_group: Any = None
        """What happens after a group was looked up, and before its answer arrives."""

    def befriend(self, external: str, staff: str, at: int, unionid: str = "", **more: Any) -> None:
        contact = {"external_userid": external, "name": f"客户{external}", "type": 1, "gender": 0}
        self.people[external] = contact | ({"unionid": unionid} if unionid else {})
        self.friends[external, staff] = {"userid": staff, "createtime": at, "remark": "", "tag_id": [], **more}

    def act(self, call: Call, body: dict[str, Any]) -> Answer:
        ok: Answer = {"errcode": 0, "errmsg": "ok"}
        match call.path.removeprefix("/cgi-bin"):
            case "/externalcontact/get_follow_user_list":
                return ok | {"follow_user": list(self.staff)}
            case "/externalcontact/batch/get_by_user":
                return ok | self._batch(body)
            case "/externalcontact/get":
                return self._get(call.query["external_userid"])
            case "/externalcontact/get_corp_tag_list":
                tags = [{"id": id, "name": name} for id, name in self.tags.items()]
                return ok | {"tag_group": [{"group_id": "g", "group_name": "Siyu", "tag": tags}]}
            case "/externalcontact/add_corp_tag":
                id = f"tag{len(self.tags)}"
                self.tags[id] = body["tag"][0]["name"]
                return ok | {"tag_group": {"group_id": "g", "tag": [{"id": id, "name": self.tags[id]}]}}
            case "/externalcontact/mark_tag":
                return self._mark(body)
            case "/externalcontact/groupchat/list":
                assert 1 <= body["limit"] <= 1000
                rest = [one for one in sorted(self.groups) if one > body.get("cursor", "")]
                page = [{"chat_id": one, "status": 0} for one in rest[: self.page_size]]
                more = {"next_cursor": page[-1]["chat_id"]} if len(rest) > self.page_size else {}
                return ok | {"group_chat_list": page} | more
            case "/externalcontact/groupchat/get":
                found = self.groups.get(body["chat_id"])
                if self.on_group:
                    self.on_group()
                return ok | {"group_chat": found} if found else error(49008)
            case "/externalcontact/add_contact_way":
                assert len(body["state"]) <= 30
                assert body["user"]
                id = f"way{len(self.ways) + 1}"
                self.ways[id] = body
                return ok | {"config_id": id, "qr_code": f"https://wework.qpic.cn/{id}"}
            case "/externalcontact/transfer_customer":
                assert 1 <= len(body["external_userid"]) <= 100
                self.transfers.append(body)
                return ok | {"customer": [{"external_userid": o, "errcode": 0} for o in body["external_userid"]]}
            case "/externalcontact/transfer_result":
                assert set(body) - {"cursor"} == {"handover_userid", "takeover_userid"}
                return ok | self._handed(body)
            case "/externalcontact/get_unassigned_list":
                start = int(body.get("cursor") or 0)
                rows = [{"handover_userid": staff, "external_userid": one} for staff, one in self.orphans]
                last = start + 2 >= len(rows)
                return ok | {
                    "info": rows[start : start + 2],
                    "is_last": last,
                    "next_cursor": "" if last else str(start + 2),
                }
            case "/externalcontact/resigned/transfer_customer":
                assert 1 <= len(body["external_userid"]) <= 100
                self.transfers.append(body)
                left = {(body["handover_userid"], one): one for one in body["external_userid"]}
                codes = {one: 0 if pair in self.orphans else 40096 for pair, one in left.items()}
                self.orphans = [pair for pair in self.orphans if pair not in left]
                return ok | {"customer": [{"external_userid": one, "errcode": code} for one, code in codes.items()]}
            case "/externalcontact/resigned/transfer_result":
                assert set(body) - {"cursor"} == {"handover_userid", "takeover_userid"}
                return ok | self._handed(body)
            case "/externalcontact/get_moment_list":
                assert body["end_time"] - body["start_time"] <= 30 * 86_400
                assert body["limit"] <= 20
                here = [one for one in self.posts if body["start_time"] <= one["create_time"] <= body["end_time"]]
                start = int(body.get("cursor") or 0)
                more = str(start + 1) if start + 1 < len(here) else ""
                return ok | {"moment_list": here[start : start + 1], "next_cursor": more}
            case "/externalcontact/get_moment_task":
                rows = [{"userid": one, "publish_status": int(one == "lisi")} for one in self.staff]
                return ok | {"task_list": rows}
            case "/externalcontact/get_moment_comments":
                answers = self.answers.get((body["moment_id"], body["userid"]), ([], []))
                return ok | {"like_list": answers[0], "comment_list": answers[1]}
            case "/externalcontact/remark":
                self.friends[body["external_userid"], body["userid"]]["remark"] = body["remark"]
                return ok
            case "/idconvert/unionid_to_external_userid":
                known = next((e for e, p in self.people.items() if p.get("unionid") == body["unionid"]), "")
                return ok | ({"external_userid": known} if known else {"pending_id": self.pending[body["unionid"]]})
            case "/idconvert/batch/external_userid_to_pending_id":
                found = [{"external_userid": o, "pending_id": self.came[o]} for o in body["external_userid"]
                         if o in self.came]  # fmt: skip
                return ok | {"result": found}
            case "/department/list":
                return ok | {"department": [{"id": 1, "name": "花间", "parentid": 0}, _STORES]}
            case "/user/list":
                here = self.staff if call.query["department_id"] == "2" else []
                return ok | {"userlist": [{"userid": o, "name": o.title(), "department": [2]} for o in here]}
        return super().act(call, body)

    def _batch(self, body: dict[str, Any]) -> Answer:
        assert 1 <= len(body["userid_list"]) <= 100
        assert body["limit"] <= 100
        rows = self.still or sorted(key for key in self.friends if key[1] in body["userid_list"])
        external, _, staff = (body.get("cursor") or "|").partition("|")
        start = bisect_right(rows, (external, staff))
        page = rows[start : start + min(body["limit"], self.page_size)]
        found = [
            {"external_contact": self.people[external], "follow_info": self.friends[external, staff]}
            for external, staff in page
        ]
        if self.on_page:
            self.on_page(start)
        more = start + len(page) < len(rows)
        return {"external_contact_list": found, "next_cursor": "|".join(page[-1]) if more else ""}

    def hand_over(self, external: str, giver: str, taker: str, at: int) -> None:
        """The customer did not say no within a day: fires no callback."""
        self.friends[external, taker] = self.friends.pop((external, giver)) | {"userid": taker, "createtime": at}
        self.handed[external] = at

    def _handed(self, body: dict[str, Any]) -> Answer:
        """One a page, so that paging is used."""
        rows = [
            {"external_userid": one, "status": 1 if one in self.handed else 3, "takeover_time": self.handed.get(one, 0)}
            for asked in self.transfers
            if (asked["handover_userid"], asked["takeover_userid"])
            == (body["handover_userid"], body["takeover_userid"])
            for one in asked["external_userid"]
        ]
        start = int(body.get("cursor") or 0)
        return {"customer": rows[start : start + 1], "next_cursor": str(start + 1) if start + 1 < len(rows) else ""}

    def _get(self, external: str) -> Answer:
        follows = [row for (one, _), row in sorted(self.friends.items()) if one == external]
        if not follows:
            return error(84061)
        shown = [
            row | {"tags": [{"tag_id": id, "tag_name": self.tags[id], "type": 1} for id in row["tag_id"]]}
            for row in follows
        ]
        shown = [{name: value for name, value in row.items() if name != "tag_id"} for row in shown]
        return {"errcode": 0, "external_contact": self.people[external], "follow_user": shown}

    def _mark(self, body: dict[str, Any]) -> Answer:
        row = self.friends.get((body["external_userid"], body["userid"]))
        if row is None:
            return error(84061)
        self.marks.append(body)
        row["tag_id"] = sorted((set(row["tag_id"]) | set(body["add_tag"])) - set(body["remove_tag"]))
        return {"errcode": 0}
