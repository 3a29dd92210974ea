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
    "campaign_repeat": ("同一个活动已经发给过对方", "This campaign has already been sent to them"),
    "address_repeat": (
        "同一个活动已经通过另一个用户发到过这个地址",
        "This campaign has already gone to this address through another person",
    ),
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
