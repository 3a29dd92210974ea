"""How a template is written: steps by name, each behind another, in the language of whoever starts from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from siyu.journeys.settings import JourneySettings
from siyu.journeys.types import Edge, Graph, Node, Text

Say = Callable[[str, str], str]
"""Picks the Chinese or the English text."""

Behind = str | tuple[str, str]
"""A step, or a step and one of its branches."""


def in_language(language: str) -> Say:
    return lambda zh, en: en if language == "en" else zh


Mail = tuple[str, str]
"""Subject and body, without greeting and coupon."""


class Wanted(msgspec.Struct, frozen=True):
    """The audience a template begins with; a console offers to make it."""

    label: Text
    rule: dict[str, Any]


class Template(msgspec.Struct, frozen=True):
    """``draw(say, audience)``: the graph, with the id of the audience it begins with where it wants one."""

    name: str
    label: Text
    hint: Text
    draw: Callable[[Say, str], Graph]
    audience: Wanted | None = None


class Drawing:
    """A graph as it is drawn."""

    def __init__(self, say: Say, **settings: Any) -> None:
        self._say = say
        self._settings = msgspec.convert(settings, JourneySettings)
        self._nodes: list[Node] = []
        self._edges: list[Edge] = []

    def step(self, id: str, kind: str, *behind: Behind, **config: Any) -> str:
        """Add a step behind others; answers its id."""
        self._nodes.append(Node(id, kind, config))
        for one in behind:
            source, branch = (one, None) if isinstance(one, str) else one
            self._edges.append(Edge(source, id, branch))
        return id

    def mail(self, id: str, *behind: Behind, zh: Mail, en: Mail, coupon: bool = False, **config: Any) -> str:
        """A message by email, with its subject and body; the channel is for the operator to pick."""
        subject, body = (self._say(*both) for both in zip(zh, en, strict=True))
        lines = [self._say("{{name|你好}}：", "Hello {{name|friend}},"), body, *(["{{coupon}}"] if coupon else [])]
        text = "\n\n".join(lines) + "\n"
        return self.step(id, "send", *behind, channel="email", subject=subject, body=text, **config)

    def wait(self, id: str, *behind: Behind, days: int, until: str = "") -> str:
        return self.step(id, "wait", *behind, minutes=days * 1440, until=[until] if until else [])

    def graph(self) -> Graph:
        return Graph(self._nodes, self._edges, self._settings)


def count(event: str, op: str, value: Any, **window: Any) -> dict[str, Any]:
    """A rule: how often something happened."""
    return {"event": event, "aggregate": "count", "window": window or None, "op": op, "value": value}
