"""A published version, ready to run: nodes with their settings decoded and the way from one to the next."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from siyu.journeys.nodes import KINDS
from siyu.journeys.nodes.contract import THEN, Kind
from siyu.journeys.nodes.trigger_event import TriggerConfig
from siyu.journeys.types import Graph


class Station(msgspec.Struct, frozen=True):
    """A node of a plan. ``ways``: branch → the node it leads to."""

    id: str
    kind: Kind
    config: Any
    ways: dict[str, str]


class Plan(msgspec.Struct, frozen=True):
    """``exits``: events that end a run wherever it is; ``signals``: node → events that cut its wait short."""

    trigger: Station
    stations: dict[str, Station]
    exits: frozenset[str]
    signals: dict[str, frozenset[str]]

    @property
    def settings(self) -> TriggerConfig:
        found: TriggerConfig = self.trigger.config
        return found

    @property
    def starts(self) -> frozenset[str]:
        """Events that make people enter."""
        return self.trigger.kind.listens(self.trigger.config)

    @property
    def marks(self) -> frozenset[str]:
        """Events whose last time must be remembered."""
        return self.exits.union(*self.signals.values())


def branch_of(kind: Kind, branch: str | None) -> str:
    """An edge without a branch is the first one."""
    return branch or next(iter(kind.branches), THEN)


@lru_cache(maxsize=512)
def plan_of(graph_text: str) -> Plan:
    """The plan of a checked graph (JSON text)."""
    graph = msgspec.json.decode(graph_text, type=Graph)
    kinds = {node.id: KINDS[node.kind] for node in graph.nodes}
    ways: dict[str, dict[str, str]] = {node.id: {} for node in graph.nodes}
    for edge in graph.edges:
        ways[edge.source][branch_of(kinds[edge.source], edge.branch)] = edge.target
    stations = {
        node.id: Station(node.id, kinds[node.id], msgspec.convert(node.config, kinds[node.id].config), ways[node.id])
        for node in graph.nodes
    }
    trigger = next(station for station in stations.values() if station.kind.entries)
    waiting = [station for station in stations.values() if not station.kind.entries]
    return Plan(
        trigger=trigger,
        stations=stations,
        exits=frozenset(trigger.config.exit_events),
        signals={s.id: events for s in waiting if (events := s.kind.listens(s.config))},
    )
