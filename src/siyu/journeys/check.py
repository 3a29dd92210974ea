"""What keeps a graph from being published, said on the node it concerns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec

from siyu.delivery import Policies
from siyu.journeys.nodes import KINDS
from siyu.journeys.nodes.contract import Checking, Kind
from siyu.journeys.nodes.trigger_event import TriggerConfig
from siyu.journeys.plans import branch_of
from siyu.journeys.texts import problem_text
from siyu.journeys.types import Edge, Graph, Problem


def check(graph: Graph, enabled: set[str], policies: Policies) -> list[Problem]:
    """Every problem of a graph; an empty list can be published."""
    structure = [*_check_nodes(graph), *_check_edges(graph)]
    if structure:
        return structure
    configs = {node.id: _config(KINDS[node.kind], node.config) for node in graph.nodes}
    triggers = [node.id for node in graph.nodes if KINDS[node.kind].entries]
    problems = [*_check_trigger(graph, triggers), *_check_paths(graph, triggers)]
    trigger = configs[triggers[0]] if triggers else None
    days = trigger.reentry_days if isinstance(trigger, TriggerConfig) else None
    checking = Checking(enabled, policies, days)
    for node in graph.nodes:
        config = configs[node.id]
        if isinstance(config, str):
            problems.append(_problem(node.id, "bad_config", detail=config))
        else:
            problems += [_problem(node.id, code, **params) for code, params in KINDS[node.kind].check(config, checking)]
    return problems


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


def _check_edges(graph: Graph) -> Iterable[Problem]:
    kinds = {node.id: KINDS[node.kind] for node in graph.nodes if node.kind in KINDS}
    taken: Counter[tuple[str, str]] = Counter()
    for edge in graph.edges:
        missing = next((id for id in (edge.source, edge.target) if id not in kinds), None)
        if missing:
            yield _problem(missing, "edge_to_nowhere", to=missing)
            continue
        branch = branch_of(kinds[edge.source], edge.branch)
        if branch not in kinds[edge.source].branches:
            yield _problem(edge.source, "unknown_branch", branch=branch)
        if kinds[edge.target].entries:
            yield _problem(edge.target, "edge_into_trigger")
        taken[edge.source, branch] += 1
        if taken[edge.source, branch] == 2:
            yield _problem(edge.source, "branch_twice", branch=branch)


def _check_trigger(graph: Graph, triggers: list[str]) -> Iterable[Problem]:
    if not triggers and graph.nodes:
        yield _problem(None, "no_trigger")
    for id in triggers[1:]:
        yield _problem(id, "two_triggers")


def _check_paths(graph: Graph, triggers: list[str]) -> Iterable[Problem]:
    """Every node is reached, every path ends, and none runs in a circle."""
    after: dict[str, list[Edge]] = {node.id: [] for node in graph.nodes}
    for edge in graph.edges:
        after[edge.source].append(edge)
    for node in graph.nodes:
        kind = KINDS[node.kind]
        ordinary = next(iter(kind.branches), None)
        if ordinary and not any(branch_of(kind, edge.branch) == ordinary for edge in after[node.id]):
            yield _problem(node.id, "leads_nowhere")
    reached, circle = _walk(after, triggers)
    if circle:
        yield _problem(circle, "circle")
    for node in graph.nodes:
        if triggers and node.id not in reached and node.id not in triggers:
            yield _problem(node.id, "unreachable")


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
