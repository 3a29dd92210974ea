"""The mail catcher takes what SMTP clients send and shows it harmlessly."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from siyu.demo.mail import Catcher


@pytest.fixture
def catcher(tmp_path: Path) -> Iterator[Catcher]:
    running = Catcher(tmp_path / "mail", 0, 0)
    running.start()
    yield running
    running.stop()


def _send(catcher: Catcher, subject: str, text: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "hello@cleara.example", "li@qq.example", subject
    mail["Date"] = "Mon, 23 Nov 2026 09:18:48 -0000"
    mail.set_content(text)
    with smtplib.SMTP("127.0.0.1", catcher.smtp_port) as smtp:
        smtp.send_message(mail)


def test_a_mail_is_kept_and_shown(catcher: Catcher) -> None:
    _send(catcher, "购物车里的面膜", "第一行\n.以点开头\nhttp://127.0.0.1:8300/u/abc?x=1&y=2\n")
    listed = httpx.get(catcher.url).text
    assert "购物车里的面膜" in listed
    assert "2026-11-23 17:18:48" in listed, "as clocks in China show it"
    shown = httpx.get(f"{catcher.url}/000001").text
    assert "\n.以点开头\n" in shown
    assert '<a href="http://127.0.0.1:8300/u/abc?x=1&amp;y=2">' in shown


def test_mail_cannot_bring_mark_up(catcher: Catcher) -> None:
    _send(catcher, "<script>alert(1)</script>", 'http://a"><script>alert(2)</script>')
    for page in ("", "/000001"):
        assert "<script>" not in httpx.get(catcher.url + page).text


def test_numbers_go_on_after_a_restart(catcher: Catcher) -> None:
    _send(catcher, "one", "1")
    again = Catcher(catcher.folder, 0, 0)
    again.start()
    _send(again, "two", "2")
    again.stop()
    assert [file.name for file in catcher.newest()] == ["000002.eml", "000001.eml"]


@pytest.mark.parametrize("path", ["/nothing", "/000009", "/../demo.json", "/%2e%2e/demo"])
def test_other_addresses_are_not_found(catcher: Catcher, path: str) -> None:
    assert httpx.get(catcher.url + path).status_code == 404
