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


def run(folder: Path, seconds: float, rate: float, progress: Callable[[str], None]) -> dict[str, float]:
    """Figures by name. ``rate``: events a second through the Segment door meanwhile."""
    with running(folder / "server") as server:
        path, key = _install(server), server.new_source()
        load(Plan(server.port, key, 2.0, run="warm", rate=rate))
        wait_settled(server)
        progress("callbacks alone")
        alone = asyncio.run(_call(server, path, min(seconds, 5.0), 0))
        progress(f"callbacks for {seconds:g} s beside {rate:,.0f} events/s")
        done: list[Any] = []
        plan = Plan(server.port, key, seconds + 2, run="main", rate=rate)
        beside = threading.Thread(target=lambda: done.append(load(plan)))
        beside.start()
        time.sleep(1)
        calls = asyncio.run(_call(server, path, seconds, 1_000_000))
        beside.join()
    out = done[0]
    return {
        "callbacks_per_s": len(calls) / seconds,
        "callback_p50_ms": _at(calls, 0.5),
        "callback_p99_ms": _at(calls, 0.99),
        "callback_worst_ms": max(calls),
        "alone_p99_ms": _at(alone, 0.99),
        "events_per_s_beside": out.acked / out.seconds,
    }


def _at(latencies: list[float], share: float) -> float:
    return sorted(latencies)[int(len(latencies) * share)]


def _install(server: Server) -> str:
    config = {"appid": _APPID, "secret": "none", "token": _TOKEN, "encoding_key": _KEY, "default_reply": "收到"}
    body = {"connector": "wechat_oa", "name": "bench", "config": config}
    made = server.call("POST", "/api/connectors", body)
    return urlsplit(str(made["doors"][0]["url"])).path


def _request(path: str, number: int) -> bytes:
    """A sealed message of a follower, as WeChat posts it."""
    now = str(int(time.time()))
    xml = (
        f"<xml><ToUserName>gh</ToUserName><FromUserName>oBench-{number % 5000:08}</FromUserName>"
        f"<CreateTime>{now}</CreateTime><MsgType>text</MsgType><Content>在吗</Content><MsgId>{number}</MsgId></xml>"
    )
    sealed = Crypto(_TOKEN, _KEY, _APPID).seal(xml)
    query = {"timestamp": now, "nonce": "n", "encrypt_type": "aes"}
    query["msg_signature"] = callbacks.signed(_TOKEN, now, "n", sealed)
    body = f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()
    head = f"POST {path}?{urlencode(query)} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def _call(server: Server, path: str, seconds: float, first: int) -> list[float]:
    """Latencies in ms at 50 callbacks a second, offered on time whether or not earlier ones were answered."""
    pool = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(8)]
    idle: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for pair in pool:
        idle.put_nowait(pair)
    found: list[float] = []
    begun = time.perf_counter()

    async def one(number: int, due: float) -> None:
        reader, writer = await idle.get()
        writer.write(_request(path, first + number))
        head = await reader.readuntil(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        await reader.readexactly(int(lines[0][15:]))
        assert head.startswith(b"HTTP/1.1 200"), head
        found.append((time.perf_counter() - due) * SECOND)
        idle.put_nowait((reader, writer))

    tasks = []
    for number in range(int(seconds / _GAP)):
        due = begun + number * _GAP
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(one(number, due)))
    await asyncio.gather(*tasks)
    for _, writer in pool:
        writer.close()
    return found
