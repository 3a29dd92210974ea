"""Fixtures of the suggestions room: members imported from a file, and runs worked off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from litestar.testing import TestClient

from siyu.app import House
from siyu.collect import Importer
from siyu.store import Store
from tests.collect.test_imports import imported

Client = TestClient[Any]

MEMBERS = """卡号,姓名,手机,生日,性别,邮编,地址,城市
A001,张小美,138****8888,1990-03-05,女,200030,徐汇区漕溪北路18号301室,上海
A002,王建国,139****1234,1978-11-20,男,100020,朝阳区建国路88号,北京
A003,欧阳娜娜,,1988-07-09,女,510620,天河区体育西路100号12栋,广州
A004,李雷,137****0001,1995-01-01,男,310000,西湖区文三路9号,杭州
B001,张小美,尾号8888,1990/5/3,女,200030,徐汇区 漕溪北路18号 301,上海
B002,王建军,136****5678,1982-02-14,男,610000,锦江区春熙路1号,成都
B003,欧阳娜,,1988年7月9日,女,510620,广州天河区体育西路100号12栋,广州
B004,韩梅梅,135****0002,1995-01-01,女,430000,武昌区中南路2号,武汉
"""
MAPPING = {
    "member_card": "卡号", "name": "姓名", "trait.phone": "手机", "birthday": "生日", "gender": "性别",
    "trait.postcode": "邮编", "trait.address": "地址", "city": "城市",
}  # fmt: skip


@pytest.fixture
def import_members(admin: Client, app: House, store: Store) -> Callable[..., None]:
    """Imports a file of members and settles it."""
    importer = Importer(store, app.inbox)

    def run() -> None:
        while importer.step() != 2.0:
            app.pipeline.drain()

    def take(text: str = MEMBERS, mapping: dict[str, str] = MAPPING) -> None:
        done = imported(admin, run, text, "persons", mapping)
        assert (done["state"], done["rows_bad"]) == ("done", 0), done

    return take


@pytest.fixture
def work_off(admin: Client, app: House) -> Callable[[], dict[str, Any]]:
    """Does what waits in the background until nothing does; answers the latest run."""

    def work() -> dict[str, Any]:
        while app.suggester.step() == 0.0:
            app.pipeline.drain()
        app.pipeline.drain()
        return dict(admin.get("/api/suggestions/desk").json())

    return work
