"""The guard table: what may be sent when and how often. Vendors and law change; operators edit it as they do."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_network
from typing import Any, Literal

import msgspec
from sqlalchemy.engine import Connection

from siyu.delivery import queries
from siyu.delivery.calendar import Calendar, national_calendar
from siyu.delivery.channels import family_of
from siyu.delivery.defaults import DEFAULTS, EVERY, EVIDENCE_ZH, Policy
from siyu.delivery.hours import Window
from siyu.kit import FieldError, Invalid, iso


class ConsentRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``granted``: no message without a recorded yes; ``not_withdrawn``: a follow or friendship is the yes."""

    need: Literal["granted", "not_withdrawn"]


class WindowRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"opens": "from", "closes": "to"}):
    """Local times of the person between which sending is allowed."""

    opens: str
    closes: str

    def window(self) -> Window:
        return Window.parse(self.opens, self.closes)


class QuotaRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Most messages in a rolling hour, a local day, seven local days, a local month; 0 is no limit."""

    hour: int = 0
    day: int = 0
    days_7: int = 0
    month: int = 0


class TextRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a text on this channel must look like."""

    max_chars: int = 0
    ends_with: str = ""
    forbid: list[str] = []


class DaysRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """On which days messages go out: any, China's workdays (make-up days count), or all but public holidays."""

    on: Literal["every", "workdays", "not_holidays"]


class CalendarRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Days (``2027-01-01``) off and days of work that go beyond, or against, the calendar Siyu comes with."""

    holidays: list[str] = []
    workdays: list[str] = []


class RateRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Most hand-overs to the vendor in a rolling minute and hour; 0 is no limit."""

    minute: int = 0
    hour: int = 0


class ReplyWindow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``sends`` messages within ``seconds`` of the event."""

    sends: int
    seconds: int


class ReplyRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Only what answers a person: event → the window it opens."""

    after: dict[str, ReplyWindow]


class ExemptRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A channel that answers or serves: the cap over all channels, quiet hours, or the global holdout, don't hold for
    it."""

    cap: bool = False
    quiet_hours: bool = False
    holdout: bool = False


class PromoRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """At most ``percent`` of a person's messages in ``days`` may promote, once there are ``at_least`` of them."""

    percent: int = 100
    days: int = 30
    at_least: int = 5


class MachineRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What gives a program away that opens a link: parts of its name, where it calls from, how soon after the send."""

    agents: list[str] = []
    networks: list[str] = []
    seconds: float = 1.0


class AnnoyanceRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How bad signals count and fade. From ``tighten`` (0 to 100) on the cap over seven days shrinks, at ``stop``
    nothing goes out any more. ``ignored`` messages in a row without an answer begin to count."""

    half_life_days: int = 45
    tighten: int = 20
    stop: int = 70
    ignored: int = 12
    weights: dict[str, float] = {}


class AttributionRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An order belongs to the last click within ``days``."""

    days: int = 7


RULES: dict[str, type[Any]] = {
    "consent": ConsentRule,
    "send_window": WindowRule,
    "person_quota": QuotaRule,
    "account_quota": QuotaRule,
    "cap": QuotaRule,
    "text": TextRule,
    "days": DaysRule,
    "calendar": CalendarRule,
    "rate": RateRule,
    "reply_window": ReplyRule,
    "exempt": ExemptRule,
    "promo_share": PromoRule,
    "machines": MachineRule,
    "annoyance": AnnoyanceRule,
    "attribution": AttributionRule,
}
_OF_ALL = frozenset({"cap", "calendar", "promo_share", "machines", "annoyance", "attribution"})
"""Rules that hold for all channels together."""


def policy_table(conn: Connection) -> list[Policy]:
    """The guard table as it holds: what operators changed over what Siyu comes with."""
    rows = {(row.channel, row.rule): row for row in DEFAULTS}
    for row in queries.policy_rows(conn):
        value = msgspec.json.decode(row.value)
        rows[row.channel, row.rule] = Policy(row.channel, row.rule, value, row.evidence, iso(row.updated_at))
    return sorted(rows.values(), key=lambda row: (row.channel, row.rule))


_EVIDENCE = {zh: en for en, zh in EVIDENCE_ZH.items()}


def in_language(row: Policy, language: str) -> Policy:
    """A row with its evidence as it is read; what operators wrote themselves stays in their words."""
    said = EVIDENCE_ZH.get(row.evidence, row.evidence) if language == "zh" else row.evidence
    return msgspec.structs.replace(row, evidence=said)


def as_kept(row: Policy) -> Policy:
    """A row as it is kept: evidence Siyu comes with can be read in either language then."""
    return msgspec.structs.replace(row, evidence=_EVIDENCE.get(row.evidence, row.evidence))


class Policies:
    """The guard table as the gate asks it: a channel's own row, else the row for every channel."""

    def __init__(self, rows: Sequence[Policy]) -> None:
        self._rules = {(row.channel, row.rule): msgspec.convert(row.value, RULES[row.rule]) for row in rows}
        self._scopes: dict[tuple[str, str], str] = {}

    def _rule(self, channel: str, rule: str) -> Any:
        scope = self.scope(channel, rule)
        return self._rules[scope, rule] if scope else None

    def scope(self, channel: str, rule: str) -> str:
        """Whose row holds for a channel: its own, its owned channel's, or the one for all; empty without any."""
        found = self._scopes.get((channel, rule))
        if found is None:
            own = (channel, family_of(channel), EVERY)
            found = self._scopes[channel, rule] = next((s for s in own if (s, rule) in self._rules), "")
        return found

    def consent_needed(self, channel: str) -> bool:
        return bool(self._rule(channel, "consent").need == "granted")

    def window(self, channel: str) -> WindowRule:
        found: WindowRule = self._rule(channel, "send_window")
        return found

    def person_quota(self, channel: str) -> QuotaRule:
        return self._rule(channel, "person_quota") or QuotaRule()

    def account_quota(self, channel: str) -> QuotaRule:
        return self._rule(channel, "account_quota") or QuotaRule()

    def cap(self) -> QuotaRule:
        return self._rules.get((EVERY, "cap")) or QuotaRule()

    def text(self, channel: str) -> TextRule:
        return self._rule(channel, "text") or TextRule()

    def rate(self, channel: str) -> RateRule:
        return self._rule(channel, "rate") or RateRule()

    def days(self, channel: str) -> str:
        rule: DaysRule | None = self._rule(channel, "days")
        return rule.on if rule else "every"

    def calendar(self) -> Calendar:
        """China's calendar with what operators added."""
        added: CalendarRule | None = self._rules.get((EVERY, "calendar"))
        return national_calendar().changed(added.holidays, added.workdays) if added else national_calendar()

    def exempt(self, channel: str) -> ExemptRule:
        return self._rule(channel, "exempt") or ExemptRule()

    def promo_share(self) -> PromoRule:
        return self._rules.get((EVERY, "promo_share")) or PromoRule()

    def machines(self) -> MachineRule:
        return self._rules.get((EVERY, "machines")) or MachineRule()

    def annoyance(self) -> AnnoyanceRule:
        return self._rules.get((EVERY, "annoyance")) or AnnoyanceRule()

    def attribution_days(self) -> int:
        rule: AttributionRule = self._rules.get((EVERY, "attribution")) or AttributionRule()
        return rule.days

    def reply_windows(self, channel: str) -> dict[str, ReplyWindow]:
        """Event → window; empty where a channel needs no occasion."""
        rule: ReplyRule | None = self._rules.get((channel, "reply_window"))
        return rule.after if rule else {}

    def opening_events(self) -> set[str]:
        """Events that open a window on any channel."""
        found = [rule.after for (_, name), rule in self._rules.items() if name == "reply_window"]
        return {event for after in found for event in after}


def check(policy: Policy, position: int) -> list[FieldError]:
    """What is wrong with an edited row."""
    where = f"/items/{position}"
    if policy.rule not in RULES:
        return [FieldError(f"{where}/rule", f"There is no rule {policy.rule}; known are {', '.join(RULES)}.")]
    if policy.rule in _OF_ALL and policy.channel != EVERY:
        return [FieldError(f"{where}/channel", f"The {policy.rule} holds for all channels together: its channel is *.")]
    try:
        value = msgspec.convert(policy.value, RULES[policy.rule])
        if isinstance(value, WindowRule):
            value.window()
        if isinstance(value, CalendarRule):
            national_calendar().changed(value.holidays, value.workdays)
        if isinstance(value, MachineRule):
            [ip_network(network, strict=False) for network in value.networks]
    except (msgspec.ValidationError, ValueError) as error:
        return [FieldError(f"{where}/value", str(error))]
    if fault := _out_of_range(value):
        return [FieldError(f"{where}/value", fault)]
    if isinstance(value, ReplyRule) and any(w.sends < 1 or w.seconds < 1 for w in value.after.values()):
        return [FieldError(f"{where}/value", "A window lets at least one message through, for at least one second.")]
    if isinstance(value, QuotaRule | RateRule) and min(msgspec.structs.astuple(value)) < 0:
        return [FieldError(f"{where}/value", "A limit can't be below 0; 0 means no limit.")]
    return []


def _out_of_range(value: Any) -> str:
    if isinstance(value, PromoRule) and not (
        0 <= value.percent <= 100 and 1 <= value.days <= 31 and value.at_least > 0
    ):
        return "percent lies in 0 to 100, days in 1 to 31, at_least is 1 or more."
    if isinstance(value, AnnoyanceRule) and not (
        1 <= value.half_life_days <= 730 and 0 < value.tighten < value.stop <= 100 and value.ignored > 0
    ):
        return "half_life_days lies in 1 to 730, tighten below stop, both in 1 to 100."
    if isinstance(value, AttributionRule) and not 1 <= value.days <= 90:
        return "days lies in 1 to 90."
    return ""


def checked(policies: Sequence[Policy]) -> None:
    """Raises Invalid naming every row that can't stand."""
    errors = [error for position, policy in enumerate(policies) for error in check(policy, position)]
    if errors:
        raise Invalid(errors=errors)
