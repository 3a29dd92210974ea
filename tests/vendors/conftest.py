from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.delivery.desk import Desk
from tests.delivery.fixtures import desk, mailbox, receiver
from tests.vendors.shop import Shop
from tests.vendors.tencent import Wechat, Wecom
from tests.vendors.texts import Aliyun, TencentSms

__all__ = ["desk", "mailbox", "receiver"]


@pytest.fixture
def wechat() -> Iterator[Wechat]:
    made = Wechat()
    yield made
    made.close()


@pytest.fixture
def wecom() -> Iterator[Wecom]:
    made = Wecom()
    yield made
    made.close()


@pytest.fixture
def aliyun() -> Iterator[Aliyun]:
    made = Aliyun()
    yield made
    made.close()


@pytest.fixture
def tencent() -> Iterator[TencentSms]:
    made = TencentSms()
    yield made
    made.close()


@pytest.fixture
def shop(desk: Desk) -> Shop:
    return Shop(desk)
