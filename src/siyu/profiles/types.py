"""Shapes of what is known of a person. Times are epoch ms (0 = never), money is fen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, Protocol

import msgspec
from sqlalchemy.engine import Connection

from siyu.store import Store

StageName = Literal["new", "first_order", "repeat", "silent", "churned"]
STAGES: tuple[StageName, ...] = ("new", "first_order", "repeat", "silent", "churned")


class Windows(Protocol):
    """How many days make somebody silent or churned; ``settings.Lifecycle`` is one."""

    @property
    def new_days(self) -> int: ...
    @property
    def silent_days(self) -> int: ...
    @property
    def churned_days(self) -> int: ...


class Facts(msgspec.Struct, frozen=True, gc=False):
    """What is counted of a person. ``revenue`` is after refunds."""

    person: int
    created_at: int
    entered_at: int = 0
    entered_via: str = ""
    entered_source_id: str = ""
    orders: int = 0
    revenue: int = 0
    first_order_at: int = 0
    last_order_at: int = 0


class StageReason(msgspec.Struct, frozen=True):
    """What the stage was read from. ``since`` is when it began, 0 when the facts don't say."""

    orders: int
    last_order_at: int
    reference_at: int
    since: int
    windows: dict[str, int]


class Reach(msgspec.Struct, frozen=True):
    """Whether a person can be reached on a channel, ``why`` (a code of ``REACH_TEXTS``) and at which address.

    ``address`` is unmasked and kept also where consent is missing. ``since`` is epoch ms, 0 when unknown.
    """

    channel: str
    ok: bool
    why: str
    address: str | None = None
    since: int = 0


class Known(msgspec.Struct, gc=False):
    """The facts reach is computed from, of one person.

    ``addresses``: identifier family or trait → value; ``states``: channel → (on, at).
    """

    addresses: dict[str, str]
    states: dict[str, tuple[bool, int]]


class Trait(msgspec.Struct, frozen=True):
    """One trait as it holds. ``value`` is the decoded JSON, ``anchor`` the identifier that said it, as a number."""

    name: str
    value: Any
    at: int
    source_id: str
    anchor: int = 0


Strategy = Literal["latest", "first", "trusted", "longest"]
STRATEGIES: tuple[Strategy, ...] = ("latest", "first", "trusted", "longest")

TraitName = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
SourceId = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]


class TraitRules(msgspec.Struct, frozen=True):
    """Which of several values of a trait holds: the latest where ``strategies`` names none. ``trust``: source ids, the
    most trusted first; those not named come last. Counters are summed and lists joined whatever the strategy."""

    strategies: Annotated[dict[TraitName, Strategy], msgspec.Meta(max_length=1_000)] = {}
    trust: Annotated[list[SourceId], msgspec.Meta(max_length=1_000)] = []


class TraitRulesView(msgspec.Struct, frozen=True):
    """``refreshed`` is false while persons are still being written anew for a change."""

    strategies: dict[str, Strategy]
    trust: list[str]
    version: int
    refreshed: bool


class Order(msgspec.Struct, frozen=True):
    """An order as stored; ``raw`` is the JSON text it came as."""

    shop: str
    order_id: str
    paid_at: int
    amount: int
    refunded: int
    currency: str
    units: int
    source_id: str
    raw: str


class Happening(msgspec.Struct, frozen=True):
    """One event of a timeline as stored; ``props`` and ``context`` are JSON text."""

    key: int
    time: int
    received: int
    event: str
    source_id: str
    amount: int
    props: str
    context: str


class Bilingual(msgspec.Struct, frozen=True):
    zh: str
    en: str


class MaskedIdentifier(msgspec.Struct, frozen=True):
    type: str
    value: str


StaffWhy = Literal["hand", "list", "rule"]


class PersonStaff(msgspec.Struct, frozen=True):
    """Whether somebody is a staff or test account, and what says so (null: nothing says anything)."""

    staff: bool
    why: StaffWhy | None


