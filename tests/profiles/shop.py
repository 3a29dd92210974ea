"""A small shop: what its customers do comes in through the Segment door and is settled by the real pipeline."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import httpx
import sqlalchemy as sa

from siyu.collect import Door, Inbox
from siyu.collect.tables import sources
from siyu.identity import find_person
from siyu.kit import iso, person_ref
from siyu.pipeline import Pipeline
from siyu.store import Store

WRITE_KEY = "wk_shop"


class Shop:
    """``send`` posts calls, ``settle`` takes them over; ``person`` is the public name behind an identifier key."""

    def __init__(self, store: Store) -> None:
        self.store = store
        with store.state.write() as conn:
            row = {"id": "src_shop", "name": "网店", "kind": "segment", "write_key": WRITE_KEY, "created_at": 1}
            conn.execute(sa.insert(sources).values(row))
        self.inbox = Inbox(store)
        self.pipeline = Pipeline(store, self.inbox, [])
        self.door = Door(store, self.inbox)
        self._numbers = itertools.count(1)

    def close(self) -> None:
        self.inbox.close()

    def send(self, *items: dict[str, Any]) -> Shop:
        asyncio.run(self._post({"batch": list(items)}))
        return self.settle()

    async def _post(self, body: dict[str, Any]) -> None:
        transport = httpx.ASGITransport(self.door)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop", auth=(WRITE_KEY, "")) as client:
            answer = await client.post("/v1/batch", json=body)
        assert answer.status_code == 200, answer.text

    def settle(self) -> Shop:
        self.pipeline.drain()
        return self

    def track(self, user: str, event: str, at: int, /, **properties: Any) -> dict[str, Any]:
        return self._item("track", at, userId=user, event=event, properties=properties)

    def identify(self, user: str, at: int, /, anonymous: str | None = None, **traits: Any) -> dict[str, Any]:
        return self._item("identify", at, userId=user, anonymousId=anonymous, traits=traits)

    def _item(self, kind: str, at: int, **fields: Any) -> dict[str, Any]:
        return {"type": kind, "messageId": f"m{next(self._numbers)}", "timestamp": iso(at), **fields}

    def number(self, key: str) -> int:
        with self.store.state.read() as conn:
            found = find_person(conn, key)
        assert found is not None, f"nobody is {key}"
        return found

    def person(self, key: str) -> str:
        return person_ref(self.number(key))
