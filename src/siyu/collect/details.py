"""What is wrong with a record, in Chinese: it is kept as the English sentence its sender was answered."""

from __future__ import annotations

import re
from functools import cache

from siyu.kit import zh_messages

SENTENCES: dict[str, str] = {
    "a record may name {most} identifiers, not {given}.": "一条记录最多带 {most} 个标识，这条有 {given} 个。",
    "the time {time} is more than a day ahead.": "时间 {time} 比现在晚一天以上。",
    "the time {time} is before 1990.": "时间 {time} 早于 1990 年。",
    "one record may have at most {most} bytes.": "一条记录最多 {most} 字节。",
    "`type` is {given}; it is none of the record types of the protocol.": "type 是 {given}，协议里没有这种记录。",
    "`type` is {given}; use track, identify, page, screen, group or alias.": (
        "type 是 {given}，请用 track、identify、page、screen、group 或 alias。"
    ),
    "`eventType` is {given}; use CUSTOM or LOGIN_USER_ATTRIBUTES.": (
        "eventType 是 {given}，请用 CUSTOM 或 LOGIN_USER_ATTRIBUTES。"
    ),
    "a record needs `time` in milliseconds.": "记录要有 time（毫秒）。",
    "a track record needs `event`.": "track 记录要有 event（事件名）。",
    "a track call needs `event`.": "track 调用要有 event（事件名）。",
    "a custom event needs `eventName`.": "自定义事件要有 eventName（事件名）。",
    "an item record needs `item_type` and `item_id`.": "物品记录要有 item_type 和 item_id。",
    "an item needs `key` and `id`.": "物品要有 key 和 id。",
    "`{name}` must be a number to be added.": "要累加的 {name} 必须是数字。",
    "a record needs `distinct_id` or `identities`.": "记录要有 distinct_id 或 identities。",
    "a record needs `userId` or `deviceId`.": "记录要有 userId 或 deviceId。",
    "a record needs `userId` or `anonymousId`.": "记录要有 userId 或 anonymousId。",
    "none of `context.externalIds` names a person.": "context.externalIds 里没有一个能认出用户。",
    "an alias call needs `previousId`.": "alias 调用要有 previousId。",
    "an identify call needs `userId`, `anonymousId`, or an email or mobile.": (
        "identify 调用要有 userId、anonymousId、邮箱或手机号。"
    ),
    "{given} names nobody; send the person's real id.": "{given} 不代表任何人，请发送用户真实的标识。",
    "a name has the character NUL (U+0000) in it.": "名称里有空字符（U+0000）。",
    "`{name}` must be an object.": "{name} 必须是对象。",
    "the {what} {given} must be letters, digits, _ and $, at most 100 of them.": (
        "{what} {given} 只能由字母、数字、_ 和 $ 组成，最多 100 个。"
    ),
    "the {what} {given} is reserved.": "{what} {given} 是保留字。",
    "`{name}` has more than {most} characters.": "{name} 超过 {most} 个字符。",
    "a text in `{name}` has more than {most} characters.": "{name} 里有一个文本超过 {most} 个字符。",
    "{given} is not a time in milliseconds.": "{given} 不是毫秒时间。",
    "`{name}` is too large a number.": "{name} 的数字太大。",
    "`{name}` must be a text, number, boolean, time or list of texts.": (
        "{name} 必须是文本、数字、布尔、时间或文本列表。"
    ),
    "the list `{name}` may hold texts only.": "列表 {name} 里只能是文本。",
    "{given} is not an amount": "{given} 不是金额。",
    "{given} is not a whole number of fen": "{given} 不是整数的分。",
    "the amount is larger than any order": "金额大得不可能是一笔订单。",
    "a paid order can't be negative; send a refund as order_refunded": (
        "已支付的订单金额不能为负，退款请用 order_refunded 发送。"
    ),
    "this record can't be replayed: it came from within.": "这条记录由系统内部产生，不能重放。",
    "the callback could not be handled: {error}": "处理回调时出错：{error}",
    "The event engine refuses these rows: {detail}": zh_messages()["bad_rows"],
    "The JSON is nested more than {limit} levels deep. Flatten it.": zh_messages()["too_deep"],
    "Expected `{wanted}`, got `{given}` - at `{place}`": "{place} 应为 {wanted}，收到的是 {given}。",
    "Expected `{wanted}`, got `{given}`": "应为 {wanted}，收到的是 {given}。",
    "Object missing required field `{name}` - at `{place}`": "{place} 缺少字段 {name}。",
    "Object missing required field `{name}`": "缺少字段 {name}。",
}
"""English sentence → the Chinese one. A place that several sentences fit takes the one that stands first."""

_WHAT = {"event name": "事件名", "item type": "物品类型", "property name": "属性名"}


def detail_text(detail: str, language: str) -> str:
    """The sentence in ``zh`` or ``en``; as it is kept when it is none of ours."""
    if language != "zh":
        return detail
    for pattern, zh in _patterns():
        if found := pattern.fullmatch(detail):
            return zh.format_map({name: _WHAT.get(value, value) for name, value in found.groupdict().items()})
    return detail


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(_GAP.sub(_filled, re.escape(en)), re.DOTALL), zh) for en, zh in SENTENCES.items()]


_GAP = re.compile(r"\\\{(\w+)\\\}")


def _filled(gap: re.Match[str]) -> str:
    return f"(?P<what>{'|'.join(_WHAT)}|.*?)" if gap[1] == "what" else f"(?P<{gap[1]}>.*?)"
