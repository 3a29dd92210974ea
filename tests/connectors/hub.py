"""Connectors as an operator sets them up and a vendor calls them. Loops are turned by hand."""

from __future__ import annotations

from typing import Any

from siyu.app import ANNOUNCE
from siyu.audiences import sweep
from siyu.connectors import pull_step, task_step
from siyu.identity import find_person
from siyu.kit import person_ref
from tests.connectors.vendors import Account, Corp
from tests.delivery.desk import Desk


class Hub:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def install(self, connector: str, **config: Any) -> dict[str, Any]:
        body = {"connector": connector, "name": f"我们的 {connector}", "config": config}
        found: dict[str, Any] = self.desk.post("/api/connectors", body)
        return found

    def account(self, vendor: Account, **more: Any) -> dict[str, Any]:
        common = {"appid": vendor.appid, "secret": vendor.secret, "token": vendor.token_text, "api_url": vendor.url}
        return self.install("wechat_oa", encoding_key=vendor.key, **common, **more)

    def corp(self, vendor: Corp, **more: Any) -> dict[str, Any]:
        common = {"corp_id": vendor.corp, "secret": vendor.secret, "token": vendor.token_text, "api_url": vendor.url}
        return self.install("wecom", encoding_key=vendor.key, **common, **more)

    def show(self, install: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self.desk.get(f"/api/connectors/{install['id']}")
        return found

    def path(self, install: dict[str, Any], door: str = "") -> str:
        url: str = next(one["url"] for one in install["doors"] if one["door"] == door)
        return url.removeprefix("http://127.0.0.1:8300")

    def send(self, path: str, content: bytes | None = None, headers: dict[str, str] | None = None, **query: Any) -> Any:
        """A call from outside: no key, no cookie. POST when there is a body."""
        client = self.desk.client
        kept = client.headers.pop("Authorization")
        try:
            if content is None:
                return client.get(path, params=query)
            return client.post(path, params=query, content=content, headers=headers or {})
        finally:
            client.headers["Authorization"] = kept

    def turn(self) -> None:
        """Do what the loops would until nothing is left to do now."""
        for _ in range(5000):
            worked = self.desk.house.pipeline.step()
            worked = task_step(self.desk.store) == 0 or worked
            worked = pull_step(self.desk.store) == 0 or worked
            if not worked:
                return
        raise AssertionError("the loops never come to rest")

    def sweep(self) -> None:
        """Look at every audience anew, and do what follows."""
        sweep(self.desk.store, ANNOUNCE)
        self.turn()

    def pull(self, install: dict[str, Any], name: str, seconds: int = 3600) -> dict[str, Any]:
        """Start a pull and let time pass until it has ended; answers how it stands."""
        self.desk.post(f"/api/connectors/{install['id']}/pulls/{name}")
        return self.wait(install, name, seconds)

    def wait(self, install: dict[str, Any], name: str, seconds: int = 3600) -> dict[str, Any]:
        latest = self.desk.clock.now_ms() + seconds * 1000
        while self.desk.clock.now_ms() <= latest:
            self.turn()
            found: dict[str, Any] = next(one for one in self.show(install)["pulls"] if one["pull"] == name)
            if found["state"] not in ("running", "sweeping"):
                return found
            idle = self._idle()
            self.desk.clock.advance(idle if idle > 0 else 1000)
        raise AssertionError("the pull does not end")

    def _idle(self) -> int:
        """The ms until something is due."""
        with self.desk.store.state.read() as conn:
            found = [
                conn.exec_driver_sql(f"SELECT min(due_at) FROM {table}").scalar()
                for table in (
                    "connectors_pulls WHERE state IN ('running', 'sweeping')",
                    "connectors_tasks WHERE state = 'waiting'",
                )
            ]
        return min((int(at) for at in found if at), default=0) - self.desk.clock.now_ms()

    def ref(self, kind: str, value: str) -> str:
        with self.desk.store.state.read() as conn:
            found = find_person(conn, f"{kind}:{value}")
        assert found is not None, f"nobody is {kind}:{value}"
        return person_ref(found)

    def events(self, kind: str, value: str, name: str = "") -> list[Any]:
        """Names of a person's events, the oldest first; with ``name`` the properties of those so called."""
        items = self.desk.get(f"/api/persons/{self.ref(kind, value)}/timeline", limit=200)["items"][::-1]
        if name:
            return [one["props"] for one in items if one["event"] == name]
        return [one["event"] for one in items]

    def traits(self, kind: str, value: str) -> dict[str, Any]:
        found = self.desk.get(f"/api/persons/{self.ref(kind, value)}")["traits"]
        return {one["name"]: one["value"] for one in found}

    def now(self) -> int:
        return self.desk.clock.now_ms() // 1000


def xml(**fields: Any) -> str:
    inner = "".join(
        f"<{name}>{value}</{name}>" if isinstance(value, int) else f"<{name}><![CDATA[{value}]]></{name}>"
        for name, value in fields.items()
    )
    return f"<xml>{inner}</xml>"
