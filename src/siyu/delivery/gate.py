"""The one gate before every send. Its order is fixed; the first reason against wins.

consent → suppression (and whether there is an address at all) → global holdout → quiet hours and closed days → the
windows and consents the channel lives by, then its quota → cap (tighter for whom we annoy), higher priority first →
share of promotion → one person one campaign one send, by person and by address.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.engine import Connection

from siyu.catalog import OWNED_CHANNELS
from siyu.delivery import annoyance, occasion_queries, queries
from siyu.delivery.calendar import Calendar
from siyu.delivery.channels import channels, family_of
from siyu.delivery.hours import (
    DAY_END,
    Window,
    clock_text,
    day_start,
    is_open,
    local_day,
    local_text,
    month_start,
    next_open,
    zone_named,
)
from siyu.delivery.policies import Policies, QuotaRule
from siyu.delivery.types import Decision, Request
from siyu.experiments import arm_of
from siyu.identity import keys_of
from siyu.kit import DAY, HOUR, SECOND
from siyu.privacy import consent_of
from siyu.profiles import REACH_TEXTS, Reach, at_account, reachable_many, traits_of
from siyu.settings import GlobalHoldout, current_settings, global_holdout

_LONGEST_PERIOD = 32 * DAY


class Held(msgspec.Struct, frozen=True):
    """A message that counts against a person's caps: its channel and when."""

    channel: str
    at: int
    promotes: bool = False


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
    """(channel or owned channel, period) → messages."""
    campaigns: dict[tuple[str, int | str], int]
    shop_zone: ZoneInfo
    calendar: Calendar
    configs: Mapping[str, msgspec.Struct] = {}
    openings: dict[tuple[int, str], int] = {}
    """(person, event) → when it last opened a window to answer."""
    grants: dict[tuple[int, str, str], int] = {}
    """(person, channel, template) → sends the person has agreed to."""
    fixed: dict[tuple[int, str, int], str] = {}
    """(person, channel, run) → the address a queued message already has."""

    holdout: GlobalHoldout = GlobalHoldout()
    annoyance: dict[int, float] = {}
    """Person → how annoyed they are with us, 0 to 100; left out where not at all."""
    worked_out: dict[tuple[Any, ...], Any] = {}
    """What is the same for everybody of one time zone, kept for the next."""

    def address(self, request: Request) -> str:
        if known := self.fixed.get((request.person, request.channel, request.run)):
            return known
        channel = channels().get(request.channel)
        if channel and channel.place:
            return channel.place(self.config(request.channel), request)
        return self.reach[request.person, request.channel].address or ""

    def config(self, name: str) -> Any:
        """Settings of a channel; those it comes with when nobody has set it up."""
        return self.configs.get(name) or channels()[name].config()

    def book(self, request: Request) -> None:
        """Count an allowed request, so that the next one in the same set meets it."""
        self.held[request.person].append(Held(request.channel, self.now, request.template.promotes))
        self.gone(request.campaign, request.person, self.address(request), self.now)
        for period in QuotaRule.__struct_fields__:
            self.channel_used[request.channel, period] += 1
        grant = (request.person, request.channel, request.template.template_id)
        if grant in self.grants:
            self.grants[grant] -= 1

    def gone(self, campaign: str, person: int, address: str, at: int) -> None:
        """Note that a campaign went to a person and an address."""
        for receiver in (person, address):
            self.campaigns[campaign, receiver] = max(at, self.campaigns.get((campaign, receiver), 0))


def load(
    conn: Connection,
    requests: Sequence[Request],
    policies: Policies,
    enabled: set[str],
    now: int,
    configs: Mapping[str, msgspec.Struct],
) -> Facts:
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
        calendar=policies.calendar(),
        configs=configs,
        holdout=global_holdout(conn),
    )
    for person, channel, at, on_its_way, promotes in queries.history(conn, persons, now - _LONGEST_PERIOD):
        facts.held[person].append(Held(channel, now if on_its_way else at, promotes))
    sent = {person: [held.at for held in facts.held[person]] for person in list(facts.held)}
    facts.annoyance = annoyance.scores(conn, persons, sent, policies.annoyance(), now)
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
    family = family_of(channel)
    facts.consent.update(((person, channel), said) for person, said in consent_of(conn, persons, family).items())
    found = _reach(conn, facts, channel, persons)
    facts.reach.update(((person, channel), reach) for person, reach in found.items())
    addresses = sorted({reach.address for reach in found.values() if reach.address})
    on_list = queries.suppressed(conn, {channel, family}, addresses)
    facts.suppressed.update(((channel, address), why) for address, why in on_list.items())
    quota = facts.policies.account_quota(channel)
    for period, since in _periods(quota, facts.now, facts.shop_zone):
        facts.channel_used[channel, period] = queries.channel_history(conn, _counted(facts, channel), since)
    if windows := facts.policies.reply_windows(channel):
        facts.openings.update(occasion_queries.openings_of(conn, persons, sorted(windows)))
    known = channels().get(channel)
    if known and known.capabilities.uses_grant:
        facts.grants.update(occasion_queries.grants_of(conn, persons, channel))


