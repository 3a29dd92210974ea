"""Whatever can go wrong is said in both languages, with the same particulars."""

from __future__ import annotations

import ast
import inspect
import json
import re
import string
from collections.abc import Iterator

from siyu import app
from siyu.collect.details import SENTENCES, detail_text
from siyu.kit import SiyuError, zh_messages
from tests.house.source import ROOT, modules

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


def _faults() -> Iterator[tuple[str, str]]:
    """(reason, sentence) of every way in which a record can be refused; what is filled in is a number."""
    for tree in modules().values():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            if call.func.id == "NotMoney" and call.args:  # type: ignore[attr-defined]
                yield "bad_amount", _said(call.args[0])
            if call.func.id == "BadRecord":  # type: ignore[attr-defined]
                yield _said(call.args[0]), _said(call.args[1])


def _said(node: ast.AST) -> str:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in parts)


def test_what_is_wrong_with_a_record_is_said_in_chinese_too() -> None:
    faults = [(reason, text) for reason, text in _faults() if (reason, text) != ("bad_amount", "7")]
    assert len(faults) > 35
    assert [text for _, text in faults if not re.search("[一-鿿]", detail_text(text, "zh"))] == []
    words = json.loads((ROOT / "web/src/sources/zh-CN.json").read_text("utf-8"))
    assert {reason for reason, _ in faults if f"reason.{reason}" not in words} == set()
    assert {en: (_params(en), _params(zh)) for en, zh in SENTENCES.items() if _params(en) != _params(zh)} == {}
