"""Texts with ``{{variables}}``: ``{{city}}``, ``{{name|朋友}}`` with a default, ``{{event.product_name|宝贝}}``."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from siyu.delivery.types import Content, Template
from siyu.profiles import mask_json, mask_trait

_VARIABLE = re.compile(r"\{\{\s*([^{}|]*?)\s*(?:\|([^{}]*))?\}\}")
_NAME = re.compile(r"[^\W\d][\w$]*(\.[\w$]+)*")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\u2028\u2029]")
_LINK = re.compile(r"https?://[^\s<>\"'，。！？、；：“”‘’（）]+")
_MAX_VALUE = 500
_MAX_SUBJECT = 200
BUILT_IN = frozenset({"coupon", "unsubscribe_url"})
_UNSAFE_HTML = re.compile(r"<\s*(script|iframe|object|embed|form|meta|base|link)\b|\bon\w+\s*=|javascript:", re.I)


class Variable(msgspec.Struct, frozen=True):
    name: str
    default: str | None


def variables(text: str) -> list[Variable]:
    """The variables of a template in order."""
    return [Variable(name, default) for name, default in _found(text)]


def _found(text: str) -> list[tuple[str, str | None]]:
    return [(match[1], match[2]) for match in _VARIABLE.finditer(text)]


def template_faults(text: str) -> list[tuple[str, str]]:
    """(code, what) for each variable that can't be filled for everybody, and for braces that belong to none."""
    faults = []
    for name, default in _found(text):
        if not _NAME.fullmatch(name):
            faults.append(("bad_variable", name))
        elif default is None and name not in BUILT_IN:
            faults.append(("variable_without_default", name))
    rest = _VARIABLE.sub("", text)
    if "{{" in rest or "}}" in rest:
        faults.append(("bad_variable", "{{"))
    return faults


def unsafe_html(text: str) -> str | None:
    """The piece of a hand-written HTML body that has no place in a message, if any."""
    found = _UNSAFE_HTML.search(text)
    return found[0] if found else None


def render(template: Template, values: Mapping[str, Any], unsubscribe: str) -> Content:
    """Fill a template in. Values can't bring mark-up into HTML, nor lines into a subject."""
    known = dict(values) | {"coupon": template.coupon, "unsubscribe_url": unsubscribe}
    text = _fill(template.text, known, _plain)
    return Content(
        subject=_one_line(_fill(template.subject, known, _plain)),
        text=text,
        html=_fill(template.html, known, lambda value: html.escape(_plain(value))) if template.html else as_html(text),
        coupon=template.coupon,
        unsubscribe=unsubscribe,
        masked=_one_line(_fill(template.subject, _masked(known), _plain)),
        template_id=template.template_id,
        fields={name: _fill(value, known, _plain) for name, value in template.fields},
        link=_fill(template.link, known, lambda value: quote(_plain(value), safe="")),
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())[:_MAX_SUBJECT]


def _masked(known: Mapping[str, Any]) -> dict[str, Any]:
    """The values as operators may see them. What an event brought is masked by the names inside it."""
    return {
        name: mask_json(msgspec.json.encode(value).decode()) if isinstance(value, dict) else mask_trait(name, value)
        for name, value in known.items()
    }


def _fill(text: str, known: Mapping[str, Any], shown: Callable[[str], str]) -> str:
    def put(match: re.Match[str]) -> str:
        value = _look_up(known, match[1])
        return shown((match[2] or "") if value is None or value == "" else str(value))

    return _VARIABLE.sub(put, text)


def _look_up(known: Mapping[str, Any], name: str) -> Any:
    if name in known:
        return known[name]
    head, dot, rest = name.partition(".")
    inner = known.get(head)
    return _look_up(inner, rest) if dot and isinstance(inner, dict) else None


def _plain(value: str) -> str:
    return _CONTROL.sub(" ", value)[:_MAX_VALUE]


def as_html(text: str) -> str:
    """Plain text as HTML: escaped, paragraphs kept, links made."""
    paragraphs = []
    for part in re.split(r"\n\s*\n", text.strip()):
        lines = [_linked(line) for line in part.split("\n")]
        paragraphs.append(f"<p>{'<br>'.join(lines)}</p>")
    return "\n".join(paragraphs)


def _linked(line: str) -> str:
    pieces, end = [], 0
    for match in _LINK.finditer(line):
        pieces.append(html.escape(line[end : match.start()]))
        address = html.escape(match[0])
        pieces.append(f'<a href="{address}">{address}</a>')
        end = match.end()
    return "".join(pieces) + html.escape(line[end:])
