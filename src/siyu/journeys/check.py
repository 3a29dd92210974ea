"""What keeps a graph from being published, said on the node it concerns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec

from siyu.journeys.nodes import KINDS
from siyu.journeys.nodes.contract import Checking, Kind
from siyu.journeys.plans import branch_of
from siyu.journeys.texts import problem_text
from siyu.journeys.types import Edge, Graph, Node, Problem

Configs = dict[str, msgspec.Struct | str]
"""Node → its settings, or what is wrong with them."""


def check(graph: Graph, checking: Checking) -> list[Problem]:
    """Every problem of a graph; an empty list can be published."""
    structure = list(_check_nodes(graph))
    if structure and any(problem.code in ("empty", "unknown_kind", "same_id") for problem in structure):
        return [*structure, *_check_edges(graph, {})]
    configs = {node.id: _config(KINDS[node.kind], node.config) for node in graph.nodes}
    structure += _check_edges(graph, configs)
    if structure:
        return structure
    triggers = [node.id for node in graph.nodes if _is_trigger(node)]
    problems = [*_check_trigger(graph, triggers), *_check_paths(graph, triggers, configs)]
    problems += _check_settings(checking)
    for node in graph.nodes:
        config = configs[node.id]
        if isinstance(config, str):
            problems.append(_problem(node.id, "bad_config", detail=config))
        else:
            problems += [_problem(node.id, code, **params) for code, params in KINDS[node.kind].check(config, checking)]
    return problems


def _is_trigger(node: Node) -> bool:
    return KINDS[node.kind].group == "trigger"


def _problem(node: str | None, code: str, **params: Any) -> Problem:
    return Problem(node, code, problem_text(code, params))


def _config(kind: Kind, values: dict[str, Any]) -> msgspec.Struct | str:
    try:
        return msgspec.convert(values, kind.config)
    except msgspec.ValidationError as error:
        return str(error)


def _check_nodes(graph: Graph) -> Iterable[Problem]:
    if not graph.nodes:
        yield _problem(None, "empty")
    for id, times in Counter(node.id for node in graph.nodes).items():
        if times > 1:
            yield _problem(id, "same_id")
    for node in graph.nodes:
        if node.kind not in KINDS:
            yield _problem(node.id, "unknown_kind", kind=node.kind)


def _check_edges(graph: Graph, configs: Configs) -> Iterable[Problem]:
    kinds = {node.id: KINDS[node.kind] for node in graph.nodes if node.kind in KINDS}
    taken: Counter[tuple[str, str]] = Counter()
    for edge in graph.edges:
        missing = next((id for id in (edge.source, edge.target) if id not in kinds), None)
        if missing:
            yield _problem(missing, "edge_to_nowhere", to=missing)
            continue
        kind, config = kinds[edge.source], configs.get(edge.source)
        branch = branch_of(kind, edge.branch)
        unread = isinstance(config, str) and kind.dynamic
        if branch not in kind.branches and not unread and branch not in _named(kind, config):
            yield _problem(edge.source, "unknown_branch", branch=branch)
        if kinds[edge.target].group == "trigger":
            yield _problem(edge.target, "edge_into_trigger")
        taken[edge.source, branch] += 1
        if taken[edge.source, branch] == 2:
            yield _problem(edge.source, "branch_twice", branch=branch)


def _named(kind: Kind, config: msgspec.Struct | str | None) -> list[str]:
    return kind.named(config) if isinstance(config, msgspec.Struct) else []


def _check_trigger(graph: Graph, triggers: list[str]) -> Iterable[Problem]:
    if not triggers and graph.nodes:
        yield _problem(None, "no_trigger")
    for id in triggers[1:]:
        yield _problem(id, "two_triggers")


def _check_paths(graph: Graph, triggers: list[str], configs: Configs) -> Iterable[Problem]:
    """Every node is reached, every branch leads on, every path ends, and none runs in a circle."""
    after: dict[str, list[Edge]] = {node.id: [] for node in graph.nodes}
    for edge in graph.edges:
        after[edge.source].append(edge)
    for node in graph.nodes:
        yield from _check_branches(node, after[node.id], configs[node.id])
    reached, circle = _walk(after, triggers)
    if circle:
        yield _problem(circle, "circle")
    for node in graph.nodes:
        if triggers and node.id not in reached and node.id not in triggers:
            yield _problem(node.id, "unreachable")


def _check_branches(node: Node, edges: list[Edge], config: msgspec.Struct | str) -> Iterable[Problem]:
    kind = KINDS[node.kind]
    there = {branch_of(kind, edge.branch) for edge in edges}
    ordinary = next(iter(kind.branches), None)
    if ordinary and ordinary not in there and not (isinstance(config, msgspec.Struct) and kind.ends(config)):
        yield _problem(node.id, "leads_nowhere")
    names = _named(kind, config)
    for name in names:
        if name not in there:
            yield _problem(node.id, "branch_missing", branch=name)
    for name, times in Counter([*names, *kind.branches]).items():
        if times > 1:
            yield _problem(node.id, "same_branch", branch=name)


def _check_settings(checking: Checking) -> Iterable[Problem]:
    settings = checking.settings
    if settings.starts_on and settings.ends_on and settings.ends_on < settings.starts_on:
        yield _problem(None, "ends_before_start")
    for audience in settings.exit_audiences:
        if audience not in checking.audiences:
            yield _problem(None, "unknown_audience", audience=audience)


def _walk(after: dict[str, list[Edge]], triggers: list[str]) -> tuple[set[str], str | None]:
    """The nodes reached from the triggers, and one that lies on a circle."""
    done: set[str] = set()
    on_path: set[str] = set()
    circle = None
    stack = [(id, False) for id in triggers]
    while stack:
        id, leaving = stack.pop()
        if leaving:
            on_path.discard(id)
            done.add(id)
            continue
        if id in on_path or id in done:
            continue
        on_path.add(id)
        stack.append((id, True))
        for edge in after[id]:
            if edge.target in on_path:
                circle = edge.target
            stack.append((edge.target, False))
    return done, circle
