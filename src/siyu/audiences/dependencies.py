"""What an audience stands on, down to traits and events, and what stands on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec
from sqlalchemy.engine import Connection

from siyu.audiences import rules
from siyu.audiences.actions import USERS, kind_of
from siyu.audiences.filling import Book, book, ranked_of
from siyu.audiences.queries import definitions
from siyu.audiences.rules import Rule
from siyu.audiences.types import Edge, GraphNode, GraphView
from siyu.kit import NotFound
from siyu.store import Store


class _Drawing(msgspec.Struct):
    nodes: dict[str, GraphNode]
    edges: dict[tuple[str, str], None]

    def link(self, user: GraphNode, used: GraphNode) -> None:
        for node in (user, used):
            self.nodes.setdefault(node.id, node)
        self.edges[user.id, used.id] = None


def dependencies(store: Store, audience_id: str) -> GraphView:
    """Everything an audience uses, also through other audiences, and everything that uses it. Raises NotFound."""
    with store.state.read() as conn:
        everything = book(conn)
        if audience_id not in everything.names:
            raise NotFound(what=f"audience {audience_id[:40]}")
        own = dict(everything.own)
        for row in definitions.all_of(conn):
            if row.id in own and (ranked := ranked_of(row, everything.zone)) is not None:
                own[row.id] = rules.All((own[row.id], ranked.by))
        drawing = _Drawing({audience_id: _named(audience_id, everything)}, {})
        _down(audience_id, everything, own, drawing)
        _up(conn, audience_id, everything, drawing)
    return GraphView(list(drawing.nodes.values()), [Edge(user, used) for user, used in drawing.edges])


def _named(id: str, everything: Book) -> GraphNode:
    """An audience or a tag."""
    return GraphNode(id, everything.names.get(id, id), kind_of(id))


def _down(id: str, everything: Book, own: Mapping[str, Rule], drawing: _Drawing) -> None:
    for name in sorted(everything.named.get(id, ())):
        seen = name in drawing.nodes
        drawing.link(_named(id, everything), _named(name, everything))
        if not seen:
            _down(name, everything, own, drawing)
    rule = own.get(id)
    for leaf in rules.leaves(rule) if rule is not None else ():
        for kind, name in _stands_on(leaf):
            drawing.link(_named(id, everything), GraphNode(f"{kind}:{name}", name, kind))


def _stands_on(leaf: rules.Leaf | rules.Member) -> Iterator[tuple[str, str]]:
    if isinstance(leaf, rules.Trait):
        yield "trait", leaf.name
    elif isinstance(leaf, rules.Event):
        yield "event", leaf.name
        for window in (leaf.window, leaf.usual):
            if window is not None and window.since is not None:
                yield "event", window.since.name
    elif isinstance(leaf, rules.Sequence):
        yield from (("event", step.name) for step in leaf.steps)
    elif isinstance(leaf, rules.Reachable | rules.Consent):
        yield type(leaf).__name__.lower(), leaf.channel
    elif not isinstance(leaf, rules.Random | rules.Member | rules.Tag):
        yield ("lifecycle", "lifecycle") if isinstance(leaf, rules.Stage) else ("entered", "entered")


def _up(conn: Connection, audience_id: str, everything: Book, drawing: _Drawing) -> None:
    me = _named(audience_id, everything)
    for use in (one for users in USERS for one in users(conn, audience_id)):
        drawing.link(GraphNode(use.id, use.name, kind_of(use.id)), me)
    for name, named in everything.named.items():
        if audience_id in named:
            seen = name in drawing.nodes
            drawing.link(_named(name, everything), me)
            if not seen:
                _up(conn, name, everything, drawing)
