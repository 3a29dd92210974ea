"""Sends a message, if the gate lets it through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec

from siyu.content import for_persons
from siyu.delivery import Decision, Request, Template, ask, channels, field, template_faults, unsafe_html
from siyu.journeys.nodes.contract import THEN, Checking, Fault, Kind, Moment
from siyu.journeys.types import Move, Run
from siyu.kit import HOUR

REFUSED = "refused"
OnRefusal = Literal["retry", "advance", "next"]


class Way(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A channel to fall back to. What it leaves empty is said as on the first."""

    channel: Annotated[str, field("渠道", "Channel", max_length=40, choices=sorted(channels()))]
    subject: Annotated[str, field("主题", "Subject", max_length=500)] = ""
    body: Annotated[str, field("正文", "Body", long=True, max_length=20_000)] = ""
    template_id: Annotated[str, field("模板编号", "Template id", max_length=100)] = ""
    fields: Annotated[dict[str, str], field("模板变量", "Template variables")] = {}
    link: Annotated[str, field("链接", "Link", max_length=2000)] = ""


class SendConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    channel: Annotated[str, field("渠道", "Channel", max_length=40, choices=sorted(channels()))] = "email"
    template: Annotated[
        str,
        field(
            "消息模板",
            "Message template",
            "选了模板就用它的内容和渠道，下面的内容不用填；tpl_… 用最新版，tpl_…@2 固定一版",
            "With one, its text and channel are used: tpl_… is the newest version, tpl_…@2 stays",
            max_length=80,
            widget="template",
        ),
    ] = ""
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
    template_id: Annotated[
        str,
        field(
            "模板编号",
            "Template id",
            "短信、公众号模板、小程序订阅消息用，填平台审核通过的模板",
            "For SMS, template and subscribe messages: the one the vendor approved",
            max_length=100,
        ),
    ] = ""
    fields: Annotated[
        dict[str, str],
        field(
            "模板变量",
            "Template variables",
            "例如 thing1 填 {{event.name|好物}}；社群填 chat_id，朋友圈填 tag_id",
            "For example thing1: {{event.name|gift}}; chat_id for a group, tag_id for moments",
        ),
    ] = {}
    link: Annotated[
        str,
        field("链接", "Link", "打开的网页或小程序页面", "The web page or Mini Program page it opens", max_length=2000),
    ] = ""
    then_by: Annotated[
        list[Way],
        field(
            "备用渠道（按顺序）",
            "Fall back to (in order)",
            "发不了时依次尝试，例如对方不可触达、未同意或渠道未启用",
            "Tried in turn where the first can't be used: unreachable, no consent, switched off",
        ),
        msgspec.Meta(max_length=5),
    ] = []
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
    service: Annotated[
        bool,
        field(
            "服务通知",
            "Service notice",
            "订单、物流等对方需要的通知，不算营销，全局对照组也会收到",
            "Orders, parcels and the like: no marketing, so the global holdout gets it too",
        ),
    ] = False
    quiet_hours: Annotated[OnRefusal, field("遇到免打扰时段", "In quiet hours")] = "retry"
    capped: Annotated[OnRefusal, field("遇到频次上限", "When a cap is reached")] = "advance"
    retry_hours: Annotated[int, field("最长重试（小时）", "Retry for at most (hours)", ge=1, le=720)] = 72


_CAPS = frozenset({"cap", "person_quota", "account_quota", "channel_off"})
_HOURS = frozenset({"quiet_hours", "closed_day"})
_FINAL = frozenset({"global_holdout", "cap", "campaign_repeat", "address_repeat"})
"""Refusals that hold on every channel, so no other is asked; the cap is, where its setting says so."""


def ways(config: SendConfig) -> list[Way]:
    """The channels in order, each with all it says."""
    first = Way(config.channel, config.subject, config.body, config.template_id, config.fields, config.link)
    return [first, *(_filled(way, first) for way in config.then_by)]


def _filled(way: Way, first: Way) -> Way:
    said = {name: getattr(way, name) or getattr(first, name) for name in ("subject", "body", "link")}
    return msgspec.structs.replace(way, **said)


def _act(moment: Moment, config: SendConfig, runs: Sequence[Run]) -> list[Move]:
    """Ask for everybody on the first channel, then on the next for those it may fall back for."""
    answers: dict[int, tuple[Way, Decision]] = {}
    left = list(runs)
    said = for_persons(moment.conn, config.template, [run.person for run in runs]) if config.template else {}
    for way in ways(config):
        asked = [_said(_request(moment, config, way, run), config, way, said) for run in left]
        decisions = ask(moment.store, moment.conn, asked)
        for run, decision in zip(left, decisions, strict=True):
            if decision.ok or run.id not in answers or _retries(config, decision):
                answers[run.id] = (way, decision)
        left = [run for run, decision in zip(left, decisions, strict=True) if _falls_back(config, decision)]
        if not left:
            break
    return [_move(moment, config, run, *answers[run.id]) for run in runs]


