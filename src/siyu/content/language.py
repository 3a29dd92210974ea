"""Texts with ``{{variables}}``: ``{{name|朋友}}`` with a default, ``{{event.product_name|宝贝}}`` from the event, and
``{{nickname, name|朋友}}``: the first that is known."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from siyu.content.types import Content, Fault, Template
from siyu.profiles import mask_json, mask_trait

_VARIABLE = re.compile(r"\{\{\s*([^{}|]*?)\s*(?:\|([^{}]*))?\}\}")
_NAME = re.compile(r"[^\W\d][\w$]*(\.[\w$]+)*")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\u2028\u2029]")
_LINK = re.compile(r"https?://[^\s<>\"'，。！？、；：“”‘’（）]+")
_MAX_VALUE = 500
_MAX_VARIABLES = 50
_ADDRESS = re.compile(
    r"https?://[^\s<>\"'{}，。！？、；：“”‘’（）/?#]+(?:[^\s<>\"'{}，。！？、；：“”‘’（）]|\{\{[^{}]*\}\})*"
)
"""A web address in a template: its host is written out, variables may follow."""
_HREF = re.compile(r"href\s*=\s*[\"']?$", re.I)
_OTHER_SCHEME = re.compile(r"^\s*(?!https?://)[a-z][a-z0-9+.-]*:", re.I)
_MAX_SUBJECT = 200
BUILT_IN = frozenset({"coupon", "unsubscribe_url"})
_UNSAFE_HTML = re.compile(r"<\s*(script|iframe|object|embed|form|meta|base|link)\b|\bon\w+\s*=|javascript:", re.I)


class Variable(msgspec.Struct, frozen=True):
    name: str
    default: str | None


def variables(text: str) -> list[Variable]:
    """The variables of a template in order."""
    return [Variable(one, default) for names, default in _found(text) for one in _names(names)]


def _names(text: str) -> list[str]:
    """``nickname, name`` are two, tried in order."""
    return [part.strip() for part in text.replace("，", ",").split(",")]


def _found(text: str) -> list[tuple[str, str | None]]:
    return [(match[1], match[2]) for match in _VARIABLE.finditer(text)]


def mentions(text: str, name: str) -> bool:
    """Whether a name stands in a text by itself, not as part of a longer one."""
    return re.search(rf"(?<![\w$.]){re.escape(name)}(?![\w$.])", text) is not None


def template_faults(text: str) -> list[tuple[str, str]]:
    """(code, what) for each variable that can't be filled for everybody, and for braces that belong to none."""
    faults = []
    for names, default in _found(text):
        if not all(_NAME.fullmatch(name) for name in _names(names)):
            faults.append(("bad_variable", names))
        elif default is None and names not in BUILT_IN:
            faults.append(("variable_without_default", names))
    rest = _VARIABLE.sub("", text)
    if "{{" in rest or "}}" in rest:
        faults.append(("bad_variable", "{{"))
    return faults


def unsafe_html(text: str) -> str | None:
    """The piece of a hand-written HTML body that has no place in a message, if any."""
    found = _UNSAFE_HTML.search(text)
    return found[0] if found else None


def size_faults(text: str) -> list[Fault]:
    """Variables that are too many, or whose default is longer than any value may be."""
    found = _found(text)
    long = [Fault("variable_too_long", {"name": n, "limit": _MAX_VALUE}) for n, d in found if len(d or "") > _MAX_VALUE]
    many = [Fault("too_many_variables", {"limit": _MAX_VARIABLES})] if len(found) > _MAX_VARIABLES else []
    return long + many


def bad_link(link: str) -> bool:
    """Whether a link leads elsewhere than to the web or a page of a Mini Program."""
    return bool(_OTHER_SCHEME.match(link)) or link.strip().startswith("//")


Track = Callable[[str], str]
"""A web address → the address that stands in the message for it."""


def render(
    template: Template, values: Mapping[str, Any], unsubscribe: str, track: Track = lambda address: address
) -> Content:
    """Fill a template in. Values can't bring mark-up into HTML, nor lines into a subject.

    Web addresses whose host the template itself names go through ``track``; those that values bring never do.
    """
    known = dict(values) | {"coupon": template.coupon, "unsubscribe_url": unsubscribe}
    text = _fill_all(template.text, known, _plain, track)
    return Content(
        subject=_one_line(_fill(template.subject, known, _plain)),
        text=text,
        html=_fill_all(
            template.html, known, _escaped, lambda address: html.escape(track(html.unescape(address))), _HREF
        )
        if template.html
        else as_html(text),
        coupon=template.coupon,
        unsubscribe=unsubscribe,
        masked=_one_line(_fill(template.subject, _masked(known), _plain)),
        template_id=template.template_id,
        fields={name: _fill_all(value, known, _plain, track) for name, value in template.fields},
        link=_tracked(_fill(template.link, known, _quoted), track),
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())[:_MAX_SUBJECT]


def _masked(known: Mapping[str, Any]) -> dict[str, Any]:
    """The values as operators may see them. What an event brought is masked by the names inside it."""
    return {
        name: mask_json(msgspec.json.encode(value).decode()) if isinstance(value, dict) else mask_trait(name, value)
        for name, value in known.items()
    }


def _quoted(value: str) -> str:
    return quote(_plain(value), safe="")


def _escaped(value: str) -> str:
    return html.escape(_plain(value))


def _tracked(address: str, track: Track) -> str:
    return track(address) if address.startswith(("https://", "http://")) else address


def _fill_all(
    text: str,
    known: Mapping[str, Any],
    shown: Callable[[str], str],
    track: Track,
    behind: re.Pattern[str] | None = None,
) -> str:
    """As ``_fill``; inside web addresses values are quoted, and each address (that stands ``behind``) is tracked."""
    pieces, end = [], 0
    for match in _ADDRESS.finditer(text):
        pieces.append(_fill(text[end : match.start()], known, shown))
        address = match[0].rstrip(".,;:!?)")
        filled = _fill(address, known, _quoted)
        pieces.append(track(filled) if behind is None or behind.search(text[: match.start()][-20:]) else filled)
        end = match.start() + len(address)
    return "".join(pieces) + _fill(text[end:], known, shown)


def _fill(text: str, known: Mapping[str, Any], shown: Callable[[str], str]) -> str:
    def put(match: re.Match[str]) -> str:
        values = (_look_up(known, name) for name in _names(match[1]))
        value = next((value for value in values if value is not None and value != ""), match[2] or "")
        return shown(str(value))

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
