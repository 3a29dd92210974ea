"""The API of the brand's Official Account, on this machine: what a connector asks of it, for who came by the codes."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

_HOST = "127.0.0.1"


class Fan(msgspec.Struct, frozen=True):
    """A follower. ``at`` is epoch seconds."""

    openid: str
    unionid: str
    at: int


class Account:
    """Answers at ``url`` for these followers; it knows nobody else, and sends nothing anywhere."""

    def __init__(self, port: int, fans: Sequence[Fan]) -> None:
        self._server = _Server((_HOST, port), _Api)
        self._server.fans = {fan.openid: fan for fan in fans}
        self.url = f"http://{_HOST}:{self._server.server_address[1]}"

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self.fans: dict[str, Fan] = {}
        self.tags: list[str] = []
        self.tagged: dict[str, set[int]] = {}

    def answer(self, path: str, query: dict[str, list[str]], asked: dict[str, Any]) -> dict[str, Any]:
        match path.removeprefix("/cgi-bin"):
            case "/stable_token":
                return {"access_token": "demo", "expires_in": 7200}
            case "/user/get":
                openids = list(self.fans)
                after = query.get("next_openid", [""])[0]
                rest = openids[openids.index(after) + 1 :] if after in self.fans else openids
                return {"total": len(openids), "count": len(rest), "data": {"openid": rest}}
            case "/user/info/batchget":
                return {"user_info_list": [self._info(one["openid"]) for one in asked["user_list"]]}
            case "/tags/get":
                return {"tags": [{"id": id, "name": name} for id, name in enumerate(self.tags)]}
            case "/tags/create":
                self.tags.append(asked["tag"]["name"])
                return {"tag": {"id": len(self.tags) - 1, "name": self.tags[-1]}}
            case "/tags/members/batchtagging":
                for openid in asked["openid_list"]:
                    self.tagged.setdefault(openid, set()).add(asked["tagid"])
                return {"errcode": 0}
            case "/qrcode/create":
                scene = asked["action_info"]["scene"]["scene_str"]
                return {"ticket": f"demo-{scene}", "url": f"https://weixin.qq.com/q/demo-{scene}"}
        return {"errcode": 48001, "errmsg": "the demo's account can't do this"}

    def _info(self, openid: str) -> dict[str, Any]:
        fan = self.fans.get(openid)
        if fan is None:
            return {"subscribe": 0, "openid": openid}
        tags = sorted(self.tagged.get(openid, ()))
        known = {"subscribe": 1, "openid": openid, "unionid": fan.unionid, "subscribe_time": fan.at}
        return known | {"language": "zh_CN", "tagid_list": tags}


class _Api(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        asked = msgspec.json.decode(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        body = msgspec.json.encode(self.server.answer(parts.path, parse_qs(parts.query), asked))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the demo's output is its own."""
