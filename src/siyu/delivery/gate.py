"""The one gate before every send. Its order is fixed; the first reason against wins.

consent → suppression (and whether there is an address at all) → quiet hours → channel quota → cap, higher priority
first → one person one campaign one send, by person and by address.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.engine import Connection

from siyu.delivery import queries
from siyu.delivery.channels import channels
from siyu.delivery.hours import Window, day_start, is_open, local_text, month_start, next_open, zone_named
from siyu.delivery.policies import Policies, QuotaRule
from siyu.delivery.types import Decision, Request
from siyu.kit import DAY, HOUR
from siyu.privacy import consent_of
from siyu.profiles import REACH_TEXTS, Reach, reachable_many, traits_of
from siyu.settings import current_settings

_LONGEST_PERIOD = 32 * DAY


class Held(msgspec.Struct, frozen=True):
    """A message that counts against a person's caps: its channel and when."""

    channel: str
    at: int


class Facts(msgspec.Struct):
    """Everything the gate needs to know about a set of requests, loaded set-wise and kept up as it decides.

    ``campaigns``: (campaign, person or address) → when it last went there.
    """

    now: int
    policies: Policies
    quiet: Window | None
    zones: dict[int, ZoneInfo]
    consent: dict[tuple[int, str], str]
    reach: dict[tuple[int, str], Reach]
    suppressed: dict[tuple[str, str], str]
    enabled: set[str]
    held: dict[int, list[Held]]
    channel_used: dict[tuple[str, str], int]
    campaigns: dict[tuple[str, int | str], int]
    shop_zone: ZoneInfo

    def address(self, request: Request) -> str:
        return self.reach[request.person, request.channel].address or ""

    def book(self, request: Request) -> None:
        """Count an allowed request, so that the next one in the same set meets it."""
        self.held[request.person].append(Held(request.channel, self.now))
        self.gone(request.campaign, request.person, self.address(request), self.now)
        for period in QuotaRule.__struct_fields__:
            self.channel_used[request.channel, period] += 1

    def gone(self, campaign: str, person: int, address: str, at: int) -> None:
        """Note that a campaign went to a person and an address."""
        for receiver in (person, address):
            self.campaigns[campaign, receiver] = max(at, self.campaigns.get((campaign, receiver), 0))


def load(conn: Connection, requests: Sequence[Request], policies: Policies, enabled: set[str], now: int) -> Facts:
    """The facts about requests: a handful of questions whatever their number."""
    settings = current_settings(conn)
    persons = sorted({request.person for request in requests})
    shop_zone = zone_named(settings.timezone, "Asia/Shanghai")
    facts = Facts(
        now=now,
        policies=policies,
        quiet=_quiet(settings.quiet_hours),
        zones=zones_of(conn, persons, settings.timezone),
        consent={},
        reach={},
        suppressed={},
        enabled=enabled,
        held=defaultdict(list),
        channel_used=defaultdict(int),
        campaigns={},
        shop_zone=shop_zone,
    )
    for person, channel, at, on_its_way in queries.history(conn, persons, now - _LONGEST_PERIOD):
        facts.held[person].append(Held(channel, now if on_its_way else at))
    for channel in {request.channel for request in requests}:
        _load_channel(conn, facts, channel, sorted({r.person for r in requests if r.channel == channel}))
    for campaign in {request.campaign for request in requests}:
        asked = [request for request in requests if request.campaign == campaign]
        addresses = sorted({facts.address(request) for request in asked} - {""})
        people = sorted({request.person for request in asked})
        for person, address, at in queries.campaign_history(conn, campaign, people, addresses):
            facts.gone(campaign, person, address, at)
    return facts


def _load_channel(conn: Connection, facts: Facts, channel: str, persons: list[int]) -> None:
    facts.consent.update(((person, channel), said) for person, said in consent_of(conn, persons, channel).items())
    found = reachable_many(conn, persons, channel)
    facts.reach.update(((person, channel), reach) for person, reach in found.items())
    addresses = sorted({reach.address for reach in found.values() if reach.address})
    on_list = queries.suppressed(conn, channel, addresses)
    facts.suppressed.update(((channel, address), why) for address, why in on_list.items())
    quota = facts.policies.account_quota(channel)
    for period, since in _periods(quota, facts.now, facts.shop_zone):
        facts.channel_used[channel, period] = queries.channel_history(conn, channel, since)


def zones_of(conn: Connection, persons: Sequence[int], fallback: str) -> dict[int, ZoneInfo]:
    """Each person's own time zone (trait ``timezone``), else the shop's."""
    known = traits_of(conn, persons, ["timezone"])
    return {
        person: zone_named(str(known.get(person, {}).get("timezone", "")) or fallback, fallback) for person in persons
    }


def _quiet(hours: Any) -> Window | None:
    """Quiet from start to end, so open from end to start."""
    return Window.parse(hours.end, hours.start) if hours and hours.start != hours.end else None


def _periods(quota: QuotaRule, now: int, zone: ZoneInfo) -> Iterable[tuple[str, int]]:
    """(period, since when) of every limit that is set."""
    starts: dict[str, Callable[[], int]] = {
        "hour": lambda: now - HOUR,
        "day": lambda: day_start(now, zone),
        "days_7": lambda: day_start(now, zone, -6),
        "month": lambda: month_start(now, zone),
    }
    return [(period, start()) for period, start in starts.items() if getattr(quota, period)]


