"""An operator's desk: everything goes through the product's HTTP doors, its loops are turned by hand."""

from __future__ import annotations

import itertools
from typing import Any

from litestar.testing import TestClient

from siyu.app import House
from siyu.delivery import deliver
from siyu.identity import find_person
from siyu.journeys import advance, call, let_in
from siyu.kit import HOUR, MINUTE, ManualClock, iso, person_ref
from siyu.store import Store
from tests.delivery.peers import Mailbox, Receiver


class Desk:
    """``client`` is signed in as an administrator; ``house`` has no running loops: ``turn`` does what they would."""

    def __init__(self, house: House, client: TestClient[Any], clock: ManualClock) -> None:
        self.house = house
        self.store: Store = house.store
        self.client = client
        self.clock = clock
        self._numbers = itertools.count(1)
        # Tests jump by weeks: a key outlives them, a session does not.
        secret = self.post("/api/keys", {"name": "desk", "scopes": ["admin"]})["secret"]
        client.cookies.clear()
        client.headers["Authorization"] = f"Bearer {secret}"
        self._write_key = self.post("/api/sources", {"name": "网店", "kind": "segment"})["write_key"]

    # Customers

    def send(self, *items: dict[str, Any]) -> None:
        """Events come in through the Segment door and settle."""
        answer = self.client.post("/v1/batch", json={"batch": list(items)}, auth=(self._write_key, ""))
        assert answer.status_code == 200, answer.text
        self.house.pipeline.drain()

    def track(self, user: str, event: str, at: int | None = None, **properties: Any) -> dict[str, Any]:
        return self._item("track", at, userId=user, event=event, properties=properties)

    def identify(self, user: str, at: int | None = None, **traits: Any) -> dict[str, Any]:
        return self._item("identify", at, userId=user, traits=traits)

    def _item(self, kind: str, at: int | None, **fields: Any) -> dict[str, Any]:
        moment = self.clock.now_ms() if at is None else at
        return {"type": kind, "messageId": f"m{next(self._numbers)}", "timestamp": iso(moment), **fields}

    def customer(self, user: str, email: str | None = None, consent: bool = True, **traits: Any) -> str:
        """A person with an email address who agreed to get mail; answers their public name."""
        address = {"email": email or f"{user}@example.com"} if email != "" else {}
        items = [self.identify(user, **address, **traits)]
        if consent:
            items.append(self.track(user, "consent_granted", channel="email", purpose="marketing"))
        self.send(*items)
        return self.person(user)

    def number(self, user: str) -> int:
        with self.store.state.read() as conn:
            found = find_person(conn, f"user_id:{user}")
        assert found is not None, f"nobody is {user}"
        return found

    def person(self, user: str) -> str:
        return person_ref(self.number(user))

    # Operators

    def get(self, path: str, **params: Any) -> Any:
        answer = self.client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None, status: int | None = None) -> Any:
        answer = self.client.post(path, json=body)
        assert answer.status_code == status if status else answer.is_success, answer.text
        return answer.json()

    def put(self, path: str, body: Any) -> Any:
        """Edit what stands at ``path``, whatever its version."""
        version = self.client.get(path).headers["etag"]
        answer = self.client.put(path, json=body, headers={"If-Match": version})
        assert answer.is_success, answer.text
        return answer.json()

    def mail_channel(self, mailbox: Mailbox, **more: Any) -> None:
        config = {"host": "127.0.0.1", "port": mailbox.port, "security": "none", "from_address": "shop@brand.example"}
        self.put("/api/channels/email", {"enabled": True, "config": config | {"from_name": "花间"} | more})

    def webhook_channel(self, receiver: Receiver, **more: Any) -> None:
        config = {"url": receiver.url, "secret": receiver.secret}
        self.put("/api/channels/webhook", {"enabled": True, "config": config | more})

    def journey(self, **changes: dict[str, Any]) -> str:
        """Publish the abandoned-cart journey without a holdout; ``send={"priority": 3}`` changes a node's settings."""
        id = self.post("/api/journeys", {"name": "加购未付款", "template": "abandoned_cart"})["id"]
        graph = self.get(f"/api/journeys/{id}")["graph"]
        for node in graph["nodes"]:
            node["config"] |= {"holdout": {"percent": 0}}.get(node["id"], {}) | changes.get(node["id"], {})
        self.put(f"/api/journeys/{id}", {"name": "加购未付款", "graph": graph})
        self.post(f"/api/journeys/{id}/publish")
        return str(id)

    def policy(self, channel: str, rule: str, value: dict[str, Any]) -> None:
        row = {"channel": channel, "rule": rule, "value": value, "evidence": "test", "updated_at": ""}
        self.put("/api/policies", {"items": [row]})

    # Time

    def turn(self) -> None:
        """Do what the background loops would until nothing is left to do now."""
        for _ in range(200):
            worked = self.house.pipeline.step()
            worked = let_in(self.store) == 0 or worked
            worked = advance(self.store) == 0 or worked
            worked = call(self.store) == 0 or worked
            worked = deliver(self.store) == 0 or worked
            if not worked:
                return
        raise AssertionError("the loops never come to rest")

    def later(self, minutes: int = 0, hours: int = 0) -> None:
        self.clock.advance(minutes * MINUTE + hours * HOUR)
        self.turn()

    def messages(self, **filters: Any) -> list[dict[str, Any]]:
        """Newest first."""
        found: list[dict[str, Any]] = self.get("/api/messages", **filters)["items"]
        return found

    def trace(self, user: str, journey: str) -> tuple[str, list[str]]:
        """The verdict's code and the codes of the steps."""
        found = self.get(f"/api/persons/{self.person(user)}/trace", journey_id=journey)
        return found["verdict"]["code"], [step["code"] for step in found["steps"]]
