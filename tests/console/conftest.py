"""What a browser shows is waited for, on slow machines too."""

from __future__ import annotations

from playwright.sync_api import expect

expect.set_options(timeout=20_000)
