"""Codes that the server sends by name alone have a wording in the console, in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from siyu.collect.importers.cells import REASONS as CELL_REASONS
from siyu.delivery.reasons import REASONS as SEND_REASONS

ROOT = Path(__file__).parents[2]
LANGUAGES = ("zh-CN", "en")


def _words(folder: str, language: str) -> dict[str, str]:
    words: dict[str, str] = json.loads((ROOT / "web" / "src" / folder / f"{language}.json").read_text("utf-8"))
    return words


def _written(pattern: str, *rooms: str) -> set[str]:
    """What stands in the code at ``pattern``'s group."""
    files = [file for room in rooms for file in (ROOT / "src" / "siyu" / room).rglob("*.py")]
    return {code for file in files for code in re.findall(pattern, file.read_text("utf-8"))}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_of_quarantine_and_imports_is_named(language: str) -> None:
    reasons = _written(r'(?:BadRecord|CellFault)\(\s*"([a-z_]+)"', "collect") | _written(
        r'\b_?[Rr]eject\([^"\n]*"([a-z_]+)"', "collect", "pipeline"
    )
    assert {"no_event_name", "bad_json", "engine_refused"} <= reasons
    words = _words("sources", language)
    assert not [reason for reason in {*reasons, *CELL_REASONS} if f"reason.{reason}" not in words]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_against_a_message_is_named(language: str) -> None:
    words = _words("shared/i18n", language)
    assert not [reason for reason in SEND_REASONS if reason != "allowed" and f"reason.{reason}" not in words]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_audited_action_is_named(language: str) -> None:
    actions = _written(r'\baudit\(\w+, [\w.]+, "([a-z_.]+)"', ".")
    assert len(actions) > 20
    words = _words("settings", language)
    assert not [action for action in actions if f"audit.{action}" not in words]
