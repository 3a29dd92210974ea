"""Every decision and every problem in words, Chinese first. Params in braces; moments are written out in local time."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from siyu.catalog import Spoken
from siyu.delivery import channels, local_text, reason_text
from siyu.journeys.types import Text

_STEPS: dict[str, tuple[str, str]] = {
    "entered": ("{event}，进入旅程", "{event}: entered the journey"),
    "let_in": ("进入旅程", "Entered the journey"),
    "waits_for_best": ("等到常活跃的 {hour} 点（{until}）", "Waits for the usual hour, {hour}:00 ({until})"),
    "branched": ("走「{branch}」分支", "Went by the branch “{branch}”"),
    "split": ("随机分到「{branch}」", "Fell by lot into “{branch}”"),
    "trait_changed": ("已更新属性 {trait}", "Changed the trait {trait}"),
    "tag_given": ("已打标签「{tag}」：{value}", "Given the tag {tag}: {value}"),
    "tag_taken": ("已去掉标签「{tag}」", "The tag {tag} was taken away"),
    "tag_gone": ("标签已不存在，跳过", "The tag is gone; nothing was given"),
    "trait_kept": ("没有可写入的值，属性 {trait} 不变", "There was no value for it; the trait {trait} stays"),
    "task_given": ("交给员工：{title}，{until} 前完成", "Given to staff: {title}, due {until}"),
    "task_ended": ("任务「{title}」结果：{result}", "The task “{title}” ended: {result}"),
    "task_late": ("任务「{title}」超时未完成", "The task “{title}” was not done in time"),
    "called": ("正在调用接口", "Asked another system"),
    "answered": ("接口已回应", "The other system answered"),
    "call_failed": ("接口调用失败", "The other system could not be asked"),
    "sent_on": ("送入另一旅程", "Sent on into another journey"),
    "converted": ("达成目标 {goal}", "Came to the goal {goal}"),
    "goal_reached": ("发生了目标事件「{event}」，已转化", "“{event}” happened: converted"),
    "exited_audience": ("进入了退出人群，提前离开旅程", "Came into an audience that ends it: left the journey early"),
    "did_it": ("之后做了「{event}」，所以没有进入", "Then “{event}” happened, so they did not enter"),
    "not_let_in": ("还没有被选中进入", "Has not been let in"),
    "not_open": ("旅程只在 {starts} 至 {ends} 开放进入", "The journey takes people from {starts} to {ends}"),
    "limit_person": ("已达每人 {limit} 次的进入上限", "Has entered {limit} times, which is the limit"),
    "limit_day": ("当天进入已达 {limit} 人次上限", "The limit of {limit} entries a day was reached"),
    "limit_total": ("进入已达 {limit} 人次上限", "The limit of {limit} entries was reached"),
    "waits": ("开始等待，到 {until}", "Waits until {until}"),
    "waited": ("等待结束，继续", "The wait is over; goes on"),
    "happened": ("等待期间发生了「{event}」", "“{event}” happened during the wait"),
    "treated": ("不在对照组（{percent}%），继续", "Not in the holdout ({percent}%); goes on"),
    "held_out": ("分到对照组（{percent}%），不发送", "Fell into the holdout ({percent}%); gets nothing"),
    "queued": ("通过全部检查，消息进入「{channel}」发送队列", "Passed every check; queued for {channel}"),
    "postponed": ("暂不发送：{reason_text}。{retry_at} 再试", "Not now: {reason_text}. Tries again at {retry_at}"),
    "refused": ("没有发送：{reason_text}", "Not sent: {reason_text}"),
    "exited": ("发生了「{event}」，提前离开旅程", "“{event}” happened: left the journey early"),
    "finished": ("走完旅程", "Came to the end of the journey"),
    "merged": ("与另一个用户合并，两次旅程并为一次", "Merged with another person; the two runs became one"),
    "retired": ("旅程已下线，停止", "The journey was retired; stopped here"),
    "parked": ("执行出错，已暂存等待处理：{detail}", "Something went wrong; parked until somebody looks: {detail}"),
    "resumed": ("由 {operator} 恢复执行", "Resumed by {operator}"),
    "message_sent": ("消息已通过「{channel}」发出", "The message went out by {channel}"),
    "message_queued": ("消息等待「{channel}」发出：{reason_text}", "The message waits for {channel}: {reason_text}"),
    "message_sending": ("消息正在交给「{channel}」", "The message is being handed to {channel}"),
    "message_failed": ("消息发送失败：{reason_text}", "The message failed: {reason_text}"),
    "message_refused": ("发出前复查被拦下：{reason_text}", "Held back at the last look: {reason_text}"),
    "message_in_doubt": ("消息是否送达存疑：{reason_text}", "Whether the message arrived is in doubt: {reason_text}"),
    "no_event": ("没有「{event}」的记录，所以没有进入", "There is no “{event}” on record, so they never entered"),
    "not_published": ("旅程还没有发布", "The journey has not been published"),
    "paused": ("「{event}」发生时旅程已暂停", "The journey was paused when “{event}” happened"),
    "retired_before": ("「{event}」发生时旅程已下线", "The journey had been retired when “{event}” happened"),
    "before_publish": (
        "「{event}」发生在 {at}，早于旅程发布时间 {published_at}",
        "“{event}” happened at {at}, before the journey was published at {published_at}",
    ),
    "too_old": (
        "「{event}」发生在 {at}，收到时已超过 {hours} 小时，太旧了，不触发",
        "“{event}” happened at {at} and reached us more than {hours} hours later: too old to start anything",
    ),
    "not_matching": ("「{event}」发生过，但不满足触发条件", "“{event}” happened but did not meet the conditions"),
    "once_only": ("以前进入过，这个旅程每人只进入一次", "Has been in it before; this journey takes each person once"),
    "reentry_window": (
        "上次进入是 {last_at}，{days} 天内不再进入",
        "Last entered at {last_at}; not again within {days} days",
    ),
    "already_inside": ("「{event}」再次发生时，还在旅程中", "Was still inside when “{event}” happened again"),
    "not_yet": ("「{event}」已收到，正在处理", "“{event}” has arrived and is being worked on"),
    "waiting": ("还在旅程中，等到 {due_at}", "Still on the way, waiting until {due_at}"),
    "done": ("走完旅程，没有发送消息", "Came to the end without a message"),
    "moving": ("正在旅程中", "On the way"),
}

_PROBLEMS: dict[str, tuple[str, str]] = {
    "empty": ("画布是空的，先添加触发条件", "The canvas is empty; start with a trigger"),
    "same_id": ("有两个节点用了同一个编号", "Two nodes have the same id"),
    "unknown_kind": ("没有「{kind}」这种节点", "There is no node kind {kind}"),
    "edge_to_nowhere": ("连线连到不存在的节点 {to}", "A line leads to a node {to} that does not exist"),
    "unknown_branch": ("这个节点没有「{branch}」分支", "This node has no branch {branch}"),
    "branch_twice": ("「{branch}」分支连了两条线", "The branch {branch} leads to two places"),
    "edge_into_trigger": ("触发节点不能有进入的连线", "Nothing can lead into a trigger"),
    "no_trigger": ("缺少触发节点", "There is no trigger"),
    "two_triggers": ("只能有一个触发节点", "There can be only one trigger"),
    "leads_nowhere": ("这个节点之后没有下一步", "Nothing follows this node"),
    "unreachable": ("没有人能走到这个节点", "Nobody can come to this node"),
    "circle": ("路径绕成了圈，永远走不完", "The path runs in a circle and never ends"),
    "bad_config": ("设置有误：{detail}", "The settings are wrong: {detail}"),
    "exits_on_own_trigger": (
        "「{event}」既是触发事件又是退出事件，进入就会离开",
        "“{event}” both starts and ends the journey; everybody would leave at once",
    ),
    "branch_missing": ("「{branch}」分支还没有下一步", "The branch {branch} leads nowhere"),
    "same_branch": ("有两条分支都叫「{branch}」", "Two branches are called {branch}"),
    "unknown_audience": ("没有这个人群：{audience}", "There is no audience {audience}"),
    "unknown_journey": ("旅程 {journey} 不存在或未发布", "The journey {journey} does not exist or is not published"),
    "enters_itself": ("旅程不能进入自己", "A journey can't lead into itself"),
    "no_such_day": ("没有这一天：{day}", "There is no such day: {day}"),
    "never_fires": ("这样的时间不会再到来", "That time never comes"),
    "bad_rule": ("「{branch}」的规则有误：{detail}", "The rule of {branch} is wrong: {detail}"),
    "bad_values": ("「{branch}」的值个数或写法不对", "The values of {branch} don't fit its comparison"),
    "bad_value": ("属性 {trait} 的值写法不对", "The value for {trait} is missing or no number"),
    "shares_over": ("比例合计 {total}%，超过 100%", "The shares add up to {total}%, more than 100%"),
    "bad_address": ("地址有误：{url}", "This address can't be used: {url}"),
    "address_refused": ("不能调用这个地址：{detail}", "This address is not called: {detail}"),
    "ends_before_start": ("结束日期早于开始日期", "The journey ends before it starts"),
    "waits_for_nothing": ("等待时间是 0", "The wait is 0 minutes long"),
    "unknown_channel": ("没有「{channel}」这个渠道", "There is no channel {channel}"),
    "channel_off": ("「{channel}」渠道还没有启用", "The channel {channel} is not switched on"),
    "no_subject": ("缺少主题", "The subject is missing"),
    "no_template": ("「{channel}」需要平台审核通过的模板编号", "{channel} needs the id of an approved template"),
    "unknown_tag": ("标签 {tag} 不存在", "There is no tag {tag}"),
    "tag_not_given": ("这个标签是算出来的，不能由旅程改", "This tag is computed, so a journey can't give it"),
    "value_long": ("标签值太长", "The value is too long"),
    "value_not_offered": ("“{name}”不在这个标签可选的值里", "“{name}” is none of the tag's values"),
    "unknown_template": (
        "没有消息模板 {template}，或已归档",
        "There is no message template {template}, or it is archived",
    ),
    "template_elsewhere": (
        "消息模板 {template} 是写给「{channel}」的，不能从这个渠道发",
        "The message template {template} is written for {channel}; it can't be sent on this channel",
    ),
    "no_body": ("缺少正文", "The body is missing"),
    "bad_variable": ("变量写法有误：{name}", "This variable is not written correctly: {name}"),
    "variable_without_default": (
        "变量 {name} 没有默认值，写成 {{{{{name}|默认值}}}}",
        "The variable {name} has no default; write {{{{{name}|default}}}}",
    ),
    "unsafe_html": ("HTML 正文里不能有「{piece}」", "The HTML body can't contain “{piece}”"),
    "repeat_longer_than_reentry": (
        "再次进入间隔是 {reentry} 天，但同一活动的再发间隔更长，再次进入的人收不到消息",
        "People re-enter after {reentry} days, but the same campaign waits longer, so they would get nothing",
    ),
    "text_too_long": ("正文超过 {limit} 字", "The body is longer than {limit} characters"),
    "text_ending": ("正文必须以「{ending}」结尾", "The body must end with “{ending}”"),
    "text_forbidden": ("正文里不能有「{piece}」", "The body can't contain “{piece}”"),
}


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def problem_text(code: str, params: dict[str, Any]) -> Text:
    zh, en = _PROBLEMS[code]
    texts = {"zh": zh, "en": en}
    return {language: text.format_map(_Known(_named(params, language))) for language, text in texts.items()}


def step_text(code: str, params: dict[str, Any], zone: ZoneInfo, spoken: Spoken) -> Text:
    """A decision in words; ``params`` that end in ``at`` or are ``until`` are epoch ms."""
    zh, en = _STEPS.get(code, (code, code))
    reason = reason_text(str(params.get("reason", "")), params)
    texts = {"zh": zh, "en": en}
    return {
        language: text.format_map(_Known(_said(params, language, zone, spoken) | {"reason_text": reason[language]}))
        for language, text in texts.items()
    }


def _named(params: dict[str, Any], language: str) -> dict[str, Any]:
    """Channels by their names."""
    known = channels().get(str(params.get("channel", "")))
    return params | {"channel": known.zh if language == "zh" else known.en} if known else params


def _said(params: dict[str, Any], language: str, zone: ZoneInfo, spoken: Spoken) -> dict[str, Any]:
    said = {}
    for name, value in _named(params, language).items():
        if name == "event":
            label = spoken.event(str(value))
            said[name] = label.zh if language == "zh" else label.en
        elif isinstance(value, int) and (name.endswith("at") or name == "until"):
            said[name] = local_text(value, zone)
        else:
            said[name] = value
    return said
