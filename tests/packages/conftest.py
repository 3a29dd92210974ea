"""Fixtures of packages: a shop with persons who came in by HTTP, and receivers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.delivery.fixtures import desk, receiver
from tests.packages.peers import ObjectStore, SftpServer
from tests.packages.shop import Shop

__all__ = ["desk", "receiver"]


@pytest.fixture
def shop(desk: object) -> Shop:
    return Shop(desk)  # type: ignore[arg-type]


@pytest.fixture
def bucket() -> Iterator[ObjectStore]:
    made = ObjectStore()
    yield made
    made.close()


@pytest.fixture
def sftp(tmp_path: Path) -> Iterator[SftpServer]:
    (tmp_path / "sftp").mkdir()
    made = SftpServer(tmp_path / "sftp")
    yield made
    made.close()
