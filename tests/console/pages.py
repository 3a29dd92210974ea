"""What tests of the console share: a signed-in page that must not complain, and how an operator handles it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import msgspec
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

PASSWORD = "correct horse battery"


class Demo(msgspec.Struct, frozen=True):
    """A demo that serves, and its administrator."""

    url: str
    email: str
    password: str

    @contextmanager
    def client(self, email: str = "", password: str = "") -> Iterator[httpx.Client]:
        """The API, signed in; the administrator unless another is named."""
        with httpx.Client(base_url=self.url, timeout=30, trust_env=False, verify=False) as client:
            client.headers["X-CSRF-Token"] = client.get("/api/session").json()["csrf"]
            body = {"email": email or self.email, "password": password or self.password}
            answer = client.post("/api/session", json=body)
            assert answer.is_success, answer.text
            client.headers["X-CSRF-Token"] = answer.json()["csrf"]
            yield client


@contextmanager
def opened(
    browser: Browser,
    url: str,
    *,
    width: int = 1280,
    language: str = "zh-CN",
    silent: int = 0,
    zone: str = "Asia/Shanghai",
) -> Iterator[Page]:
    """A page signed in as nobody that must not complain; answers of status ``silent`` belong to the test."""
    context = browser.new_context(
        base_url=url,
        viewport={"width": width, "height": 800},
        locale=language,
        timezone_id=zone,
        reduced_motion="reduce",
    )
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=url)
    if language != "zh-CN":
        context.add_init_script(f"localStorage.setItem('siyu.language', '{language}')")
    page = context.new_page()
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and f"status of {silent}" not in message.text:
            complaints.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


@contextmanager
def signed_in(browser: Browser, demo: Demo, client: httpx.Client, **how: Any) -> Iterator[Page]:
    """A page that is ``client``'s operator."""
    with opened(browser, demo.url, **how) as page:
        page.context.add_cookies([{"name": "siyu_session", "value": client.cookies["siyu_session"], "url": demo.url}])
        yield page


def until(found: Callable[[], Any], seconds: float = 20) -> Any:
    deadline = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)  # the server has the rest of the processor
    return answer


def visit(page: Page, path: str) -> None:
    """Go there and wait until all of it is drawn."""
    page.goto(path)
    expect(page.locator("h1").first).to_be_visible()
    expect(page.locator(".bones, .bone")).to_have_count(0)


def sign_in(page: Page, email: str, password: str) -> None:
    page.locator("#email").fill(email)
    page.locator("#password").fill(password)
    page.keyboard.press("Enter")


def choose(page: Page, select: Locator, text: str) -> None:
    """An option of a drop-down, by what the operator types and reads."""
    select.click()
    if select.locator("input:not([readonly])").count():
        page.keyboard.type(text)
    page.locator(".ant-select-dropdown:visible .ant-select-item-option").get_by_text(text, exact=True).first.click()


def send(demo: Demo, key: str, *items: dict[str, Any]) -> None:
    answer = httpx.post(f"{demo.url}/v1/batch", json={"batch": list(items)}, auth=(key, ""), trust_env=False)
    assert answer.is_success, answer.text


def new_source(api: httpx.Client, name: str) -> str:
    """The write key of a new source."""
    return str(api.post("/api/sources", json={"name": name, "kind": "segment"}).json()["write_key"])
