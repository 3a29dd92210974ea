"""Fixtures of the whole suite.

The engine allows one data path in a process, so all tests of a process share one path and each gets a database of its
own in it (50 ms); the SQL databases are copied from a template that went through the real migrations once.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import clickhouse_connect
import pytest
from litestar.testing import TestClient

from siyu.accounts import actions as accounts
from siyu.accounts.passwords import hash_password
from siyu.accounts.types import NewOperator
from siyu.app import House, build_app
from siyu.kit import Clock, ManualClock, configure_logs, load_settings, parse_iso
from siyu.store import Store
from tests import postgres
from tests.servers import Server, start_server

NOW = parse_iso("2026-03-02T02:00:00Z")
"""Monday, ten in the morning in Shanghai."""

PASSWORD = "correct horse battery"
_numbers = itertools.count(1)

MakeStore = Callable[..., Store]
configure_logs("warning")
postgres.begin()

_LONGEST = (
    "collect/test_import_command", "demo/test_demo", "pipeline/test_kill", "console/test_console",
    "journeys/test_model", "audiences/test_due", "journeys/test_kill", "front/test_fuzz", "connectors/test_wecom",
    "store/test_rewrite_kill", "console/test_rules",
    "console/test_rules_as_json", "audiences/test_rules_oracle", "suggestions/test_febrl",
    "identity/test_kill", "console/test_journeys", "connectors/test_kill", "delivery/test_kill", "campaigns/test_kill",
    "pipeline/test_disk_full", "console/test_channels", "console/test_tags", "delivery/test_conformance",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first, so that no process is left alone with one of them in the end."""
    places = {f"tests/{name}.py": place for place, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(places)))


@pytest.fixture(scope="session")
def engine_address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The one engine path of this process."""
    return f"chdb:///{tmp_path_factory.mktemp('engine') / 'events'}"


@pytest.fixture(scope="session")
def engine(engine_address: str) -> Iterator[Any]:
    """A connection to it, held so that stores open fast."""
    held = clickhouse_connect.get_client(dsn=engine_address)
    yield held
    held.close()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, engine: Any, engine_address: str) -> Path:
    """A data folder as the first start leaves it."""
    folder = tmp_path_factory.mktemp("template")
    settings = load_settings(folder, events=engine_address, events_database="template", state=postgres.address(folder))
    Store(settings, ManualClock(NOW)).close()
    return folder


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def make_store(
    template: Path, engine: Any, engine_address: str, tmp_path: Path, clock: ManualClock
) -> Iterator[MakeStore]:
    """Opens stores: ``make_store(clock=…, any_setting=…)``; a second call opens the same data again after ``close()``.

    ``make_store(fresh=True)`` opens other, empty data.
    """
    opened: list[Store] = []
    names: dict[Path, str] = {}

    def make(*, fresh: bool = False, clock: Clock = clock, **settings: Any) -> Store:
        folder = tmp_path / f"data{len(names)}" if fresh or not names else next(reversed(names))
        if folder not in names:
            names[folder] = f"test{next(_numbers)}"
            shutil.copytree(template, folder)
            postgres.lend(template, folder)
        values = {"events": engine_address, "events_database": names[folder], "allow_private_outbound": True}
        values["state"] = postgres.address(folder)
        opened.append(Store(load_settings(folder, **(values | settings)), clock))
        return opened[-1]

    yield make
    for store in opened:
        store.close()
    for folder in names:
        postgres.give_back(template, folder)
    for name in names.values():
        engine.command(f"DROP DATABASE IF EXISTS {name} SYNC")


@pytest.fixture
def store(make_store: MakeStore) -> Store:
    """An empty store under a clock that stands still at NOW."""
    return make_store()


@pytest.fixture
def app(store: Store) -> House:
    """The whole application without background loops: tests do the steps themselves."""
    return build_app(store, with_loops=False)


@pytest.fixture
def client(app: House) -> Iterator[TestClient[Any]]:
    """HTTP to the whole application, signed in as nobody."""
    with TestClient(app, raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture(scope="session")
def password_hash() -> str:
    return hash_password(PASSWORD, cost=1 << 10)


@pytest.fixture
def sign_in_as(client: TestClient[Any], store: Store, password_hash: str) -> Callable[..., TestClient[Any]]:
    """``sign_in_as("viewer")`` makes an operator with that role and signs ``client`` in, with the CSRF header set."""

    def sign_in(role: Any, email: str = "") -> TestClient[Any]:
        wanted = NewOperator(f"Test {role}", email or f"{role}@example.com", PASSWORD, role, "en")
        with store.state.write() as conn:
            operator = accounts._insert(conn, wanted, password_hash)
            token = accounts.open_session(conn, operator.id)
        client.cookies.set("siyu_session", token)
        client.headers["X-CSRF-Token"] = accounts.csrf_of(token)
        client.headers["Accept-Language"] = "en"
        return client

    return sign_in


@pytest.fixture
def admin(sign_in_as: Callable[..., TestClient[Any]]) -> TestClient[Any]:
    """``client``, signed in as an administrator."""
    return sign_in_as("admin")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A real ``siyu serve`` on a free port with an empty data folder."""
    running = start_server(tmp_path / "server")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium (Playwright, synchronous)."""
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    flags += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=_chromium(), args=flags)
        yield opened
        opened.close()


def _chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert found, "install chromium (apt install chromium), the browser tests need it"
    return found


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page of its own, 1280 px wide, in Chinese."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN", timezone_id="Asia/Shanghai")
    yield context.new_page()
    context.close()
