"""The OpenAPI description: what the framework finds in the routes, plus what every route shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Litestar, Response, get
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig

from siyu import __version__
from siyu.accounts import provide_operator, requires
from siyu.front.problems import PROBLEM_TYPE, Problem

_ABOUT = """Everything the console does goes through this interface.

Programs send an API key as `Authorization: Bearer …`. Browsers use a session cookie, and send the `csrf` value of
`GET /api/session` as `X-CSRF-Token` with everything that is not a GET. Lists page with `after` and `limit`. Creating
requests take an `Idempotency-Key`. Edits send the version they saw as `If-Match`. Errors are RFC 9457 problems in the
language of `Accept-Language`. Times are ISO 8601 with zone, money is integer fen."""


async def _no_store() -> None:
    """Stands in for the store: describing the routes needs none."""


def describe(routes: Sequence[Any]) -> bytes:
    """OpenAPI 3.1 of ``routes`` as JSON."""
    config = OpenAPIConfig(title="Siyu", version=__version__, description=_ABOUT, operation_id_creator=_operation_id)
    dependencies = {"store": Provide(_no_store), "operator": Provide(provide_operator)}
    app = Litestar(route_handlers=routes, dependencies=dependencies, openapi_config=config, logging_config=None)
    schema = app.openapi_schema.to_schema()
    schema["paths"] = {path: each for path, each in sorted(schema["paths"].items()) if path.startswith("/api/")}
    _add_problems(schema)
    _add_security(schema)
    return msgspec.json.encode(schema)


def _operation_id(handler: HTTPRouteHandler, _method: Any, _path: Any) -> str:
    return handler.handler_name.rpartition(".")[2]


def _operations(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in schema["paths"].values() for operation in path.values() if "responses" in operation]


def _add_problems(schema: dict[str, Any]) -> None:
    """Any error of any route is a problem, the framework's own form of a bad request never shows."""
    (problem,), parts = msgspec.json.schema_components([Problem], ref_template="#/components/schemas/{name}")
    schema.setdefault("components", {}).setdefault("schemas", {}).update(parts)
    for operation in _operations(schema):
        operation["responses"].pop("400", None)
        operation["responses"]["default"] = {
            "description": "What went wrong, and what to mend",
            "content": {PROBLEM_TYPE: {"schema": problem}},
        }


def _add_security(schema: dict[str, Any]) -> None:
    schema["components"]["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": "siyu_session"},
        "key": {"type": "http", "scheme": "bearer"},
    }
    schema["security"] = [{"session": []}, {"key": []}]


def description_route(routes: Sequence[Any]) -> HTTPRouteHandler:
    """``GET /api/openapi.json``; described when first asked for."""
    described: list[bytes] = []

    @get("/api/openapi.json", guards=[requires("viewer")], include_in_schema=False, sync_to_thread=True)
    def show_description() -> Response[bytes]:
        if not described:
            described.append(describe(routes))
        return Response(described[0], media_type="application/json")

    return show_description
