"""Whatever can go wrong is said in both languages, with the same particulars."""

from __future__ import annotations

import inspect
import string

from siyu import app
from siyu.kit import SiyuError, zh_messages

assert app.ROUTES, "importing the house defines every error"


def _errors(kind: type[SiyuError] = SiyuError) -> list[type[SiyuError]]:
    found = [kind]
    for each in kind.__subclasses__():
        found += _errors(each)
    return [each for each in found if each.__module__.startswith("siyu.")]


def _params(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_error_has_a_chinese_message() -> None:
    assert sorted({error.code for error in _errors()} - set(zh_messages())) == []


def test_both_languages_name_the_same_particulars() -> None:
    differ = {
        error.code: (_params(inspect.getdoc(error) or ""), _params(zh_messages()[error.code]))
        for error in _errors()
        if error.code in zh_messages() and _params(inspect.getdoc(error) or "") != _params(zh_messages()[error.code])
    }
    assert differ == {}


def test_one_code_has_one_status() -> None:
    statuses: dict[str, set[int]] = {}
    for error in _errors():
        statuses.setdefault(error.code, set()).add(error.status)
    assert {code: found for code, found in statuses.items() if len(found) > 1} == {}
