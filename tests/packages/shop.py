"""A shop whose audiences become packages; everything goes through the product's HTTP doors."""

from __future__ import annotations

from typing import Any

from siyu.packages import step
from tests.delivery.desk import Desk

EVERYBODY = {"trait": "city", "op": "exists"}


class Shop:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def person(self, user: str, *, ads: bool | None = None, **traits: Any) -> str:
        """A person with traits; ``ads``: whether they agreed to ad platforms (None: never asked)."""
        items = [self.desk.identify(user, **({"city": "上海"} | traits))]
        if ads is not None:
            name = "consent_granted" if ads else "consent_withdrawn"
            items.append(self.desk.track(user, name, purpose="advertising"))
        self.desk.send(*items)
        return self.desk.person(user)

    def audience(self, rule: dict[str, Any] = EVERYBODY, name: str = "上海客户") -> str:
        made: str = self.desk.post("/api/audiences", {"name": name, "rule": rule})["id"]
        return made

    def package(self, audience: str, content: dict[str, Any], status: int = 201, **more: Any) -> dict[str, Any]:
        body = {"name": "春季包", "audience": audience, "content": content, **more}
        made: dict[str, Any] = self.desk.post("/api/packages", body, status)
        return made

    def work(self) -> None:
        """What the background loop would do until nothing is due."""
        while step(self.desk.store) == 0:
            pass

    def run(self, package: dict[str, Any]) -> dict[str, Any]:
        """Make it now; answers how that went."""
        self.desk.post(f"/api/packages/{package['id']}/runs", status=202)
        self.work()
        return self.last(package)

    def last(self, package: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self.desk.get(f"/api/packages/{package['id']}/runs")["items"][0]
        return found

    def file(self, package: dict[str, Any], run: dict[str, Any], number: int = 0, status: int = 200) -> bytes:
        answer = self.desk.client.get(f"/api/packages/{package['id']}/runs/{run['id']}/files/{number}")
        assert answer.status_code == status, answer.text
        return answer.content

    def audited(self, action: str) -> list[dict[str, Any]]:
        return [one for one in self.desk.get("/api/audit", limit=200)["items"] if one["action"] == action]
