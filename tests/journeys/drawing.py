"""Drawing journeys in a line or two, and following people through them."""

from __future__ import annotations

from typing import Any

from tests.delivery.desk import Desk


def node(id: str, kind: str, **config: Any) -> dict[str, Any]:
    return {"id": id, "kind": kind, "config": config}


def edges(*pairs: str) -> list[dict[str, str]]:
    """``a>b`` or ``a>b>branch``."""
    return [dict(zip(("from", "to", "branch"), pair.split(">"), strict=False)) for pair in pairs]


CART = node("a", "trigger_event", event="cart_added")
END = node("z", "exit")


def draw(desk: Desk, nodes: list[Any], lines: list[str], id: str | None = None, **settings: Any) -> str:
    """Draw a journey anew, or over; answers its id."""
    name = "画一画"
    id = id or str(desk.post("/api/journeys", {"name": name})["id"])
    graph = {"nodes": nodes, "edges": edges(*lines), "settings": settings}
    desk.put(f"/api/journeys/{id}", {"name": name, "graph": graph})
    return id


def publish(desk: Desk, nodes: list[Any], lines: list[str], id: str | None = None, **settings: Any) -> str:
    id = draw(desk, nodes, lines, id, **settings)
    desk.post(f"/api/journeys/{id}/publish")
    return id


def outcomes(desk: Desk, journey: str) -> dict[str, str]:
    """Person → the outcome of their newest run, or where it stands: ``@node``."""
    runs = desk.get(f"/api/journeys/{journey}/runs", limit=200)["items"]
    return {run["person"]: run["outcome"] or f"@{run['node']}" for run in reversed(runs)}


def steps(desk: Desk, user: str, journey: str) -> list[str]:
    return desk.trace(user, journey)[1]