def _falls_back(config: SendConfig, decision: Decision) -> bool:
    if decision.ok:
        return False
    if decision.code in _HOURS:
        return config.quiet_hours == "next"
    if decision.code in _CAPS and decision.code != "channel_off":
        return config.capped == "next"
    return decision.code not in _FINAL


def _request(moment: Moment, config: SendConfig, way: Way, run: Run) -> Request:
    return Request(
        person=run.person,
        channel=way.channel,
        campaign=config.campaign or f"{moment.journey}/{moment.node}",
        journey=moment.journey,
        run=run.id,
        node=moment.node,
        template=_template(config, way),
        title=moment.name,
        event=msgspec.json.decode(run.event),
        priority=config.priority + moment.settings.priority,
        repeat_days=config.repeat_days,
        service=config.service,
    )


def _said(request: Request, config: SendConfig, way: Way, said: Mapping[int, Template]) -> Request:
    """The request with what the saved template says to this person, on the channel it is written for."""
    if way.channel != config.channel or request.person not in said:
        return request
    return msgspec.structs.replace(request, template=said[request.person])


def _template(config: SendConfig, way: Way) -> Template:
    html = config.html if way.body == config.body else ""
    return Template(way.subject, way.body, html, config.coupon, way.template_id, tuple(way.fields.items()), way.link)


def _move(moment: Moment, config: SendConfig, run: Run, way: Way, decision: Decision) -> Move:
    params: dict[str, Any] = {"channel": way.channel, "message": decision.message}
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
    if decision.code in _HOURS:
        return config.quiet_hours == "retry"
    return decision.code in _CAPS and config.capped == "retry"


def _check(config: SendConfig, checking: Checking) -> Iterable[Fault]:
    first, *others = ways(config)
    yield from _template_faults(config, checking) if config.template else _way_faults(first, checking)
    for way in others:
        yield from _way_faults(way, checking)
    if piece := unsafe_html(config.html):
        yield "unsafe_html", {"piece": piece}
    for code, name in template_faults(config.html):
        yield code, {"name": name}
    days = checking.settings.reentry_days
    if checking.settings.reentry == "after" and (not config.repeat_days or config.repeat_days > days):
        yield "repeat_longer_than_reentry", {"repeat": config.repeat_days, "reentry": days}


def _template_faults(config: SendConfig, checking: Checking) -> Iterable[Fault]:
    """A saved template was checked when it was saved; here it has to be there, and for the channel it is sent on."""
    channel = checking.template(config.template)
    if channel is None:
        yield "unknown_template", {"template": config.template}
    elif channel != config.channel:
        yield "template_elsewhere", {"template": config.template, "channel": channel}
    if config.channel not in checking.enabled:
        yield "channel_off", {"channel": config.channel}


def _way_faults(way: Way, checking: Checking) -> Iterable[Fault]:
    channel = channels().get(way.channel)
    if channel is None:
        yield "unknown_channel", {"channel": way.channel}
        return
    if way.channel not in checking.enabled:
        yield "channel_off", {"channel": way.channel}
    if channel.capabilities.subject and not way.subject.strip():
        yield "no_subject", {}
    if not way.body.strip():
        yield "no_body", {}
    if channel.capabilities.uses_grant and not way.template_id:
        yield "no_template", {"channel": way.channel}
    for part in (way.subject, way.body, way.link, *way.fields.values()):
        for code, name in template_faults(part):
            yield code, {"name": name}
    yield from _text_faults(way, channel.capabilities.max_chars, checking)


def _text_faults(way: Way, max_chars: int, checking: Checking) -> Iterable[Fault]:
    """What the guard table, and the channel itself, say a text must look like."""
    rule = checking.policies.text(way.channel)
    limit = min(rule.max_chars or max_chars, max_chars)
    if len(way.body) > limit:
        yield "text_too_long", {"limit": limit}
    if rule.ends_with and not way.body.rstrip().endswith(rule.ends_with):
        yield "text_ending", {"ending": rule.ends_with}
    for piece in rule.forbid:
        if piece in way.body:
            yield "text_forbidden", {"piece": piece}


KIND = Kind(
    name="send",
    zh="发送消息",
    en="Send a message",
    group="action",
    config=SendConfig,
    branches={THEN: {"zh": "继续", "en": "Goes on"}, REFUSED: {"zh": "被拦截", "en": "Held back"}},
    act=_act,
    check=_check,
)
