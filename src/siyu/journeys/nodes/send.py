"""Sends a message, if the gate lets it through."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

import msgspec

from siyu.delivery import Decision, Request, Template, ask, channels, field, template_faults, unsafe_html
from siyu.journeys.nodes.contract import THEN, Checking, Fault, Kind, Moment
from siyu.journeys.types import Move, Run
from siyu.kit import HOUR

REFUSED = "refused"
OnRefusal = Literal["retry", "advance"]


class SendConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    channel: Annotated[str, field("渠道", "Channel", max_length=40, choices=sorted(channels()))] = "email"
    subject: Annotated[
        str, field("主题", "Subject", "可用变量，如 {{name|你}}", "Takes variables: {{name|there}}", max_length=500)
    ] = ""
    body: Annotated[
        str,
        field(
            "正文",
            "Body",
            "变量 {{属性|默认值}}、{{event.字段|默认值}}、{{coupon}}、{{unsubscribe_url}}",
            "Variables: {{trait|default}}, {{event.field|default}}, {{coupon}}, {{unsubscribe_url}}",
            long=True,
            max_length=20_000,
        ),
    ] = ""
    html: Annotated[
        str,
        field("HTML 正文", "HTML body", "留空则由正文生成", "Empty: made from the body", long=True, max_length=100_000),
    ] = ""
    coupon: Annotated[str, field("优惠券码", "Coupon code", max_length=60)] = ""
    campaign: Annotated[
        str,
        field(
            "活动标识",
            "Campaign",
            "同一活动每人只发一次；留空则按本节点计",
            "One send per person and campaign; empty: this node is its own campaign",
            max_length=120,
        ),
    ] = ""
    repeat_days: Annotated[
        int,
        field(
            "同一活动再发间隔（天）",
            "Same campaign again after (days)",
            "0 表示永不重发",
            "0 means never again",
            ge=0,
            le=3650,
        ),
    ] = 14
    priority: Annotated[
        int,
        field(
            "优先级",
            "Priority",
            "额度不够时先发高的",
            "The higher goes first where a cap leaves little",
            ge=-100,
            le=100,
        ),
    ] = 0
    quiet_hours: Annotated[OnRefusal, field("遇到免打扰时段", "In quiet hours")] = "retry"
    capped: Annotated[OnRefusal, field("遇到频次上限", "When a cap is reached")] = "advance"
    retry_hours: Annotated[int, field("最长重试（小时）", "Retry for at most (hours)", ge=1, le=720)] = 72


_CAPS = frozenset({"cap", "person_quota", "account_quota", "channel_off"})


def _act(moment: Moment, config: SendConfig, runs: Sequence[Run]) -> list[Move]:
    decisions = ask(moment.store, moment.conn, [_request(moment, config, run) for run in runs])
    return [_move(moment, config, run, decision) for run, decision in zip(runs, decisions, strict=True)]


def _request(moment: Moment, config: SendConfig, run: Run) -> Request:
    return Request(
        person=run.person,
        channel=config.channel,
        campaign=config.campaign or f"{moment.journey}/{moment.node}",
        journey=moment.journey,
        run=run.id,
        node=moment.node,
        template=Template(config.subject, config.body, config.html, config.coupon),
        title=moment.name,
        event=msgspec.json.decode(run.event),
        priority=config.priority,
        repeat_days=config.repeat_days,
    )


def _move(moment: Moment, config: SendConfig, run: Run, decision: Decision) -> Move:
    params: dict[str, Any] = {"channel": config.channel, "message": decision.message}
    if decision.ok:
        return Move(run, "queued", params, branch=THEN, outcome="sent")
    params |= {"reason": decision.code} | decision.params
    began = run.arrived_at or moment.now
    if _retries(config, decision) and decision.retry_at - began <= config.retry_hours * HOUR:
        params["retry_at"] = decision.retry_at
        return Move(run, "postponed", params, wait_until=decision.retry_at, arrived_at=began)
    branch = REFUSED if moment.has_branch(REFUSED) else THEN
    return Move(run, "refused", params, branch=branch, outcome=decision.code)


def _retries(config: SendConfig, decision: Decision) -> bool:
    if not decision.retry_at:
        return False
    if decision.code == "quiet_hours":
        return config.quiet_hours == "retry"
    return decision.code in _CAPS and config.capped == "retry"


def _check(config: SendConfig, checking: Checking) -> Iterable[Fault]:
    channel = channels().get(config.channel)
    if channel is None:
        yield "unknown_channel", {"channel": config.channel}
        return
    if config.channel not in checking.enabled:
        yield "channel_off", {"channel": config.channel}
    if channel.capabilities.subject and not config.subject.strip():
        yield "no_subject", {}
    if not config.body.strip():
        yield "no_body", {}
    for part in (config.subject, config.body, config.html):
        for code, name in template_faults(part):
            yield code, {"name": name}
    if piece := unsafe_html(config.html):
        yield "unsafe_html", {"piece": piece}
    yield from _text_faults(config, checking)
    days = checking.reentry_days
    if days and (not config.repeat_days or config.repeat_days > days):
        yield "repeat_longer_than_reentry", {"repeat": config.repeat_days, "reentry": days}


def _text_faults(config: SendConfig, checking: Checking) -> Iterable[Fault]:
    """What the guard table says a text on this channel must look like."""
    rule = checking.policies.text(config.channel)
    if rule.max_chars and len(config.body) > rule.max_chars:
        yield "text_too_long", {"limit": rule.max_chars}
    if rule.ends_with and not config.body.rstrip().endswith(rule.ends_with):
        yield "text_ending", {"ending": rule.ends_with}
    for piece in rule.forbid:
        if piece in config.body:
            yield "text_forbidden", {"piece": piece}


KIND = Kind(
    name="send",
    zh="发送消息",
    en="Send a message",
    config=SendConfig,
    branches={THEN: {"zh": "继续", "en": "Goes on"}, REFUSED: {"zh": "被拦截", "en": "Held back"}},
    act=_act,
    check=_check,
)
