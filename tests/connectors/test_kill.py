"""kill -9 in the middle of a backfill, again and again: the end state is exact, nothing is told twice."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from siyu.kit import parse_iso
from tests import warm
from tests.connectors import worker
from tests.connectors.shops import DouyinShop, WechatShop, YouzanShop
from tests.connectors.vendors import Account, Corp

CONTACTS, ROUNDS = 100, 6
_START = parse_iso("2026-03-02T02:00:00Z") // 1000
_processes = warm.processes()


def apart(do: Callable[..., None], *given: Any) -> None:
    """Each in a process of its own, which has read the code already."""
    process = _processes.Process(target=do, args=given)
    process.start()
    process.join(60)
    assert process.exitcode == 0


def kill_and_finish(
    folder: Path, vendor: Any, rounds: int, prepared: tuple[str, str, dict[str, Any]]
) -> dict[str, Any]:
    """Kill as many workers within their first pages, let one finish, and tell how things stand."""
    apart(worker.prepare, folder, *prepared)
    dice = random.Random(20260302)
    for round in range(1, rounds + 1):
        process: BaseProcess = _processes.Process(target=worker.work, args=(folder, round))
        left = dice.randint(1, 3)

        def strike(_page: int, process: BaseProcess = process) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                threading.Timer(dice.choice([0, 0.002, 0.01]), process.kill).start()

        vendor.on_page = strike
        process.start()
        process.join(60)
        assert process.exitcode == -9
    vendor.on_page = None
    here, there = _processes.Pipe(duplex=False)
    apart(worker.finish, folder, rounds + 1, there)
    found: dict[str, Any] = here.recv()
    return found


@pytest.mark.timeout(120)
def test_killed_at_any_moment_a_backfill_ends_exact(tmp_path: Path, corp: Corp) -> None:
    folder = tmp_path / "data"
    begun = _START - 30 * 86_400
    for number in range(CONTACTS):
        corp.befriend(f"wm-{number:04}", corp.staff[number % 2], begun + number, f"union-{number}")
    corp.page_size = 5
    found = kill_and_finish(folder, corp, ROUNDS, ("wecom", "contacts", worker.settings_of(corp)))
    assert found["events"] == [["wecom_friend_added", CONTACTS, CONTACTS, 0]]
    assert (found["links"], found["named"]) == (CONTACTS, CONTACTS)
    assert found["pull"][:2] == ["done", CONTACTS]


@pytest.mark.timeout(120)
def test_killed_at_any_moment_a_list_of_followers_ends_exact(tmp_path: Path, oa: Account) -> None:
    folder, fans = tmp_path / "data", 40
    for number in range(fans):
        oa.follow(f"oFan-{number:04}-xxx", _START - 30 * 86_400 + number, f"union-{number}", remark=f"客户{number}")
    oa.list_page = 4
    common = {"appid": oa.appid, "secret": oa.secret, "token": oa.token_text, "encoding_key": oa.key}
    found = kill_and_finish(folder, oa, 2, ("wechat_oa", "fans", common | {"api_url": oa.url}))
    assert found["events"] == [["oa_followed", fans, fans, 0]]
    assert (found["links"], found["named"]) == (fans, fans)
    assert found["pull"][:2] == ["done", fans]


@pytest.fixture(params=[YouzanShop, DouyinShop, WechatShop], ids=lambda kind: kind.connector)
def shop(request: pytest.FixtureRequest) -> Iterator[Any]:
    made = request.param()
    for number in range(120):
        made.sell(number + 1, f"buyer-{number}", _START - 4 * 86_400 - number * 60, 1000 + number)
        if number < 40:
            made.refund(number + 1, f"7{number:03}", 100 + number)
    yield made
    made.close()


@pytest.mark.timeout(120)
def test_killed_at_any_moment_a_shops_history_ends_exact(tmp_path: Path, shop: Any) -> None:
    folder = tmp_path / "data"
    found = kill_and_finish(folder, shop, 2, (shop.connector, "orders", shop.config()))
    paid, back = sum(one.fen for one in shop.orders.values()), sum(100 + number for number in range(40))
    assert found["events"] == [["order_paid", 120, 120, paid], ["order_refunded", 40, 40, back]]
    assert found["pull"][0] == "done"
