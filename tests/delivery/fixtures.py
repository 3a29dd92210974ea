"""Fixtures of the rooms that send."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient

from siyu.app import House
from siyu.kit import ManualClock
from tests.delivery.desk import Desk
from tests.delivery.peers import Mailbox, Receiver


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    made = Mailbox()
    yield made
    made.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver("a shared secret")
    yield made
    made.close()


@pytest.fixture
def desk(app: House, admin: TestClient[Any], clock: ManualClock) -> Desk:
    return Desk(app, admin, clock)
