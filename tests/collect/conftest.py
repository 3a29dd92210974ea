"""Fixtures of the collect room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from litestar.testing import TestClient

from siyu.app import House
from siyu.collect import Importer
from siyu.kit import ManualClock
from siyu.store import Store

Client = TestClient[Any]


@pytest.fixture
def run_imports(app: House, store: Store) -> Callable[[], None]:
    """Works off everything that is to be imported, and settles it."""
    importer = Importer(store, app.inbox)

    def run() -> None:
        for _ in range(10_000):
            wait = importer.step()
            app.pipeline.drain()
            if wait == 2.0:
                return
        raise AssertionError("the import never ends")

    return run


@pytest.fixture
def make_source(admin: Client) -> Callable[..., dict[str, Any]]:
    """``make_source("segment")`` answers the source as the API shows it."""

    def make(kind: str, name: str = "网店", **rest: Any) -> dict[str, Any]:
        answer = admin.post("/api/sources", json={"name": name, "kind": kind, **rest})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    return make


__all__ = ["Client", "ManualClock"]
