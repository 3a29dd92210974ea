"""A published version, ready to run: nodes with their settings decoded and the way from one to the next."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from siyu.journeys.nodes import KINDS
from siyu.journeys.nodes.contract import THEN, Kind
from siyu.journeys.settings import JourneySettings, lifted
from siyu.journeys.types import Graph


class Station(msgspec.Struct, frozen=True):
    """A node of a plan. ``ways``: branch → the node it leads to."""

    id: str
    kind: Kind
    config: Any
    ways: dict[str, str]


class Plan(msgspec.Struct, frozen=True):
    """``signals``: node → events that cut its wait short; ``marks``: events whose last time must be remembered."""

    trigger: Station
    stations: dict[str, Station]
    settings: JourneySettings
    signals: dict[str, frozenset[str]]
    starts: frozenset[str]
    cuts: frozenset[str]
    exits: frozenset[str]
    goals: frozenset[str]
    marks: frozenset[str]

    @property
    def first(self) -> str:
        """Where people begin: behind the trigger, or at it where it has something to wait for."""
        return self.trigger.id if self.cuts else next(iter(self.trigger.ways.values()))

    @property
    def event(self) -> str:
        """The event that makes people enter; empty where something else does."""
        return str(getattr(self.trigger.config, "event", ""))


def branch_of(kind: Kind, branch: str | None) -> str:
    """An edge without a branch is the first one."""
    return branch or next(iter(kind.branches), THEN)


def modern(graph: Graph) -> Graph:
    """A graph with what older ones wrote on their trigger in the settings of the journey."""
    nodes, whole = [], msgspec.structs.asdict(graph.settings)
    for node in graph.nodes:
        config, lifts = lifted(node.config) if node.kind.startswith("trigger_") else (node.config, {})
        whole |= lifts
        nodes.append(msgspec.structs.replace(node, config=config) if lifts else node)
    if whole == msgspec.structs.asdict(graph.settings):
        return graph
    return Graph(nodes, graph.edges, msgspec.convert(whole, JourneySettings))


@lru_cache(maxsize=512)
def plan_of(graph_text: str) -> Plan:
    """The plan of a checked graph (JSON text)."""
    graph = modern(msgspec.json.decode(graph_text, type=Graph))
    kinds = {node.id: KINDS[node.kind] for node in graph.nodes}
    ways: dict[str, dict[str, str]] = {node.id: {} for node in graph.nodes}
    for edge in graph.edges:
        ways[edge.source][branch_of(kinds[edge.source], edge.branch)] = edge.target
    stations = {
        node.id: Station(node.id, kinds[node.id], msgspec.convert(node.config, kinds[node.id].config), ways[node.id])
        for node in graph.nodes
    }
    trigger = next(station for station in stations.values() if station.kind.group == "trigger")
    waiting = [station for station in stations.values() if station is not trigger]
    signals = {s.id: events for s in waiting if (events := s.kind.listens(s.config))}
    cuts, settings = trigger.kind.cuts(trigger.config), graph.settings
    exits, goals = frozenset(settings.exit_events), frozenset(settings.goal_events)
    return Plan(
        trigger=trigger,
        stations=stations,
        settings=settings,
        signals=signals,
        starts=trigger.kind.listens(trigger.config),
        cuts=cuts,
        exits=exits,
        goals=goals,
        marks=exits.union(goals, cuts, *signals.values()),
    )
