"""What can be wrong with a rule, in both languages, and the error that carries it."""

from __future__ import annotations

import msgspec

from siyu.kit import FieldError, SiyuError

_TEXTS: dict[str, tuple[str, str]] = {
    "not_object": ("这里应是一个条件对象。", "This must be a condition object."),
    "unknown_clause": (
        "认不出的条件：请使用 all、any、not、trait、event、lifecycle、reachable、audience 或 entered 之一。",
        "Unknown condition: use one of all, any, not, trait, event, lifecycle, reachable, audience, entered.",
    ),
    "several_clauses": (
        "一个条件里只能有一种，这里同时写了 {names}。",
        "A condition is of one kind; this one has {names}.",
    ),
    "unknown_key": ("条件里没有“{name}”这一项。", "A condition has no “{name}”."),
    "empty_group": ("条件组里至少要有一个条件。", "A group needs at least one condition."),
    "too_deep": ("条件嵌套超过 {limit} 层，请拆成多个人群。", "Nested deeper than {limit} levels; split it."),
    "too_many": ("条件超过 {limit} 个，请拆成多个人群。", "More than {limit} conditions; split it into audiences."),
    "no_name": ("请写明名称（1–200 个字）。", "A name is needed (1 to 200 characters)."),
    "bad_name": ("名称“{name}”里有不能用的字符。", "The name “{name}” has characters that can't be used."),
    "unknown_op": ("这里不能用“{op}”，可用：{known}。", "“{op}” can't be used here; use one of {known}."),
    "needs_text": ("这里需要一段文字（最多 {limit} 字）。", "A text of at most {limit} characters is needed."),
    "needs_number": ("这里需要一个数字。", "A number is needed."),
    "needs_scalar": ("这里需要文字、数字或是/否。", "A text, a number or a boolean is needed."),
    "needs_comparable": (
        "这里需要数字，或 ISO 日期时间（如 2026-01-31）。",
        "A number or an ISO date or time such as 2026-01-31 is needed.",
    ),
    "needs_time": (
        "这里需要 ISO 日期或时间，如 2026-01-31 或 2026-01-31T09:00:00+08:00。",
        "An ISO date or time is needed, such as 2026-01-31 or 2026-01-31T09:00:00+08:00.",
    ),
    "needs_days": ("这里需要天数（大于 0，最多 {limit}）。", "A number of days above 0 and up to {limit} is needed."),
    "needs_list": ("这里需要一个列表（1–{limit} 项）。", "A list of 1 to {limit} values is needed."),
    "needs_pair": ("这里需要两个值：[下限, 上限]。", "Two values are needed: [lowest, highest]."),
    "upside_down": ("下限大于上限，没有人会符合。", "The lowest value is above the highest; nobody would fit."),
    "no_value_wanted": ("“{op}”不需要值。", "“{op}” takes no value."),
    "unknown_aggregate": ("不支持的统计方式，可用：{known}。", "Unknown aggregate; use one of {known}."),
    "needs_property": ("“{name}”需要指定属性。", "“{name}” needs a property."),
    "no_property_wanted": ("“{name}”不需要属性。", "“{name}” takes no property."),
    "bad_window": (
        '时间范围应写成 {{"last_days": 30}} 或 {{"from": …, "to": …}}。',
        'A window is {{"last_days": 30}} or {{"from": …, "to": …}}.',
    ),
    "unknown_stage": ("没有“{name}”这个生命周期阶段，可用：{known}。", "No stage “{name}”; use one of {known}."),
    "unknown_channel": ("没有“{name}”这个渠道，可用：{known}。", "No channel “{name}”; use one of {known}."),
    "unknown_audience": ("找不到人群 {name}。", "There is no audience {name}."),
    "cycle": ("人群互相引用成了环：{names}。", "Audiences refer to each other in a circle: {names}."),
    "name_needed": ("请给人群起个名字（1–100 个字）。", "Give the audience a name (1 to 100 characters)."),
    "description_long": ("说明最多 {limit} 个字。", "A description has at most {limit} characters."),
}


class Problem(msgspec.Struct, frozen=True):
    """What is wrong at ``pointer``, a JSON pointer into the rule (or a field's name)."""

    pointer: str
    code: str
    params: dict[str, str | int] = {}

    def text(self, language: str) -> str:
        zh, en = _TEXTS[self.code]
        return (zh if language == "zh" else en).format_map(self.params)


class BadRule(SiyuError):
    """This rule can't be used as it is; errors names each clause."""

    code = "bad_rule"
    status = 422

    def __init__(self, problems: list[Problem] | None = None, language: str = "en") -> None:
        self.problems = problems or []
        super().__init__([FieldError(one.pointer, one.text(language), one.code) for one in self.problems])


class AudienceInUse(SiyuError):
    """{users} use this audience. Take it out of them first."""

    code = "audience_in_use"
    status = 409
