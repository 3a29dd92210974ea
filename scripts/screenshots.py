"""Takes the pictures of the docs from a running demo.

``python scripts/screenshots.py URL EMAIL PASSWORD [FOLDER]`` writes ``<page>-zh.png`` and ``<page>-en.png``, 1280 wide.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.sync_api import APIRequestContext, Browser, Page, expect, sync_playwright

WIDTH = 1280
LANGUAGES = {"zh": "zh-CN", "en": "en"}
RECENT_ORDER = {"event": "order_paid", "aggregate": "count", "window": {"last_days": 60}, "op": "gte", "value": 1}
RULE = {
    "all": [
        {"trait": "skin_type", "op": "eq", "value": "敏感性"},
        {
            "event": "order_paid",
            "aggregate": "sum",
            "property": "amount",
            "where": [],
            "window": {"last_days": 365},
            "op": "gte",
            "value": 30_000,
        },
        {"any": [{"reachable": "wecom_friend"}, {"reachable": "official_account"}]},
        {"not": {"all": [RECENT_ORDER]}},
    ]
}
NAMES = {"zh": "敏感肌老客 · 60 天未回购", "en": "Sensitive skin, no order in 60 days"}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    for name in ("url", "email", "password"):
        options.add_argument(name)
    options.add_argument("folder", type=Path, nargs="?", default=Path("docs/images"))
    wanted = options.parse_args()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for short in LANGUAGES:
            _language(browser, wanted, short)
        browser.close()


def _language(browser: Browser, wanted: argparse.Namespace, short: str) -> None:
    """All pages in one language."""
    context = browser.new_context(
        base_url=wanted.url,
        viewport={"width": WIDTH, "height": 860},
        locale=LANGUAGES[short],
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto("/login")
    page.locator("#email").fill(wanted.email)
    page.locator("#password").fill(wanted.password)
    page.locator("button[type=submit]").click()
    expect(page.locator(".account-button")).to_be_visible(timeout=15_000)
    # The operator's own language came with the login; the picture's language is chosen after it.
    page.evaluate("language => localStorage.setItem('siyu.language', language)", LANGUAGES[short])
    for name, (draw, height) in PAGES.items():
        draw(page, short)
        _save(page, wanted.folder / f"{name}-{short}.png", height)
    context.close()


def _overview(page: Page, _short: str) -> None:
    page.goto("/")
    expect(page.locator(".stats .figure").first).to_be_visible()
    expect(page.locator(".stages li")).to_have_count(5)


def _person(page: Page, _short: str) -> None:
    page.goto(f"/persons/{_rich_person(page.request)}")
    expect(page.locator(".entry").first).to_be_visible()
    expect(page.locator(".fact-rows").first).to_be_visible()


def _audience(page: Page, short: str) -> None:
    page.goto(f"/audiences/new?rule={quote(json.dumps(RULE))}")
    page.locator("#name").fill(NAMES[short])
    expect(page.locator(".preview .count")).to_be_visible()
    expect(page.locator(".preview [aria-live]")).to_contain_text("ms", timeout=15_000)


def _journey(page: Page, _short: str) -> None:
    """The runs, and one that sent its message step by step."""
    journey = _first_journey(page.request)
    done = page.request.get(f"/api/journeys/{journey}/runs?state=done&limit=50").json()["items"]
    sent = next(run["person"] for run in done if run["outcome"] == "sent")
    page.goto(f"/journeys/{journey}")
    page.get_by_role("tab").nth(4).click()
    page.locator(".chip").nth(2).click()
    page.locator(".clickable-row", has=page.locator(f"a[href='/persons/{sent}']")).first.click()
    expect(page.locator(".trace li").nth(3)).to_be_visible()


def _why(page: Page, _short: str) -> None:
    """Why somebody got nothing."""
    journey = _first_journey(page.request)
    runs = page.request.get(f"/api/journeys/{journey}/runs?state=done&limit=200").json()["items"]
    held_back = next(run for run in runs if run["outcome"] == "consent_missing")
    page.goto(f"/journeys/{journey}")
    page.get_by_role("tab").nth(6).click()
    page.get_by_role("tabpanel").get_by_role("searchbox").fill(held_back["person"])
    page.keyboard.press("Enter")
    page.locator(".pick").first.click()
    expect(page.locator(".trace li").nth(1)).to_be_visible()


PAGES = {
    "overview": (_overview, None),
    "person": (_person, 1180),
    "audience": (_audience, None),
    "journey": (_journey, 800),
    "why": (_why, 800),
}
"""Page → how to get there, and how much of it to take; None is all of it."""


def _first_journey(api: APIRequestContext) -> str:
    return str(api.get("/api/journeys").json()["items"][0]["id"])


def _rich_person(api: APIRequestContext) -> str:
    """Somebody with a story: an order, and as many channels as can be found."""
    found: list[dict[str, Any]] = api.get("/api/persons?channel=wecom_group&stage=repeat&limit=200").json()["items"]
    found += api.get("/api/persons?channel=email&stage=repeat&limit=200").json()["items"]
    best = max(found, key=lambda one: (len(one["channels"]), 3 <= one["orders"] <= 9, one["name"] is not None))
    return str(best["id"])


def _save(page: Page, file: Path, height: int | None) -> None:
    """The window grows to the picture, so that what sticks to its edges is drawn once and in full."""
    page.mouse.move(0, 0)
    page.add_style_tag(content="html { scrollbar-gutter: auto !important }")
    page.evaluate("document.activeElement?.blur()")
    page.evaluate("document.fonts.ready")
    expect(page.locator(".bones")).to_have_count(0)
    page.set_viewport_size({"width": WIDTH, "height": height or page.evaluate("document.body.scrollHeight")})
    page.screenshot(path=file, animations="disabled")
    page.set_viewport_size({"width": WIDTH, "height": 860})


if __name__ == "__main__":
    main()
