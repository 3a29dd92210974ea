"""Journeys as drawn, as run and as shown. Times are epoch ms, in views ISO 8601."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from siyu.journeys.settings import JourneySettings

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
    settings: JourneySettings = msgspec.field(default_factory=JourneySettings)


class Problem(msgspec.Struct, frozen=True):
    """What keeps a graph from being published. ``node`` null: the graph as a whole."""

    node: str | None
    code: str
    text: Text


class Run(msgspec.Struct, gc=False):
    """A person on their way through one version of a journey.

    ``arrived_at`` is when the run came to its node, 0 when the node hasn't looked at it yet. ``event`` are the
    properties of the event it began with, and what webhooks answered since. ``signal`` is what cut a wait short.
    ``converted_at``: when it came to its goal, 0 before.
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
    converted_at: int = 0


class Move(msgspec.Struct, gc=False):
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
    goal: bool = False
    """The run has come to its goal."""
    told: str = ""
    """What the run knows now (JSON text), where that has changed."""
    into: str = ""
    """Another journey the person is let into."""
    enters: bool = False
    """Only now the person has entered; until then the run stood on its trigger."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """Something that makes a person enter: ``key`` recognises it when it is seen again, ``props`` is JSON text.

    ``anchor`` stands for the identifier it came with. ``due``: when the trigger can tell, 0 for at once.
    """

    person: int
    anchor: int
    at: int
    key: str
    props: str
    due: int = 0


def looked_up(values: Any, path: str) -> Any:
    """The value at a dotted path of decoded JSON; None where there is none."""
    for name in path.split("."):
        values = values.get(name) if isinstance(values, dict) else None
    return values


class Step(msgspec.Struct, frozen=True, gc=False):
    """A row of the trace."""

    run: int
    at: int
    node: str
    kind: str
    code: str
    params: dict[str, Any]


class NewJourney(msgspec.Struct, frozen=True):
    """``template`` null starts with an empty graph. ``language`` of its texts, null for the shop's; ``audience`` for a
    template that begins with one."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    template: Annotated[str, msgspec.Meta(max_length=60)] | None = None
    language: Literal["zh-CN", "en"] | None = None
    audience: Annotated[str, msgspec.Meta(max_length=60)] = ""


class TemplateView(msgspec.Struct, frozen=True):
    """A journey to start from. ``audience``: the one it begins with, as it would be made; ``rule`` is rule JSON."""

    name: str
    label: Text
    hint: Text
    graph: Graph
    audience: dict[str, Any] | None


class JourneyChange(msgspec.Struct, frozen=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    graph: Graph


class NodeCounts(msgspec.Struct, frozen=True, rename={"entered": "in", "left": "out"}):
    """``branches``: how many went on by each; ``refused``: messages the gate held back here, by reason."""

    entered: int = 0
    waiting: int = 0
    left: int = 0
    branches: dict[str, int] = {}
    refused: dict[str, int] = {}


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
    converted: int = 0


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


Group = Literal["trigger", "wait", "branch", "action", "end"]


class VersionView(msgspec.Struct, frozen=True):
    """A published version. ``inside``: people still on their way through it."""

    number: int
    published_at: str
    published_by: str
    graph: Graph
    inside: int


class KindView(msgspec.Struct, frozen=True):
    """``dynamic_branches`` names the list in the settings whose items' ``name`` are branches too, before ``branches``;
    each of those has to lead somewhere. An edge without a branch is the first of ``branches``.
    """

    kind: str
    label: Text
    config_schema: dict[str, Any]
    branches: list[str]
    branch_labels: dict[str, Text]
    trigger: bool
    group: Group
    dynamic_branches: str | None = None


class Publishing(msgspec.Struct, frozen=True):
    """``inside``: those inside an older version ``finish`` on it, or are moved (``move``) to the new one where that
    still has their node."""

    inside: Literal["finish", "move"] = "finish"


class People(msgspec.Struct, frozen=True):
    """Who is to enter: persons by their public ids or identifiers (``user_id:42``), or an audience.

    ``key`` makes a repeat recognisable; without one every call is a new one.
    """

    persons: Annotated[list[Annotated[str, msgspec.Meta(max_length=300)]], msgspec.Meta(max_length=10_000)] = []
    audience: Annotated[str, msgspec.Meta(max_length=60)] | None = None
    props: dict[str, Any] = {}
    key: Annotated[str, msgspec.Meta(max_length=120)] = ""


class StartView(msgspec.Struct, frozen=True):
    """People who were told to enter together. ``unknown``: names nobody goes by; ``refused``: who may not enter."""

    id: str
    state: Literal["open", "done"]
    at: str
    total: int
    entered: int
    refused: int
    unknown: list[str] = []


TaskState = Literal["open", "done", "refused", "expired"]


class TaskView(msgspec.Struct, frozen=True):
    """Something a member of staff is to do for a person on their way. ``results``: what it may end with."""

    id: str
    journey_id: str
    journey_name: str
    run_id: str
    person: str
    name: str | None
    owner: str
    title: str
    note: str
    results: list[str]
    state: TaskState
    result: str | None
    comment: str | None
    created_at: str
    due_at: str
    ended_at: str | None
    ended_by: str | None


class TaskResult(msgspec.Struct, frozen=True):
    """``result``: one of the task's results, empty where it has none."""

    result: Annotated[str, msgspec.Meta(max_length=60)] = ""
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""


class Window(msgspec.Struct, frozen=True):
    """Which days back from now a draft is tried out over."""

    days: Annotated[int, msgspec.Meta(ge=1, le=366)] = 30


class EdgeCount(msgspec.Struct, frozen=True):
    node: str
    branch: str
    runs: int


class GateAnswer(msgspec.Struct, frozen=True):
    """``said``: ``queued``, or why the gate refuses."""

    node: str
    channel: str
    said: str
    times: int


class HourLoad(msgspec.Struct, frozen=True):
    at: str
    entered: int
    sends: int


class BacktestResult(msgspec.Struct, frozen=True):
    """``edges``: how many would have gone by each branch; ``hours``: only those in which something happens."""

    entered: int
    done: int
    exited: int
    holdout: int
    converted: int
    sends: int
    edges: list[EdgeCount]
    gate: list[GateAnswer]
    hours: list[HourLoad]


class BacktestView(msgspec.Struct, frozen=True):
    """``result`` once it is done; ``detail`` says why it failed."""

    id: str
    state: Literal["waiting", "running", "done", "failed"]
    progress: float
    since: str
    until: str
    created_at: str
    result: BacktestResult | None
    detail: str | None


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


class WebhookSecret(msgspec.Struct, frozen=True):
    secret: str
