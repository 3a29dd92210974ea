"""Shapes of campaigns and reviews. Times are ISO 8601 in JSON, epoch ms inside."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from siyu.experiments import Lift, Ratio, Worth

State = Literal["draft", "scheduled", "sending", "stopped", "done"]
HOLDOUT = "holdout"


class Variant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One content: a saved template (``tpl_…``; ``@n`` once started) for a share of those who are not held out."""

    template: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    percent: Annotated[float, msgspec.Meta(gt=0, le=100)] = 100.0


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a campaign does.

    ``starts_at`` empty: as soon as it is started. ``per_minute`` 0: as fast as the channel takes it. Who can't
    be written to just then is tried again for ``retry_hours``. ``goal_event`` within ``goal_days`` of the start is
    success.
    """

    audience: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    variants: Annotated[list[Variant], msgspec.Meta(min_length=1, max_length=4)]
    holdout: Annotated[float, msgspec.Meta(ge=0, le=90)] = 10.0
    per_minute: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0
    priority: Annotated[int, msgspec.Meta(ge=-100, le=100)] = 0
    starts_at: Annotated[str, msgspec.Meta(max_length=40)] = ""
    retry_hours: Annotated[int, msgspec.Meta(ge=0, le=168)] = 24
    goal_event: Annotated[str, msgspec.Meta(min_length=1, max_length=120)] = "order_paid"
    goal_days: Annotated[int, msgspec.Meta(ge=1, le=60)] = 7


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    plan: Plan


class Bilingual(msgspec.Struct, frozen=True):
    zh: str
    en: str


class Reason(msgspec.Struct, frozen=True):
    code: str
    text: Bilingual
    count: int


class FitLine(msgspec.Struct, frozen=True):
    """One thing that speaks for or against saying this to these people."""

    code: str
    level: Literal["good", "warn", "bad"]
    text: Bilingual


class Clash(msgspec.Struct, frozen=True):
    """Another campaign or journey that writes to the same persons on the same day."""

    id: str
    name: str
    state: str
    persons: int


class Estimate(msgspec.Struct, frozen=True):
    """What would happen at ``at``. ``reach`` pass the gate; ``units`` are what the channel counts (parts of an SMS).

    ``sampled``: how many were put to the gate where the audience is too large to ask for all; 0 when all were.
    """

    made_at: str
    at: str
    audience: int
    holdout: int
    reach: int
    units: int
    minutes: int
    refusals: list[Reason]
    fit: list[FitLine]
    clashes: list[Clash]
    sampled: int = 0


class Progress(msgspec.Struct, frozen=True):
    """Persons by where they stand, and messages by state."""

    audience: int = 0
    held: int = 0
    waiting: int = 0
    asked: int = 0
    refused: int = 0
    messages: dict[str, int] = {}


class CampaignView(msgspec.Struct, frozen=True):
    """``version`` counts edits. ``estimate`` is null until it was made for this version."""

    id: str
    name: str
    state: State
    version: int
    plan: Plan
    channel: str
    audience_name: str
    starts_at: str | None
    started_at: str | None
    ended_at: str | None
    progress: Progress
    estimate: Estimate | None
    created_at: str
    created_by: str


class Due(msgspec.Struct, frozen=True):
    """A campaign with work to do."""

    id: str
    name: str
    state: State
    plan: Plan
    starts_at: int
    started_at: int


class Member(msgspec.Struct, frozen=True):
    person: int
    arm: str
    code: str


class MemberView(msgspec.Struct, frozen=True):
    person: str
    name: str | None
    arm: str
    state: str
    text: Bilingual
    at: str | None


class WhyStep(msgspec.Struct, frozen=True):
    """``at`` is null where the moment isn't known."""

    at: str | None
    code: str
    text: Bilingual


class Why(msgspec.Struct, frozen=True):
    """Every decision about one person and one campaign, in order, and the verdict."""

    person: str
    campaign: str
    verdict: WhyStep
    steps: list[WhyStep]


class TestRequest(msgspec.Struct, frozen=True):
    """``variant`` counts from 0."""

    address: Annotated[str, msgspec.Meta(min_length=1, max_length=320)]
    person: Annotated[str, msgspec.Meta(max_length=40)] = ""
    variant: Annotated[int, msgspec.Meta(ge=0, le=3)] = 0


class CalendarItem(msgspec.Struct, frozen=True):
    """A campaign on a day of the shop's calendar."""

    id: str
    name: str
    state: State
    day: str
    channel: str
    audience: str
    clashes: list[Clash]


class VariantResult(msgspec.Struct, frozen=True):
    """``appeal`` and ``incentive`` are those of the template it was sent by."""

    template: str
    name: str
    incentive: str
    appeal: str
    sent: int
    opened: int
    clicked: int


class LinkResult(msgspec.Struct, frozen=True):
    address: str
    messages: int
    clicked: int
    clicks: int
    scans: int


class Review(msgspec.Struct, frozen=True):
    """What came of a campaign or journey. Persons but for ``clicks`` and ``scans``; GMV in fen.

    ``gmv`` and ``orders`` belong to it by the last click within ``attribution_days``. ``negative``: bad signals within
    three days of its messages. ``hours``: clicks by hour of the shop's day.
    """

    id: str
    name: str
    kind: Literal["campaign", "journey"]
    since: str | None
    participants: int
    holdout: int
    reached: int
    delivered: int
    opened: int
    clicked: int
    replied: int
    clicks: int
    scans: int
    refusals: list[Reason]
    outcomes: dict[str, int]
    orders: int
    units: int
    gmv: int
    attribution_days: int
    goal_event: str
    goal_days: int
    lift: Lift | None
    worth: Worth | None
    ratio: Ratio | None
    negative: list[Reason]
    hours: list[int]
    variants: list[VariantResult]
    links: list[LinkResult]
    next_action: str
    decided_by: str
    decided_at: str | None


class NextAction(msgspec.Struct, frozen=True):
    next_action: Annotated[str, msgspec.Meta(max_length=2000)]


class Figures(msgspec.Struct):
    """What the event engine tells of one campaign or journey."""

    orders: int = 0
    units: int = 0
    gmv: int = 0
    hours: list[int] = msgspec.field(default_factory=lambda: [0] * 24)
    clickers: int = 0
    negative: dict[str, int] = msgspec.field(default_factory=dict)


Params = dict[str, Any]
