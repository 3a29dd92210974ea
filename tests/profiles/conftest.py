"""Fixtures of the profiles room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from siyu.store import Store
from tests.profiles.shop import Shop


@pytest.fixture
def shop(store: Store) -> Iterator[Shop]:
    made = Shop(store)
    yield made
    made.close()
