"""Shops as strict local servers, with their pushes: windows, pages, tokens that end, limits, rows that come twice."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote

from siyu.kit import DAY, SECOND
from tests.connectors.hub import Hub
from tests.connectors.test_wechat_oa import signed
from tests.connectors.vendors import Account
from tests.vendors.doors import Answer, Call, Vendor

_CHINA = timezone(timedelta(hours=8))
_DAY = DAY // SECOND


def written(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, _CHINA).strftime("%Y-%m-%d %H:%M:%S")


def read(text: str) -> int:
    return int(datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=_CHINA).timestamp())


class Order:
    """``refunds``: number → fen."""

    def __init__(self, number: int, buyer: str, at: int, fen: int, paid: bool) -> None:
        self.number, self.buyer, self.at, self.fen, self.paid = number, buyer, at, fen, paid
        self.refunds: dict[str, int] = {}


class Books:
    """What a shop has sold, and the trouble it makes while its lists are read."""

    connector = ""
    kind = ""
    """The kind of identifier its buyers are known by."""

    def __init__(self) -> None:
        self.orders: dict[int, Order] = {}
        self.on_page: Any = None
        self.pages = 0
        self.limits = 0
        """Calls that are refused as too many."""

    def sell(self, number: int, buyer: str, at: int, fen: int, paid: bool = True) -> None:
        self.orders[number] = Order(number, buyer, at, fen, paid)

    def refund(self, number: int, id: str, fen: int) -> None:
        self.orders[number].refunds[id] = fen

    def between(self, start: int, end: int) -> list[Order]:
        """Both edges belong to the window, as with all of them."""
        return sorted((o for o in self.orders.values() if start <= o.at <= end), key=lambda o: (o.at, o.number))

    def back(self, start: int, end: int) -> list[tuple[Order, str]]:
        return [(one, id) for one in self.between(start, end) for id in one.refunds]

    def turned(self) -> None:
        self.pages += 1
        if self.on_page:
            self.on_page(self.pages)

    def config(self) -> dict[str, Any]:
        raise NotImplementedError

    def push_paid(self, hub: Hub, install: dict[str, Any], number: int) -> None:
        raise NotImplementedError

    def push_refund(self, hub: Hub, install: dict[str, Any], number: int, id: str) -> None:
        raise NotImplementedError


class YouzanShop(Books, Vendor):
    connector, kind = "youzan", "buyer_id.花间"
    tokens = 0
    current = ""
    crowded = 0
    """Windows of more seconds than this have more rows than 100 pages show; 0: none has."""

    def __init__(self) -> None:
        Books.__init__(self)
        Vendor.__init__(self)

    def config(self) -> dict[str, Any]:
        common = {"client_id": "cid", "client_secret": "sec", "kdt_id": "42", "shop": "花间"}
        return common | {"api_url": self.url, "history_days": 20}

    def expire(self) -> None:
        self.current = ""

    def quiet(self, call: Call) -> bool:
        return call.path == "/auth/token"

    def answer(self, call: Call) -> Answer:
        assert call.method == "POST"
        assert call.headers["content-type"].startswith("application/json")
        body = call.json()
        if call.path == "/auth/token":
            assert body == {"client_id": "cid", "client_secret": "sec", "authorize_type": "silent", "grant_id": "42",
                            "refresh": False}  # fmt: skip
            self.tokens += 1
            self.current = f"yz{self.tokens}"
            return self.good({"access_token": self.current, "expires": 4_102_444_800_000, "authority_id": "42"})
        if call.query != {"access_token": self.current}:
            return {"gw_err_resp": {"err_code": 4201, "err_msg": "非法的请求凭证"}}
        if self.limits:
            self.limits -= 1
            return {"gw_err_resp": {"err_code": 4299, "err_msg": "请求频率超过限制"}}
        return self.good(self.act(call.path.removeprefix("/api/"), body))

    def good(self, data: Answer) -> Answer:
        return {"code": 200, "success": True, "message": "successful", "data": data}

    def act(self, name: str, body: Answer) -> Answer:
        if name == "youzan.trade.get/4.0.2":
            [number] = [int(body.pop("tid").removeprefix("E"))]
            assert not body
            return {"full_order_info": self.info(self.orders[number])}
        if name == "youzan.trades.sold.get/4.0.4":
            assert set(body) == {"start_created", "end_created", "page_no", "page_size"}
            start, end = read(body["start_created"]), read(body["end_created"])
            assert 0 < end - start <= 90 * _DAY
            assert 1 <= body["page_no"] <= 100
            assert body["page_size"] <= 100
            rows = [{"full_order_info": self.info(one)} for one in self.between(start, end)]
            total, page = len(rows), self.page(rows, body)
            if self.crowded and end - start > self.crowded:
                total = 10_001
            return {"total_results": total, "full_order_info_list": page}
        assert name == "youzan.trade.refund.search/3.0.1"
        assert set(body) == {"create_time_start", "create_time_end", "status", "page_no", "page_size"}
        assert body["status"] == "SUCCESS"
        assert body["page_no"] * body["page_size"] <= 3000
        found = self.back(body["create_time_start"], body["create_time_end"])
        rows = [{"refund_id": id, "status": "SUCCESS", "tid": f"E{one.number}", "modified": written(one.at + 60),
                 "refund_fee": f"{one.refunds[id] / 100:.2f}"} for one, id in found]  # fmt: skip
        return {"total": len(rows), "refunds": self.page(rows, body)}

    def page(self, rows: list[Any], body: Answer) -> list[Any]:
        """Rows move between pages while orders come in: the last of a page is the first of the next again."""
        first = (body["page_no"] - 1) * body["page_size"]
        page = rows[max(0, first - 1) : first + body["page_size"]]
        self.turned()
        return page

    def info(self, one: Order) -> Answer:
        order = {"tid": f"E{one.number}", "status": "WAIT_SELLER_SEND_GOODS", "pay_time": written(one.at)}
        if not one.paid:
            order = {"tid": f"E{one.number}", "status": "WAIT_BUYER_PAY", "pay_time": ""}
        buyer = {"yz_open_id": one.buyer}
        return {"order_info": order, "pay_info": {"payment": f"{one.fen / 100:.2f}"}, "buyer_info": buyer}

    def push_paid(self, hub: Hub, install: dict[str, Any], number: int) -> None:
        self.push(hub, install, "trade_TradePaid", {"full_order_info": self.info(self.orders[number])})

    def push_refund(self, hub: Hub, install: dict[str, Any], number: int, id: str) -> None:
        one = self.orders[number]
        said = {"tid": f"E{number}", "refund_id": id, "refunded_fee": f"{one.refunds[id] / 100:.2f}"}
        said |= {"yz_open_id": one.buyer, "update_time": written(one.at + 60)}
        self.push(hub, install, "trade_refund_RefundSuccess", said)

    def push(self, hub: Hub, install: dict[str, Any], kind: str, said: Answer) -> None:
        msg = quote(json.dumps(said, ensure_ascii=False))
        sign = hashlib.md5(f"cid{msg}sec".encode()).hexdigest()
        body = json.dumps({"type": kind, "msg": msg, "sign": sign}).encode()
        assert hub.send(hub.path(install), body).json()["code"] == 0


class DouyinShop(Books, Vendor):
    connector, kind = "douyin_shop", "buyer_id.花间"
    tokens = 0
    current = ""

    def __init__(self) -> None:
        Books.__init__(self)
        Vendor.__init__(self)

    def config(self) -> dict[str, Any]:
        common = {"app_key": "ak", "app_secret": "as", "shop_id": "77", "shop": "花间"}
        return common | {"api_url": self.url, "history_days": 20}

    def expire(self) -> None:
        self.current = ""

    def quiet(self, call: Call) -> bool:
        return call.path == "/token/create"

    def answer(self, call: Call) -> Answer:
        query, text = dict(call.query), call.body.decode()
        body = json.loads(text)
        assert text == json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert query["method"] == call.path[1:].replace("/", ".")
        assert (query["app_key"], query["v"], query["sign_method"]) == ("ak", "2", "hmac-sha256")
        named = {"app_key": "ak", "method": query["method"], "param_json": text, "v": "2"}
        named["timestamp"] = query["timestamp"]
        plain = "as" + "".join(name + named[name] for name in sorted(named)) + "as"
        if query["sign"] != hmac.new(b"as", plain.encode(), hashlib.sha256).hexdigest():
            return {"code": 40003, "msg": "非法的参数", "sub_code": "isv.signature-invalid"}
        if call.path == "/token/create":
            assert body == {"code": "", "grant_type": "authorization_self", "shop_id": "77"}
            self.tokens += 1
            self.current = f"dd{self.tokens}"
            return self.good({"access_token": self.current, "expires_in": 604_800, "shop_id": "77"})
        if query.get("access_token") != self.current or not self.current:
            return {"code": 40003, "msg": "非法的参数", "sub_code": "isv.access-token-expired", "sub_msg": "过期"}
        if self.limits:
            self.limits -= 1
            return {"code": 60000, "msg": "超过限流限制", "sub_code": "isp.flow-limit"}
        return self.good(self.act(call.path, body))

    def good(self, data: Answer) -> Answer:
        return {"code": 10000, "msg": "success", "data": data}

    def act(self, path: str, body: Answer) -> Answer:
        if path == "/order/orderDetail":
            assert set(body) == {"shop_order_id"}
            return {"shop_order_detail": self.info(self.orders[int(body["shop_order_id"])])}
        assert body["size"] <= 100
        first = body["page"] * body["size"]
        if path == "/order/searchList":
            assert (body["order_by"], body["order_asc"]) == ("create_time", True)
            rows: list[Any] = [
                self.info(one) for one in self.between(body["create_time_start"], body["create_time_end"])
            ]
            found = {"shop_order_list": rows[first : first + body["size"]]}
        else:
            assert path == "/afterSale/List"
            rows = [self.sale(one, id, 3) for one, id in self.back(body["start_time"], body["end_time"])]
            rows += [self.sale(one, f"{id}9", 1) for one, id in self.back(body["start_time"], body["end_time"])]
            found = {"items": rows[first : first + body["size"]]}
        self.turned()
        return found | {"total": len(rows), "page": body["page"], "size": body["size"]}

    def info(self, one: Order) -> Answer:
        common = {"order_id": str(one.number), "doudian_open_id": one.buyer, "pay_amount": one.fen}
        return common | {"create_time": one.at, "pay_time": one.at if one.paid else 0}

    def sale(self, one: Order, id: str, status: int) -> Answer:
        """Status 3: the money has gone back; 1: it is asked for."""
        info = {"aftersale_id": id, "refund_status": status, "refund_amount": 999_999, "update_time": one.at + 60}
        info["real_refund_amount"] = one.refunds.get(id, 0)
        return {"aftersale_info": info, "order_info": {"shop_order_id": one.number}}

    def push_paid(self, hub: Hub, install: dict[str, Any], number: int) -> None:
        one = self.orders[number]
        said = {"p_id": number, "doudian_open_id": one.buyer, "pay_amount": one.fen, "pay_time": one.at}
        self.push(hub, install, "101", said)

    def push_refund(self, hub: Hub, install: dict[str, Any], number: int, id: str) -> None:
        one = self.orders[number]
        said = {"p_id": number, "aftersale_id": id, "doudian_open_id": one.buyer, "refund_amount": one.refunds[id]}
        self.push(hub, install, "206", said)

    def push(self, hub: Hub, install: dict[str, Any], tag: str, said: Answer) -> None:
        body = json.dumps([{"tag": tag, "msg_id": f"m{tag}", "data": json.dumps(said)}]).encode()
        sign = hashlib.md5(b"ak" + body + b"as").hexdigest()
        assert hub.send(hub.path(install), body, {"event-sign": sign, "app-id": "ak"}).json()["code"] == 0


class WechatShop(Books, Account):
    connector, kind = "wechat_shop", f"openid.{Account.appid}"
    list_page_size = 8
    """Rows a page of after-sales; the caller can't choose."""

    def __init__(self) -> None:
        Books.__init__(self)
        Account.__init__(self)

    def config(self) -> dict[str, Any]:
        common = {"appid": self.appid, "secret": self.secret, "token": self.token_text, "shop": "花间"}
        return common | {"api_url": self.url, "history_days": 20}

    def act(self, call: Call, body: dict[str, Any]) -> Answer:
        if self.limits:
            self.limits -= 1
            return {"errcode": 45009, "errmsg": "reach max api daily quota limit"}
        match call.path:
            case "/channels/ec/order/list/get":
                assert set(body) == {"create_time_range", "page_size", "next_key"}
                window, size = body["create_time_range"], body["page_size"]
                assert 0 < window["end_time"] - window["start_time"] <= 7 * _DAY
                assert 1 <= size <= 100
                found = [str(one.number) for one in self.between(window["start_time"], window["end_time"])]
                return self.cut(found, "order_id_list", size, body["next_key"])
            case "/channels/ec/aftersale/getaftersalelist":
                start, end = body["begin_create_time"], body["end_create_time"]
                assert 0 < end - start <= _DAY
                found = [id for _, id in self.back(start, end)]
                return self.cut(found, "after_sale_order_id_list", self.list_page_size, body.get("next_key", ""))
            case "/channels/ec/order/get":
                self.shop_orders[body["order_id"]] = self.info(self.orders[int(body["order_id"])])
            case "/channels/ec/aftersale/getaftersaleorder":
                [(one, id)] = [
                    (one, id) for one in self.orders.values() for id in one.refunds
                    if id == body["after_sale_order_id"]
                ]  # fmt: skip
                self.shop_sales[id] = {
                    "after_sale_order_id": id, "order_id": str(one.number), "openid": one.buyer,
                    "update_time": one.at + 60, "status": "MERCHANT_REFUND_SUCCESS",
                    "refund_info": {"amount": one.refunds[id]},
                }  # fmt: skip
        return super().act(call, body)

    def cut(self, rows: list[str], name: str, size: int, key: str) -> Answer:
        """Pages overlap by a row, as they do while orders come in."""
        first = int(key or 0)
        page = rows[max(0, first - 1) : first + size]
        self.turned()
        more = first + size < len(rows)
        return {"errcode": 0, name: page, "has_more": more, "next_key": str(first + size) if more else ""}

    def info(self, one: Order) -> Answer:
        paid = {"pay_info": {"pay_time": one.at}} if one.paid else {}
        common = {"order_id": str(one.number), "openid": one.buyer, "create_time": one.at}
        detail = {"price_info": {"order_price": one.fen}, "product_infos": []} | paid
        return common | {"status": 20 if one.paid else 10, "order_detail": detail}

    def push_paid(self, hub: Hub, install: dict[str, Any], number: int) -> None:
        self.push(hub, install, Event="channels_ec_order_pay", order_info={"order_id": number})

    def push_refund(self, hub: Hub, install: dict[str, Any], number: int, id: str) -> None:
        status = {"status": "MERCHANT_REFUND_SUCCESS", "after_sale_order_id": id, "order_id": number}
        self.push(hub, install, Event="channels_ec_aftersale_update", finder_shop_aftersale_status=status)

    def push(self, hub: Hub, install: dict[str, Any], **said: Any) -> None:
        body = json.dumps({"MsgType": "event", "CreateTime": hub.now(), **said}).encode()
        answer = hub.send(hub.path(install), body, **signed(self.token_text, hub.now()))
        assert answer.text == "success"