class ListedIdentifier(msgspec.Struct, frozen=True):
    """An identifier on the list of staff, masked; ``id`` takes it off again."""

    id: str
    type: str
    value: str


class StaffView(msgspec.Struct, frozen=True):
    """``persons``: staff in all; ``ruled``: those the rule holds for; ``followed_at`` null: not looked at yet."""

    rule: Any
    identifiers: list[ListedIdentifier]
    persons: int
    ruled: int
    followed_at: str | None
    version: int


class NewListed(msgspec.Struct, frozen=True):
    type: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    value: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


class StaffDraft(msgspec.Struct, frozen=True):
    """``rule``: rule JSON, null for none. ``remove``: ids of listed identifiers."""

    rule: dict[str, Any] | None = None
    add: Annotated[list[NewListed], msgspec.Meta(max_length=1_000)] = []
    remove: Annotated[list[Annotated[str, msgspec.Meta(max_length=30)]], msgspec.Meta(max_length=1_000)] = []


class StaffAnswer(msgspec.Struct, frozen=True):
    """What an operator says of one person; null leaves it to rule and list."""

    staff: bool | None


class PersonItem(msgspec.Struct, frozen=True):
    """A person in a list, everything personal masked."""

    id: str
    name: str | None
    identifiers: list[MaskedIdentifier]
    stage: StageName
    orders: int
    revenue_fen: int
    created_at: str
    entered_at: str | None
    entered_via: str | None
    channels: list[str]
    staff: bool = False


class PersonItems(msgspec.Struct, frozen=True):
    """A page of persons; ``total_estimate`` counts all that fit the filters."""

    items: list[PersonItem]
    next: str | None
    total_estimate: int


class StageReasonView(msgspec.Struct, frozen=True):
    orders: int
    last_order_at: str | None
    windows: dict[str, int]


class StageView(msgspec.Struct, frozen=True):
    stage: StageName
    since: str | None
    reason: StageReasonView


class Entered(msgspec.Struct, frozen=True):
    at: str
    via: str
    source: str


class TraitView(msgspec.Struct, frozen=True):
    """``identifier`` is the one it came with, null where it is no identifier of this person."""

    name: str
    value: Any
    source: str
    source_name: str
    at: str
    identifier: MaskedIdentifier | None


class IdentifierView(msgspec.Struct, frozen=True):
    """``last_seen_at`` is null until the product keeps it."""

    type: str
    value: str
    first_seen_at: str
    last_seen_at: str | None
    source_name: str


class ReachView(msgspec.Struct, frozen=True):
    channel: str
    reachable: bool
    why: str
    text: Bilingual
    address: str | None
    since: str | None


class ConsentRow(Protocol):
    """What a person said, as the privacy room keeps it. ``at`` is epoch ms, ``evidence`` JSON text."""

    @property
    def channel(self) -> str: ...
    @property
    def purpose(self) -> str: ...
    @property
    def withdrawn(self) -> bool: ...
    @property
    def at(self) -> int: ...
    @property
    def evidence(self) -> str: ...


class ConsentView(msgspec.Struct, frozen=True):
    channel: str
    purpose: str
    state: str
    at: str
    evidence: Any


class MembershipView(msgspec.Struct, frozen=True):
    id: str
    name: str
    entered_at: str


class PortraitField(msgspec.Struct, frozen=True):
    """``value`` is null where nothing is known; ``source`` is the name of the source it came from."""

    field: str
    label: Bilingual
    value: Any
    source: str | None
    at: str | None


class Portrait(msgspec.Struct, frozen=True):
    """``completeness`` is the share of fields that have a value, 0 to 1."""

    fields: list[PortraitField]
    completeness: float


class FieldSource(msgspec.Struct, frozen=True):
    """A source that told a field of at least so many persons (its commonest trait); ``last_at``: when it last did."""

    name: str
    persons: int
    last_at: str


