from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors.hub import Hub
from tests.connectors.vendors import Account, Corp
from tests.delivery.desk import Desk
from tests.delivery.fixtures import desk

__all__ = ["desk"]


@pytest.fixture
def hub(desk: Desk) -> Hub:
    return Hub(desk)


@pytest.fixture
def oa() -> Iterator[Account]:
    made = Account()
    yield made
    made.close()


@pytest.fixture
def corp() -> Iterator[Corp]:
    made = Corp()
    yield made
    made.close()
