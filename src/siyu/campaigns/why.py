"""Why, or why not: every decision about one person and one campaign, in order; and the list of all of them."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy.engine import Connection, Row

from siyu.campaigns import queries
from siyu.campaigns.actions import plan_of, row_of
from siyu.campaigns.estimate import bilingual
from siyu.campaigns.types import HOLDOUT, Bilingual, MemberView, Why, WhyStep
from siyu.delivery import message_of, reason_text
from siyu.identity import canonical, exists
from siyu.kit import NotFound, Page, iso, iso_or_none, person_no, person_ref
from siyu.profiles import display_names

_TEXTS: dict[str, tuple[str, str]] = {
    "not_begun": ("群发还没有开始", "The campaign has not begun"),
    "not_in_audience": ("开始时不在人群里", "Not in the audience when it began"),
    "joined": ("开始时在人群里", "In the audience when it began"),
    "held": ("分到了对照组，不发送，用来对比效果", "In the holdout: gets nothing, to compare with"),
    "variant": ("分到内容 {letter}", "Gets content {letter}"),
    "waiting": ("还没轮到", "Not their turn yet"),
    "later": ("现在不能发（{why}），{when} 再试", "Not possible now ({why}); tried again at {when}"),
    "refused": ("没有发：{why}", "Not sent: {why}"),
    "allowed": ("通过了所有检查", "Passed every check"),
    "queued": ("已排队", "Queued"),
    "sending": ("正在交给渠道", "Being handed over"),
    "sent": ("已发送", "Sent"),
    "failed": ("发送失败：{why}", "Failed: {why}"),
    "in_doubt": ("结果不明：{why}", "In doubt: {why}"),
    "recorded": ("沙箱：只记录，没有发出", "Sandbox: recorded, not sent"),
    "delivered": ("已送达", "Delivered"),
    "undelivered": ("没有送达", "Not delivered"),
    "opened": ("已打开", "Opened"),
    "clicked": ("点击了链接", "Clicked a link"),
    "replied": ("回复了", "Replied"),
    "complained": ("投诉了", "Complained"),
}


def _step(at: int, code: str, why: dict[str, str] | None = None, **params: Any) -> WhyStep:
    zh, en = _TEXTS.get(code, (code, code))
    zh = zh.format(why=(why or {}).get("zh", ""), **params)
    en = en.format(why=(why or {}).get("en", ""), **params)
    return WhyStep(iso_or_none(at), code, Bilingual(zh, en))


def why(conn: Connection, id: str, ref: str) -> Why:
    """Raises NotFound when there is no such person or campaign."""
    campaign, number = row_of(conn, id), person_no(ref)
    if not exists(conn, number):
        raise NotFound(what="person")
    person = canonical(conn, [number])[number]
    member = queries.member(conn, id, person)
    if member is None:
        step = _step(campaign.started_at, "not_in_audience" if campaign.started_at else "not_begun")
        return Why(person_ref(person), campaign.name, step, [step])
    steps = [_step(campaign.started_at, "joined"), *_assigned(campaign, member), *_decided(member)]
    message = message_of(conn, id, person)
    if message is not None and member.state == "asked":
        steps += _became(message)
    return Why(person_ref(person), campaign.name, steps[-1], steps)


def _assigned(campaign: Row[Any], member: Row[Any]) -> list[WhyStep]:
    if member.arm == HOLDOUT:
        return [_step(campaign.started_at, "held")]
    several = len(plan_of(campaign).variants) > 1
    return [_step(campaign.started_at, "variant", letter="ABCD"[int(member.arm)])] if several else []


def _decided(member: Row[Any]) -> list[WhyStep]:
    """What the gate said, where it was asked."""
    if member.state == "held":
        return []
    if not member.code:
        return [_step(0, "waiting")]
    if member.state == "asked":
        return [_step(member.asked_at, "allowed")]
    text = reason_text(member.code, msgspec.json.decode(member.params))
    if member.state == "waiting":
        return [_step(member.asked_at, "later", text, when=iso(member.due_at))]
    return [_step(member.asked_at, "refused", text)]


def _became(message: Row[Any]) -> list[WhyStep]:
    text = reason_text(message.reason, msgspec.json.decode(message.params)) if message.reason else None
    steps = [_step(message.counts_at, message.state, text)]
    return [*steps, _step(message.receipt_at, message.receipt)] if message.receipt else steps


def list_members(conn: Connection, id: str, state: str | None, after: str | None, limit: int) -> Page[MemberView]:
    """Members in the order of their numbers."""
    row_of(conn, id)
    rows = queries.list_members(conn, id, state, person_no(after) if after else 0, limit)
    names = display_names(conn, [row.person_id for row in rows])
    items = []
    for row in rows:
        said = reason_text(row.code, msgspec.json.decode(row.params)) if row.code else None
        text = bilingual(said) if said else _step(0, "held" if row.state == "held" else "waiting").text
        at = iso_or_none(row.asked_at)
        items.append(MemberView(person_ref(row.person_id), names.get(row.person_id), row.arm, row.state, text, at))
    return Page(items, items[-1].person if len(items) == limit else None)
