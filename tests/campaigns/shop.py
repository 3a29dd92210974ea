"""A shop with an audience, templates and a mail channel, for campaigns."""

from __future__ import annotations

from typing import Any

from siyu.campaigns import step
from siyu.delivery import deliver
from siyu.journeys import advance
from tests.delivery.desk import Desk
from tests.delivery.peers import Mailbox

TEXT = "{{name|你好}}：春天到了，看看 https://shop.example/new?from={{city|x}} 吧"


class Shop:
    """``desk`` and what is needed to plan a campaign on it."""

    def __init__(self, desk: Desk, mailbox: Mailbox | None = None) -> None:
        self.desk = desk
        if mailbox is not None:
            desk.mail_channel(mailbox)

    def people(self, count: int, **traits: Any) -> list[str]:
        """``c0 …``, all in the audience (trait ``vip``) and reachable by mail."""
        items = []
        for number in range(count):
            user = f"c{number}"
            items.append(self.desk.identify(user, email=f"{user}@example.com", vip=True, **traits))
            items.append(self.desk.track(user, "consent_granted", channel="email", purpose="marketing"))
        self.desk.send(*items)
        return [f"c{number}" for number in range(count)]

    def audience(self, name: str = "会员", trait: str = "vip") -> str:
        rule = {"trait": trait, "op": "eq", "value": True}
        return str(self.desk.post("/api/audiences", {"name": name, "rule": rule}, 201)["id"])

    def template(self, text: str = TEXT, **changes: Any) -> str:
        draft = {"name": "上新", "channel": "email", "incentive": "knowledge", "appeal": "self"}
        says = {"zh": {"subject": "{{name|你}}好", "text": text}}
        return str(self.desk.post("/api/templates", draft | {"says": says} | changes, 201)["id"])

    def campaign(self, audience: str, *templates: str, name: str = "春季上新", **plan: Any) -> str:
        variants = [{"template": one, "percent": 100 / len(templates)} for one in templates]
        body = {"name": name, "plan": {"audience": audience, "variants": variants, "holdout": 0} | plan}
        return str(self.desk.post("/api/campaigns", body, 201)["id"])

    def started(self, id: str) -> str:
        self.desk.post(f"/api/campaigns/{id}/estimate", status=200)
        self.desk.post(f"/api/campaigns/{id}/start", status=200)
        return id

    def view(self, id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.desk.get(f"/api/campaigns/{id}")
        return found

    def turn(self) -> None:
        """Do what the loops would, campaigns included, until nothing is left to do now."""
        desk = self.desk
        for _ in range(500):
            worked = desk.house.pipeline.step()
            worked = step(desk.store) == 0 or worked
            worked = advance(desk.store) == 0 or worked
            worked = deliver(desk.store) == 0 or worked
            if not worked:
                return
        raise AssertionError("the loops never come to rest")