def _consent(request: Request, facts: Facts) -> Decision | None:
    said = facts.consent[request.person, request.channel]
    if said == "withdrawn":
        return Decision(False, "consent_withdrawn")
    if said == "unknown" and facts.policies.consent_needed(request.channel):
        return Decision(False, "consent_missing")
    return None


def _suppression(request: Request, facts: Facts) -> Decision | None:
    reach = facts.reach[request.person, request.channel]
    cause = facts.suppressed.get((request.channel, reach.address or ""))
    if cause:
        return Decision(False, "suppressed", {"cause": cause})
    channel = channels().get(request.channel)
    if reach.ok and reach.address and channel and not channel.address_fault(reach.address):
        return None
    why = reach.why if not reach.ok else "no_address"
    text = REACH_TEXTS.get(why, {"zh": why, "en": why})
    return Decision(False, "unreachable", {"why": why, "why_zh": text["zh"], "why_en": text["en"]})


def opening(now: int, zone: ZoneInfo, windows: Sequence[Window]) -> int:
    """The first moment from ``now`` on inside every window; 0 when they never overlap."""
    moment = now
    for _ in range(8):
        for window in windows:
            moment = next_open(moment, zone, window)
        if all(is_open(moment, zone, window) for window in windows):
            return moment
    return 0


def windows_of(facts: Facts, channel: str) -> list[Window]:
    window = facts.policies.window(channel).window()
    return [window, facts.quiet] if facts.quiet else [window]


def _quiet_hours(request: Request, facts: Facts) -> Decision | None:
    zone = facts.zones[request.person]
    opens = opening(facts.now, zone, windows_of(facts, request.channel))
    if opens == facts.now:
        return None
    rule = facts.policies.window(request.channel)
    text = local_text(opens, zone) if opens else "-"
    params = {"from": rule.opens, "to": rule.closes, "zone": zone.key, "opens": text}
    return Decision(False, "quiet_hours", params, retry_at=opens)


def _quota(request: Request, facts: Facts) -> Decision | None:
    if request.channel not in facts.enabled:
        return Decision(False, "channel_off", retry_at=facts.now + HOUR)
    own = [held.at for held in facts.held[request.person] if held.channel == request.channel]
    quota = facts.policies.person_quota(request.channel)
    if full := _full(quota, own, facts.now, facts.zones[request.person]):
        return Decision(False, "person_quota", {"period": full, "limit": getattr(quota, full)}, _later(facts, request))
    quota = facts.policies.account_quota(request.channel)
    for period in QuotaRule.__struct_fields__:
        limit = getattr(quota, period)
        if limit and facts.channel_used[request.channel, period] >= limit:
            return Decision(False, "account_quota", {"period": period, "limit": limit}, facts.now + HOUR)
    return None


def _cap(request: Request, facts: Facts) -> Decision | None:
    cap = facts.policies.cap()
    times = [held.at for held in facts.held[request.person]]
    full = _full(cap, times, facts.now, facts.zones[request.person])
    if not full:
        return None
    return Decision(False, "cap", {"period": full, "limit": getattr(cap, full)}, _later(facts, request))


def _full(quota: QuotaRule, times: Sequence[int], now: int, zone: ZoneInfo) -> str:
    """The first period whose limit is reached, or empty."""
    for period, since in _periods(quota, now, zone):
        if sum(at >= since for at in times) >= getattr(quota, period):
            return period
    return ""


def _later(facts: Facts, request: Request) -> int:
    """When the person's next day opens for this channel."""
    zone = facts.zones[request.person]
    return opening(day_start(facts.now, zone, 1), zone, windows_of(facts, request.channel))


def _once(request: Request, facts: Facts) -> Decision | None:
    since = facts.now - request.repeat_days * DAY if request.repeat_days else -1
    for code, receiver in (("campaign_repeat", request.person), ("address_repeat", facts.address(request))):
        at = facts.campaigns.get((request.campaign, receiver), -1)
        if at > since:
            return Decision(False, code, {"at": at})
    return None


ORDER: tuple[tuple[str, Callable[[Request, Facts], Decision | None]], ...] = (
    ("consent", _consent),
    ("suppression", _suppression),
    ("quiet_hours", _quiet_hours),
    ("channel_quota", _quota),
    ("cap", _cap),
    ("once", _once),
)


WHILE_WAITING = frozenset({"consent", "suppression", "quiet_hours"})
"""Looked at once more when a queued message is taken out: these can turn while it waits."""


def decide(requests: Sequence[Request], facts: Facts) -> list[Decision]:
    """One decision a request, in the order given. The higher priority is asked first and takes the room there is."""
    decisions: dict[int, Decision] = {}
    for position in sorted(range(len(requests)), key=lambda place: (-requests[place].priority, place)):
        request = requests[position]
        refused = (check(request, facts) for _, check in ORDER)
        decision = next((answer for answer in refused if answer), Decision(True, "allowed"))
        if decision.ok:
            facts.book(request)
        decisions[position] = decision
    return [decisions[position] for position in range(len(requests))]
