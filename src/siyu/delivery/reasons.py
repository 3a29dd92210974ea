"""Why a message was held back, failed or is in doubt, in words. Params in braces."""

from __future__ import annotations

from typing import Any

REASONS: dict[str, tuple[str, str]] = {
    "allowed": ("所有检查都通过", "Every check passed"),
    "consent_withdrawn": ("对方已退订或撤回同意", "They opted out or withdrew their consent"),
    "consent_missing": (
        "还没有取得对方同意，这个渠道需要先同意",
        "No consent is on record, and this channel needs one",
    ),
    "unreachable": ("这个渠道联系不到对方：{why_zh}", "They can't be reached on this channel: {why_en}"),
    "suppressed": ("地址在屏蔽名单里（{cause}）", "The address is on the suppression list ({cause})"),
    "global_holdout": (
        "在全局对照组里（{percent}%），不发任何营销消息",
        "In the global holdout ({percent}%), which gets no marketing at all",
    ),
    "quiet_hours": (
        "对方当地时间不在可发送时段 {from}–{to}（{zone}），{opens} 才开始",
        "Outside the sending window {from}–{to} on their clock ({zone}); it opens {opens}",
    ),
    "channel_off": ("渠道还没有启用", "The channel is not switched on"),
    "person_quota": (
        "这个渠道对同一个人的额度已用完（{period} {limit} 条）",
        "This channel's allowance for one person is used up ({limit} per {period})",
    ),
    "account_quota": (
        "这个渠道的总额度已用完（{period} {limit} 条）",
        "This channel's allowance is used up ({limit} per {period})",
    ),
    "cap": (
        "为了少打扰：全部渠道{period}最多 {limit} 条营销消息，已经到了",
        "Not to disturb: at most {limit} marketing messages per {period} over all channels, already reached",
    ),
    "annoyed": (
        "对方对我们的打扰已有反感（{score} 分），7 天内最多 {limit} 条，已经到了",
        "They are annoyed with us ({score} of 100): at most {limit} in 7 days, already reached",
    ),
    "promo_share": (
        "{days} 天内给对方的消息里促销已占 {share}%，上限 {limit}%，换一条有用的内容再发",
        "{share}% of their messages in {days} days were offers, the limit is {limit}%: say something useful first",
    ),
    "content_too_long": (
        "填入变量后正文有 {length} 字，超过 {limit} 字",
        "With its variables filled in the text has {length} characters, more than {limit}",
    ),
    "template_missing": ("消息模板不存在或已归档", "The message template does not exist or is archived"),
    "stopped": ("群发已停止", "The campaign was stopped"),
    "campaign_repeat": ("同一个活动已经发给过对方", "This campaign has already been sent to them"),
    "address_repeat": (
        "同一个活动已经通过另一个用户发到过这个地址",
        "This campaign has already gone to this address through another person",
    ),
    "closed_day": (
        "今天不发送（{day}），{opens} 才开始",
        "Nothing goes out today ({day}); it opens {opens}",
    ),
    "reply_window_closed": (
        "对方最近没有互动，这个渠道只能在互动后的窗口内回复",
        "They have done nothing lately that this channel may answer; it sends within such a window only",
    ),
    "reply_window_used": ("窗口内可发的条数已用完", "The messages this window allows are used up"),
    "grant_used": (
        "对方同意的订阅次数已用完，一次同意只能发一条",
        "They have no consent left for this template: one consent is one send",
    ),
    "waiting_for_staff": ("已创建任务，等待成员确认发送", "The task is there; a staff member has yet to send it"),
    "staff_did_not_send": ("成员一直没有发送，任务已过期", "No staff member sent it in time"),
    "not_friend": ("对方已不是好友", "They are no friend any more"),
    "over_limit": ("对方已收到其他群发，超过平台上限", "They have had another mass message: the platform's limit"),
    "group_gone": ("群不存在，或成员不是群主", "The group is gone, or the sender does not own it"),
    "welcome_done": ("欢迎语已经发过", "A welcome has been sent already"),
    "welcome_late": ("超过 20 秒，欢迎语已失效", "More than 20 seconds have passed: no welcome any more"),
    "not_following": ("对方没有关注这个账号", "They don't follow this account"),
    "blocked_by_person": ("对方拒收", "They have blocked it"),
    "too_frequent": ("平台认为对这个人发得太频繁：{detail}", "The vendor finds it too much for this person: {detail}"),
    "vendor_quota": ("平台额度已用完：{detail}", "The vendor's allowance is used up: {detail}"),
    "vendor_rate": ("平台限速，稍后再试：{detail}", "The vendor asks for fewer calls, trying again: {detail}"),
    "vendor_token": ("平台不认访问凭证：{detail}", "The vendor does not accept the access token: {detail}"),
    "no_balance": ("账户余额不足或已停用：{detail}", "The account's balance is used up: {detail}"),
    "bad_template": (
        "模板不存在、未通过审核或没有选择：{detail}",
        "No template, or one that is not approved: {detail}",
    ),
    "bad_content": ("内容不符合平台要求：{detail}", "The vendor does not take this content: {detail}"),
    "undelivered": ("没有送达：{detail}", "It was not delivered: {detail}"),
    "sandbox": ("沙箱模式：只记录，没有发出", "Sandbox: recorded, not sent"),
    "missing_content": ("内容为空", "There is nothing to say"),
    "no_peer": ("连不上服务器：{detail}", "The server can't be reached: {detail}"),
    "peer_busy": ("服务器要求稍后再试：{detail}", "The server asks to try later: {detail}"),
    "refused_by_peer": ("服务器拒收：{detail}", "The server refused it: {detail}"),
    "bad_address": ("地址不存在或不收信：{detail}", "The address does not exist or takes no mail: {detail}"),
    "bad_config": ("渠道设置有误：{detail}", "The channel's settings are wrong: {detail}"),
    "lost_while_sending": (
        "交给服务器时中断，不确定对方是否收到，所以没有重发",
        "Cut off while handing it over; whether it arrived is not known, so it was not sent again",
    ),
    "no_answer": (
        "已交给服务器但没有等到答复，不确定是否收到，所以没有重发：{detail}",
        "Handed over but no answer came; whether it arrived is not known, so it was not sent again: {detail}",
    ),
    "channel_fault": ("渠道程序出错：{detail}", "The channel's own code failed: {detail}"),
    "gave_up": ("一天内多次尝试都没有成功：{detail}", "Every try within a day failed: {detail}"),
    "dropped": ("已由 {operator} 放弃", "Dropped by {operator}"),
    "resent": ("已由 {operator} 决定重发", "Sent again by decision of {operator}"),
}

CHANNEL_FAULTS = frozenset(
    {"no_peer", "peer_busy", "bad_config", "vendor_quota", "vendor_rate", "vendor_token", "no_balance", "bad_template"}
    | {"channel_fault", "no_answer"}
)
"""Reasons that are the channel's own, not a person's: shown as its state."""

_PERIODS = {
    "hour": ("每小时", "hour"),
    "day": ("每天", "day"),
    "days_7": ("7 天内", "7 days"),
    "month": ("每月", "month"),
}


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def reason_text(code: str, params: dict[str, Any]) -> dict[str, str]:
    """``{zh, en}`` of a reason; an unknown code is answered as it is."""
    zh, en = REASONS.get(code, (code, code))
    period = _PERIODS.get(str(params.get("period")), ("", ""))
    return {
        "zh": zh.format_map(_Known(params | {"period": period[0]})),
        "en": en.format_map(_Known(params | {"period": period[1]})),
    }