def _counted(facts: Facts, channel: str) -> list[str]:
    """The channels that share an account's allowance: those of one owned channel, where the row is that one's."""
    if facts.policies.scope(channel, "account_quota") in (channel, ""):
        return [channel]
    return [name for name in channels() if family_of(name) == family_of(channel)] or [channel]


def _reach(conn: Connection, facts: Facts, channel: str, persons: list[int]) -> dict[int, Reach]:
    """Reach on the owned channel; the address is the one of our own account where a channel has accounts."""
    known = channels().get(channel)
    if known and known.place and known.family not in OWNED_CHANNELS:
        return {person: Reach(channel, True, "reachable") for person in persons}
    found = reachable_many(conn, persons, family_of(channel))
    kind = known.identifier(facts.config(channel)) if known else ""
    if not kind:
        return found
    keys = keys_of(conn, persons)
    return {person: at_account(reach, keys.get(person, set()), kind) for person, reach in found.items()}


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
    address = facts.address(request)
    cause = facts.suppressed.get((request.channel, address))
    if cause:
        return Decision(False, "suppressed", {"cause": cause})
    channel = channels().get(request.channel)
    if reach.ok and channel and not channel.address_fault(address):
        return None
    why = reach.why if not reach.ok else "no_address"
    text = REACH_TEXTS.get(why, {"zh": why, "en": why})
    return Decision(False, "unreachable", {"why": why, "why_zh": text["zh"], "why_en": text["en"]})


def _holdout(request: Request, facts: Facts) -> Decision | None:
    """Those who get no marketing at all. Waiting can't help, nor another channel; what serves them goes through."""
    share = facts.holdout.percent
    if not share or request.service or facts.policies.exempt(request.channel).holdout:
        return None
    arm = arm_of(facts.holdout.salt, request.person, (("held", share), ("", 100 - share)))
    return Decision(False, "global_holdout", {"percent": share}) if arm else None


def opening(now: int, zone: ZoneInfo, windows: Sequence[Window], on: Callable[[date], bool] | None = None) -> int:
    """The first moment from ``now`` on inside every window, on a day that ``on`` allows; 0 when there is none."""
    moment = now
    for _ in range(8 if on is None else 400):
        if on is not None and not on(local_day(moment, zone)):
            moment = day_start(moment, zone, 1)
            continue
        for window in windows:
            moment = next_open(moment, zone, window)
        if all(is_open(moment, zone, window) for window in windows) and (on is None or on(local_day(moment, zone))):
            return moment
    return 0


def _next_opening(facts: Facts, channel: str, zone: ZoneInfo, since: int) -> int:
    key = ("opening", channel, zone.key, since)
    if key not in facts.worked_out:
        facts.worked_out[key] = _opening(facts, channel, zone, since)
    return int(facts.worked_out[key])


def _opening(facts: Facts, channel: str, zone: ZoneInfo, since: int) -> int:
    days = facts.policies.days(channel)
    on = None if days == "every" else lambda day: facts.calendar.allows(day, days)
    return opening(since, zone, windows_of(facts, channel), on)


def windows_of(facts: Facts, channel: str) -> list[Window]:
    if facts.policies.exempt(channel).quiet_hours:
        return []
    window = facts.policies.window(channel).window()
    return [window, facts.quiet] if facts.quiet else [window]


def _quiet_hours(request: Request, facts: Facts) -> Decision | None:
    zone = facts.zones[request.person]
    opens = _next_opening(facts, request.channel, zone, facts.now)
    if opens == facts.now:
        return None
    days, today = facts.policies.days(request.channel), local_day(facts.now, zone)
    if not facts.calendar.allows(today, days):
        params = {"day": facts.calendar.holidays.get(today, ""), "opens": local_text(opens, zone) if opens else "-"}
        return Decision(False, "closed_day", params, retry_at=opens)
    windows = windows_of(facts, request.channel)
    shut = next((window for window in windows if not is_open(facts.now, zone, window)), windows[0])
    text = local_text(opens, zone) if opens else "-"
    params = {"from": clock_text(shut.opens), "to": clock_text(shut.closes or DAY_END), "zone": zone.key, "opens": text}
    return Decision(False, "quiet_hours", params, retry_at=opens)


def _reply_window(request: Request, facts: Facts) -> Decision | None:
    """Channels that only answer: a window must be open and its messages not used up. Waiting can't help."""
    windows = facts.policies.reply_windows(request.channel)
    if not windows:
        return None
    sent = [held.at for held in facts.held[request.person] if held.channel == request.channel]
    open_windows = [
        (at, window)
        for event, window in windows.items()
        if (at := facts.openings.get((request.person, event), 0)) and facts.now < at + window.seconds * SECOND
    ]
    if any(sum(when >= at for when in sent) < window.sends for at, window in open_windows):
        return None
    return Decision(False, "reply_window_used" if open_windows else "reply_window_closed")


