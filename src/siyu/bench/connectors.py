"""How fast callbacks are answered while events pour in through another door; each is on disk before its answer."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from siyu.bench.collect import load, wait_settled
from siyu.bench.load import Plan
from siyu.bench.rig import Server, running
from siyu.kit import SECOND
from siyu.vendors import Crypto, callbacks

_TOKEN, _KEY, _APPID = "bench-token", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wxbench"
_GAP = 0.02


_Ask = Callable[[int], bytes]
"""Number of a callback → the request."""


def run(folder: Path, seconds: float, rate: float, progress: Callable[[str], None]) -> dict[str, float]:
    """Figures by name. ``rate``: events a second through the Segment door meanwhile."""
    with running(folder / "server") as server:
        account, shop, key = _account(server), _shop(server), server.new_source()
        message, push = _message(_path(account)), _push(_path(shop))
        load(Plan(server.port, key, 2.0, run="warm", rate=rate))
        wait_settled(server)
        progress("callbacks alone")
        alone = asyncio.run(_call(server, message, min(seconds, 5.0), 0))
        progress(f"callbacks for {seconds:g} s beside {rate:,.0f} events/s")
        done: list[Any] = []
        plan = Plan(server.port, key, seconds + 2, run="main", rate=rate)
        beside = threading.Thread(target=lambda: done.append(load(plan)))
        beside.start()
        time.sleep(1)
        calls, pushes = asyncio.run(_both(server, message, push, seconds))
        beside.join()
        noted = server.call("GET", f"/api/connectors/{shop['id']}")["tasks_waiting"]
    out = done[0]
    return {
        "callbacks_per_s": len(calls) / seconds,
        "callback_p50_ms": _at(calls, 0.5),
        "callback_p99_ms": _at(calls, 0.99),
        "callback_worst_ms": max(calls),
        "push_p50_ms": _at(pushes, 0.5),
        "push_p99_ms": _at(pushes, 0.99),
        "push_worst_ms": max(pushes),
        "pushes_lost": len(pushes) - noted,
        "alone_p99_ms": _at(alone, 0.99),
        "events_per_s_beside": out.acked / out.seconds,
    }


def _at(latencies: list[float], share: float) -> float:
    return sorted(latencies)[int(len(latencies) * share)]


def _account(server: Server) -> Any:
    config = {"appid": _APPID, "secret": "none", "token": _TOKEN, "encoding_key": _KEY, "default_reply": "收到"}
    return server.call("POST", "/api/connectors", {"connector": "wechat_oa", "name": "bench", "config": config})


def _shop(server: Server) -> Any:
    """Paused: what its pushes name is put down to be fetched, and not fetched."""
    config = {"appid": _APPID, "secret": "none", "token": _TOKEN, "encoding_key": _KEY}
    made = server.call("POST", "/api/connectors", {"connector": "wechat_shop", "name": "bench", "config": config})
    answer = server.client.patch(f"/api/connectors/{made['id']}", json={"paused": True}, headers={"If-Match": '"1"'})
    answer.raise_for_status()
    return made


def _path(made: Any) -> str:
    return urlsplit(str(made["doors"][0]["url"])).path


def _message(path: str) -> _Ask:
    """A sealed message of a follower, as WeChat posts it."""

    def ask(number: int) -> bytes:
        xml = (
            f"<xml><ToUserName>gh</ToUserName><FromUserName>oBench-{number % 5000:08}</FromUserName>"
            f"<CreateTime>{int(time.time())}</CreateTime><MsgType>text</MsgType><Content>在吗</Content>"
            f"<MsgId>{number}</MsgId></xml>"
        )
        return _request(path, xml)

    return ask


def _push(path: str) -> _Ask:
    """A sealed push of a WeChat shop that names an order to fetch."""

    def ask(number: int) -> bytes:
        xml = (
            f"<xml><ToUserName>gh</ToUserName><FromUserName>oBench-{number % 5000:08}</FromUserName>"
            f"<CreateTime>{int(time.time())}</CreateTime><MsgType>event</MsgType><Event>channels_ec_order_pay</Event>"
            f"<order_info><order_id>{number}</order_id></order_info></xml>"
        )
        return _request(path, xml)

    return ask


def _request(path: str, xml: str) -> bytes:
    now = str(int(time.time()))
    sealed = Crypto(_TOKEN, _KEY, _APPID).seal(xml)
    query = {"timestamp": now, "nonce": "n", "encrypt_type": "aes"}
    query["msg_signature"] = callbacks.signed(_TOKEN, now, "n", sealed)
    body = f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()
    head = f"POST {path}?{urlencode(query)} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def _both(server: Server, message: _Ask, push: _Ask, seconds: float) -> tuple[list[float], list[float]]:
    first = 1_000_000
    return await asyncio.gather(
        _call(server, message, seconds, first), _call(server, push, seconds, first, gap=_GAP * 5)
    )


async def _call(server: Server, ask: _Ask, seconds: float, first: int, gap: float = _GAP) -> list[float]:
    """Latencies in ms, offered on time whether or not earlier ones were answered."""
    pool = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(8)]
    idle: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for pair in pool:
        idle.put_nowait(pair)
    found: list[float] = []
    begun = time.perf_counter()

    async def one(number: int, due: float) -> None:
        reader, writer = await idle.get()
        writer.write(ask(first + number))
        head = await reader.readuntil(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        await reader.readexactly(int(lines[0][15:]))
        assert head.startswith(b"HTTP/1.1 200"), head
        found.append((time.perf_counter() - due) * SECOND)
        idle.put_nowait((reader, writer))

    tasks = []
    for number in range(int(seconds / gap)):
        due = begun + number * gap
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(one(number, due)))
    await asyncio.gather(*tasks)
    for _, writer in pool:
        writer.close()
    return found
