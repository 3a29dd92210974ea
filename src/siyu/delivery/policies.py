"""The guard table: what may be sent when and how often. Vendors and law change; operators edit it as they do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from siyu.delivery.hours import Window
from siyu.kit import FieldError, Invalid

EVERY = "*"


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


RULES: dict[str, type[Any]] = {
    "consent": ConsentRule,
    "send_window": WindowRule,
    "person_quota": QuotaRule,
    "account_quota": QuotaRule,
    "cap": QuotaRule,
    "text": TextRule,
}


class Policy(msgspec.Struct, frozen=True):
    """One row of the guard table. ``value`` is the JSON form of the rule's Struct."""

    channel: str
    rule: str
    value: dict[str, Any]
    evidence: str
    updated_at: str


def _row(channel: str, rule: str, value: dict[str, Any], evidence: str, date: str) -> Policy:
    return Policy(channel, rule, value, evidence, f"{date}T00:00:00.000Z")


DEFAULTS: tuple[Policy, ...] = (
    _row(EVERY, "cap", {"day": 1, "days_7": 3}, "ours: all marketing to one person, over all channels", "2026-01-01"),
    _row(EVERY, "consent", {"need": "not_withdrawn"}, "PIPL: withdrawing is as easy as giving", "2026-01-01"),
    _row(EVERY, "send_window", {"from": "08:00", "to": "21:00"}, "field practice", "2026-01-01"),
    _row("email", "consent", {"need": "granted"}, "field practice", "2026-01-01"),
    _row("email", "send_window", {"from": "08:00", "to": "21:00"}, "field practice", "2026-01-01"),
    _row("sms", "consent", {"need": "granted"}, "carriers and SMS providers: consent first", "2026-01-01"),
    _row(
        "sms", "send_window", {"from": "09:00", "to": "20:00"}, "default; carriers allow 08:00 to 21:00", "2026-01-01"
    ),
    _row("sms", "person_quota", {"hour": 4}, "SMS providers: at most 4 an hour to a number", "2026-01-01"),
    _row(
        "sms",
        "text",
        {"max_chars": 500, "ends_with": "拒收请回复R", "forbid": ["【", "】"]},
        "SMS providers' rules for marketing texts",
        "2026-01-01",
    ),
    _row(
        "wecom_friend",
        "person_quota",
        {"day": 1},
        "WeCom documentation 2025-11: 1 mass message per customer per day (the older 4 per month is outdated)",
        "2025-11-01",
    ),
    _row("official_account", "person_quota", {"month": 4}, "service account: 4 mass messages per month", "2023-06-01"),
)


class Policies:
    """The guard table as the gate asks it: a channel's own row, else the row for every channel."""

    def __init__(self, rows: Sequence[Policy]) -> None:
        self._rules = {(row.channel, row.rule): msgspec.convert(row.value, RULES[row.rule]) for row in rows}

    def _rule(self, channel: str, rule: str) -> Any:
        return self._rules.get((channel, rule)) or self._rules.get((EVERY, rule))

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


def check(policy: Policy, position: int) -> list[FieldError]:
    """What is wrong with an edited row."""
    where = f"/items/{position}"
    if policy.rule not in RULES:
        return [FieldError(f"{where}/rule", f"There is no rule {policy.rule}; known are {', '.join(RULES)}.")]
    if policy.rule == "cap" and policy.channel != EVERY:
        return [FieldError(f"{where}/channel", "The cap counts all channels together, so its channel is *.")]
    try:
        value = msgspec.convert(policy.value, RULES[policy.rule])
        if isinstance(value, WindowRule):
            value.window()
    except (msgspec.ValidationError, ValueError) as error:
        return [FieldError(f"{where}/value", str(error))]
    if isinstance(value, QuotaRule) and min(msgspec.structs.astuple(value)) < 0:
        return [FieldError(f"{where}/value", "A limit can't be below 0; 0 means no limit.")]
    return []


def checked(policies: Sequence[Policy]) -> None:
    """Raises Invalid naming every row that can't stand."""
    errors = [error for position, policy in enumerate(policies) for error in check(policy, position)]
    if errors:
        raise Invalid(errors=errors)