class BaseField(msgspec.Struct, frozen=True):
    """``completeness`` is the share of persons it is known of. ``sources``: those that told most."""

    field: str
    label: Bilingual
    persons: int
    completeness: float
    sources: list[FieldSource]
    last_at: str | None


class BasePortrait(msgspec.Struct, frozen=True):
    """``completeness``: the mean of its fields; ``whole``: persons of whom every field is known."""

    persons: int
    completeness: float
    whole: int
    fields: list[BaseField]
    at: str


SensitiveClass = Literal["health", "minors"]


class SensitiveTrait(msgspec.Struct, frozen=True):
    """A trait kept apart, with its class, which is also the purpose a person has to consent to."""

    name: str
    kind: str
    since: str


class Classified(msgspec.Struct, frozen=True):
    """``kind`` null: sensitive no more."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    kind: SensitiveClass | None


class SensitiveView(msgspec.Struct, frozen=True):
    """A trait kept apart: that it is there and where from, never its value. ``consented``: to this class of data."""

    name: str
    kind: str
    source_name: str
    at: str
    consented: bool


class PersonPage(msgspec.Struct, frozen=True):
    """Everything known of one person, personal data masked."""

    id: str
    name: str | None
    stage: StageView
    created_at: str
    entered: Entered | None
    orders: int
    revenue_fen: int
    first_order_at: str | None
    last_order_at: str | None
    traits: list[TraitView]
    identifiers: list[IdentifierView]
    merged_from: list[str]
    reachable: list[ReachView]
    consent: list[ConsentView]
    audiences: list[MembershipView]
    portrait: Portrait
    staff: PersonStaff
    sensitive: list[SensitiveView]


class TimelineItem(msgspec.Struct, frozen=True):
    key: str
    time: str
    received_at: str
    event: str
    label: Bilingual
    source_name: str
    amount_fen: int
    props: Any
    context: Any


class OrderView(msgspec.Struct, frozen=True):
    """``status``: paid, partly_refunded, refunded, or refund_only when the order itself has not arrived yet."""

    order_id: str
    shop: str
    paid_at: str | None
    amount_fen: int
    refunded_fen: int
    currency: str
    units: int
    source_name: str
    status: str
    raw: Any


RevealField = Literal["identifiers", "name", "traits", "sensitive"]


class RevealRequest(msgspec.Struct, frozen=True):
    fields: Annotated[list[RevealField], msgspec.Meta(min_length=1, max_length=4)]


class Revealed(msgspec.Struct, frozen=True, omit_defaults=True):
    """Personal data in clear; only what was asked for is there."""

    identifiers: list[MaskedIdentifier] | None = None
    name: str | None = None
    traits: dict[str, Any] | None = None
    sensitive: dict[str, Any] | None = None


def _fine(_store: Store, _rule: Any, _language: str) -> None:
    """Nobody is there who could find a fault."""


def _nobody(_conn: Connection, _persons: Sequence[int]) -> Mapping[int, frozenset[str]]:
    return {}


def _nowhere(_conn: Connection) -> Mapping[str, str]:
    return {}


def _nothing(_conn: Connection, _person: int) -> list[Any]:
    return []


class PersonParts(msgspec.Struct, frozen=True):
    """What a person page shows of rooms this one may not import; ``app.py`` fills it in.

    ``check_rule`` raises on a rule that is none, in a language;
    ``withdrawn``: persons → channels without consent; ``consent`` and ``audiences``: what one person's page lists;
    ``accounts``: owned channel → the kind of address of our own account there.
    """

    withdrawn: Callable[[Connection, Sequence[int]], Mapping[int, frozenset[str]]] = _nobody
    check_rule: Callable[[Store, Any, str], None] = _fine
    consent: Callable[[Connection, int], Sequence[ConsentRow]] = _nothing
    audiences: Callable[[Connection, int], Sequence[MembershipView]] = _nothing
    accounts: Callable[[Connection], Mapping[str, str]] = _nowhere