def _still_open(request: Request, facts: Facts) -> Decision | None:
    """As above for a message on its way, which is itself counted: only the time is looked at."""
    windows = facts.policies.reply_windows(request.channel)
    for event, window in windows.items():
        if facts.now < facts.openings.get((request.person, event), 0) + window.seconds * SECOND:
            return None
    return Decision(False, "reply_window_closed") if windows else None


def _grant(request: Request, facts: Facts) -> Decision | None:
    channel = channels().get(request.channel)
    if channel is None or not channel.capabilities.uses_grant:
        return None
    left = facts.grants.get((request.person, request.channel, request.template.template_id), 0)
    return None if left > 0 else Decision(False, "grant_used")


def _quota(request: Request, facts: Facts) -> Decision | None:
    if request.channel not in facts.enabled:
        return Decision(False, "channel_off", retry_at=facts.now + HOUR)
    if decision := _reply_window(request, facts) or _grant(request, facts):
        return decision
    own = [held.at for held in facts.held[request.person] if _shares(facts, held.channel, request.channel)]
    quota = facts.policies.person_quota(request.channel)
    if full := _full(facts, quota, own, facts.zones[request.person]):
        return Decision(False, "person_quota", {"period": full, "limit": getattr(quota, full)}, _later(facts, request))
    quota = facts.policies.account_quota(request.channel)
    for period in QuotaRule.__struct_fields__:
        limit = getattr(quota, period)
        if limit and facts.channel_used[request.channel, period] >= limit:  # booked ones included
            return Decision(False, "account_quota", {"period": period, "limit": limit}, facts.now + HOUR)
    return None


def _shares(facts: Facts, other: str, channel: str) -> bool:
    """Whether a message on ``other`` counts for the allowance of ``channel``: both SMS providers share a number's."""
    if facts.policies.scope(channel, "person_quota") in (channel, ""):
        return other == channel
    return family_of(other) == family_of(channel)


def _cap(request: Request, facts: Facts) -> Decision | None:
    if facts.policies.exempt(request.channel).cap:
        return None
    cap = facts.policies.cap()
    times = [held.at for held in facts.held[request.person] if not facts.policies.exempt(held.channel).cap]
    full = _full(facts, cap, times, facts.zones[request.person])
    if full:
        return Decision(False, "cap", {"period": full, "limit": getattr(cap, full)}, _later(facts, request))
    return _annoyed(request, facts, times)


def _annoyed(request: Request, facts: Facts, times: Sequence[int]) -> Decision | None:
    """The person's own cap: the one for everybody, shrunk by how annoyed they are."""
    score = facts.annoyance.get(request.person, 0.0)
    rule = facts.policies.annoyance()
    if score < rule.tighten:
        return None
    limit = annoyance.weekly(facts.policies.cap().days_7, score, rule)
    since = day_start(facts.now, facts.zones[request.person], -6)
    if sum(at >= since for at in times) < limit:
        return None
    later = _later(facts, request) if limit else 0
    return Decision(False, "annoyed", {"score": round(score), "limit": limit}, later)


def _promo_share(request: Request, facts: Facts) -> Decision | None:
    """Not every message may be an offer: their share counts this one."""
    rule = facts.policies.promo_share()
    if not request.template.promotes or rule.percent >= 100:
        return None
    lately = [held.promotes for held in facts.held[request.person] if held.at >= facts.now - rule.days * DAY]
    total, promos = len(lately) + 1, sum(lately) + 1
    if total < rule.at_least or promos * 100 <= rule.percent * total:
        return None
    share = round(promos * 100 / total)
    return Decision(False, "promo_share", {"share": share, "limit": rule.percent, "days": rule.days})


def _full(facts: Facts, quota: QuotaRule, times: Sequence[int], zone: ZoneInfo) -> str:
    """The first period whose limit is reached, or empty."""
    if not times:
        return ""
    key = ("periods", quota, zone.key)
    if key not in facts.worked_out:
        facts.worked_out[key] = _periods(quota, facts.now, zone)
    periods: Sequence[tuple[str, int]] = facts.worked_out[key]
    for period, since in periods:
        if sum(at >= since for at in times) >= getattr(quota, period):
            return period
    return ""


def _later(facts: Facts, request: Request) -> int:
    """When the person's next day opens for this channel."""
    zone = facts.zones[request.person]
    return _next_opening(facts, request.channel, zone, day_start(facts.now, zone, 1))


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
    ("global_holdout", _holdout),
    ("quiet_hours", _quiet_hours),
    ("channel_quota", _quota),
    ("cap", _cap),
    ("promo_share", _promo_share),
    ("once", _once),
)


WHILE_WAITING: tuple[Callable[[Request, Facts], Decision | None], ...] = (
    _consent,
    _suppression,
    _quiet_hours,
    _still_open,
)
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
