"""Load from a process of its own, so that it does not share an interpreter with what it measures.

Run as ``python -m siyu.bench.load``: settings as one JSON object on standard input, one JSON object as the answer.
"""

from __future__ import annotations

import asyncio
import base64
import random
import sys
import time
from datetime import UTC, datetime

import msgspec

_EVENT = (
    '{"type":"track","event":"%s","userId":"member-%07d","anonymousId":"3f6f2c1e-7b1d-4c55-9d0e-%012d",'
    '"messageId":"node-next-%s-%012d","timestamp":"%s","properties":{"sku":"SK-%04d","price":%d.50,'
    '"category":"serum","list":"home-feed","position":%d},"context":{"library":{"name":"@segment/analytics-node",'
    '"version":"2.3.0"},"page":{"path":"/goods/%d","title":"Hydrating serum"},"locale":"zh-CN"},"integrations":{}}'
)
_NAMES = ("Product Viewed", "Page Scrolled", "Products Searched", "Banner Clicked", "Video Played")


class Plan(msgspec.Struct):
    """What to send. ``rate`` is events a second in all, 0 for as many as are taken."""

    port: int
    write_key: str
    seconds: float
    connections: int = 8
    batch: int = 100
    persons: int = 100_000
    rate: float = 0
    run: str = "r0"
    seed: int = 1


class Outcome(msgspec.Struct):
    """What was acknowledged; latencies are ms of each request, ``retried`` the requests answered 503."""

    acked: int = 0
    bytes: int = 0
    seconds: float = 0
    latencies: list[float] = []
    retried: int = 0
    failed: int = 0


class Maker:
    """Makes batch bodies of the size real clients send."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._random = random.Random(plan.seed)  # noqa: S311
        self._next = 0

    def body(self) -> bytes:
        stamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        plan, pick = self._plan, self._random.random
        parts = []
        for _ in range(plan.batch):
            person = int(pick() * plan.persons)
            number = self._next
            self._next += 1
            parts.append(
                _EVENT
                % (
                    _NAMES[number % 5],
                    person,
                    person,
                    plan.run,
                    number,
                    stamp,
                    number % 600,
                    20 + number % 900,
                    number % 40,
                    number % 600,
                )
            )
        return f'{{"batch":[{",".join(parts)}],"sentAt":"{stamp}"}}'.encode()


async def _connection(plan: Plan, maker: Maker, out: Outcome, until: float, gap: float) -> None:
    key = base64.b64encode(f"{plan.write_key}:".encode()).decode()
    head = (
        f"POST /v1/batch HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {key}\r\n"
        "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", plan.port)
    due = time.perf_counter()
    while (now := time.perf_counter()) < until:
        if gap and now < due:
            await asyncio.sleep(due - now)
        due += gap
        body = maker.body()
        began = time.perf_counter()
        writer.write((head % len(body)).encode() + body)
        status = await _status(reader)
        if status == 200:
            out.acked += plan.batch
            out.bytes += len(body)
            out.latencies.append((time.perf_counter() - began) * 1000)
        elif status == 503:
            out.retried += 1
            await asyncio.sleep(0.2)
        else:
            out.failed += 1
    writer.close()


async def _status(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        if line[:15].lower() == b"content-length:":
            length = int(line[15:])
    await reader.readexactly(length)
    return int(head[9:12])


async def _run(plan: Plan) -> Outcome:
    out, maker = Outcome(), Maker(plan)
    began = time.perf_counter()
    gap = plan.connections * plan.batch / plan.rate if plan.rate else 0.0
    await asyncio.gather(*(_connection(plan, maker, out, began + plan.seconds, gap) for _ in range(plan.connections)))
    out.seconds = time.perf_counter() - began
    return out


def main() -> None:
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    sys.stdout.buffer.write(msgspec.json.encode(asyncio.run(_run(plan))))


if __name__ == "__main__":
    main()
