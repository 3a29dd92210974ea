"""Journeys as drawn, as run and as shown. Times are epoch ms, in views ISO 8601."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

JourneyState = Literal["draft", "live", "paused", "retired"]
RunState = Literal["waiting", "done", "exited", "holdout", "parked"]
ENDED = ("done", "exited", "holdout")

Text = dict[str, str]
"""``{zh, en}``."""

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9_\-]+$")]


class Node(msgspec.Struct, frozen=True):
    id: Id
    kind: Annotated[str, msgspec.Meta(max_length=60)]
    config: dict[str, Any] = {}


class Edge(msgspec.Struct, frozen=True, rename={"source": "from", "target": "to"}):
    """``branch`` null is the node's first branch."""

    source: Id
    target: Id
    branch: Annotated[str, msgspec.Meta(max_length=60)] | None = None


class Graph(msgspec.Struct, frozen=True):
    nodes: Annotated[list[Node], msgspec.Meta(max_length=200)] = []
    edges: Annotated[list[Edge], msgspec.Meta(max_length=400)] = []


class Problem(msgspec.Struct, frozen=True):
    """What keeps a graph from being published. ``node`` null: the graph as a whole."""

    node: str | None
    code: str
    text: Text


class Run(msgspec.Struct):
    """A person on their way through one version of a journey.

    ``arrived_at`` is when the run came to its node, 0 when the node hasn't looked at it yet. ``event`` are the
    properties of the event it began with. ``signal`` is the event that cut a wait short.
    """

    id: int
    journey: str
    version: int
    person: int
    node: str
    state: RunState
    entered_at: int
    due_at: int
    arrived_at: int
    event: str
    """JSON text, read only where it is needed."""
    signal: str = ""
    outcome: str = ""
    ended_at: int = 0


class Move(msgspec.Struct):
    """What a node does with a run: follow ``branch``, stay until ``wait_until``, or end it as ``end``.

    ``code`` and ``params`` go into the trace. ``arrived_at`` is set where waiting begins.
    """

    run: Run
    code: str
    params: dict[str, Any] = {}
    branch: str = ""
    wait_until: int = 0
    arrived_at: int = 0
    end: RunState | Literal[""] = ""
    outcome: str = ""


class Entry(msgspec.Struct, frozen=True):
    """Something that makes a person enter: ``key`` recognises it when it is seen again, ``props`` is JSON text.

    ``anchor`` stands for the identifier it came with.
    """

    person: int
    anchor: int
    at: int
    key: str
    props: str


class Step(msgspec.Struct, frozen=True):
    """A row of the trace."""

    run: int
    at: int
    node: str
    kind: str
    code: str
    params: dict[str, Any]


class NewJourney(msgspec.Struct, frozen=True):
    """``template`` null starts with an empty graph."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    template: Annotated[str, msgspec.Meta(max_length=60)] | None = None


class JourneyChange(msgspec.Struct, frozen=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    graph: Graph


class NodeCounts(msgspec.Struct, frozen=True, rename={"entered": "in", "left": "out"}):
    entered: int = 0
    waiting: int = 0
    left: int = 0


class Counts(msgspec.Struct, frozen=True):
    """Runs that entered, wait, were held out, left early, stand parked; messages sent, refused, failed, in doubt."""

    entered: int = 0
    waiting: int = 0
    sent: int = 0
    refused: int = 0
    holdout: int = 0
    exited: int = 0
    failed: int = 0
    done: int = 0
    parked: int = 0
    in_doubt: int = 0


class JourneyView(msgspec.Struct, frozen=True):
    """``version`` guards edits of the draft; ``published_version`` is what people enter now, null before."""

    id: str
    name: str
    state: JourneyState
    version: int
    published_version: int | None
    published_at: str | None
    graph: Graph
    counts: Counts
    nodes_counts: dict[str, NodeCounts]
    created_at: str


class KindView(msgspec.Struct, frozen=True):
    kind: str
    label: Text
    config_schema: dict[str, Any]
    branches: list[str]
    branch_labels: dict[str, Text]
    trigger: bool


class Checked(msgspec.Struct, frozen=True):
    problems: list[Problem]


class RunView(msgspec.Struct, frozen=True):
    run_id: str
    person: str
    name: str | None
    node: str | None
    state: RunState
    entered_at: str
    due_at: str | None
    ended_at: str | None
    outcome: str | None
    version: int


class StepView(msgspec.Struct, frozen=True):
    """One decision, in words. ``at`` null: no moment belongs to it."""

    at: str | None
    node: str | None
    kind: str
    code: str
    params: dict[str, Any]
    text: Text


class RunDetail(msgspec.Struct, frozen=True):
    run_id: str
    person: str
    name: str | None
    node: str | None
    state: RunState
    entered_at: str
    due_at: str | None
    ended_at: str | None
    outcome: str | None
    version: int
    steps: list[StepView]


class Verdict(msgspec.Struct, frozen=True):
    code: str
    text: Text


class JourneyName(msgspec.Struct, frozen=True):
    id: str
    name: str
    state: JourneyState


class Trace(msgspec.Struct, frozen=True):
    """Why a person did or did not get a journey's message: the verdict, and every decision in order."""

    person: str
    journey: JourneyName
    verdict: Verdict
    steps: list[StepView]
