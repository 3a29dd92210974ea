"""Every route says who may use it."""

from __future__ import annotations

from typing import Any

import pytest
from litestar.handlers import HTTPRouteHandler
from litestar.testing import TestClient

from siyu.app import House

_SAFE = {"GET", "HEAD", "OPTIONS"}


def _routes(app: House) -> list[tuple[str, str, HTTPRouteHandler]]:
    return [
        (path, method, handler)
        for handler, path in ((each, route.path) for route in app.api.routes for each in route.route_handlers)
        if isinstance(handler, HTTPRouteHandler)
        for method in handler.http_methods
        if method != "OPTIONS"
    ]


def _role(handler: HTTPRouteHandler) -> str | None:
    roles = [guard.__dict__.get("role") for layer in handler.ownership_layers for guard in layer.guards or ()]
    return next((role for role in reversed(roles) if role), None)


def test_every_route_names_a_role_or_is_public_on_purpose(app: House) -> None:
    open_to_all = [f"{m} {p}" for p, m, handler in _routes(app) if not _role(handler) and not handler.opt.get("public")]
    assert open_to_all == []


def test_viewers_change_nothing(app: House) -> None:
    asking = ("/preview", "/check", "/session", "/setup")
    wrong = [
        f"{method} {path}"
        for path, method, handler in _routes(app)
        if method not in _SAFE and _role(handler) == "viewer" and not path.endswith(asking)
    ]
    assert wrong == []


@pytest.mark.parametrize("path", ["/api/operators", "/api/persons", "/api/settings", "/api/openapi.json"])
def test_the_api_is_closed_to_strangers(client: TestClient[Any], path: str) -> None:
    assert client.get(path).status_code == 401
