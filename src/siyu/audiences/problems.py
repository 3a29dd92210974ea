"""What can be wrong with a rule, in both languages, and the error that carries it."""

from __future__ import annotations

import msgspec

from siyu.kit import FieldError, SiyuError

_TEXTS: dict[str, tuple[str, str]] = {
    "not_object": ("这里应是一个条件对象。", "This must be a condition object."),
    "unknown_clause": (
        "认不出的条件：请使用 all、any、not、trait、tag、event、sequence、lifecycle、reachable、consent、audience、"
        "entered 或 random。",
        "Unknown condition: use one of all, any, not, trait, tag, event, sequence, lifecycle, reachable, consent, "
        "audience, entered, random.",
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
        '时间范围应写成 {{"last_days": 30}}、{{"last": 3, "unit": "months"}}、{{"before": 30, "unit": "days"}}、'
        '{{"ago": [7, 30], "unit": "days"}}、{{"since": "last", "event": …}} 或 {{"from": …, "to": …}}。',
        'A window is {{"last_days": 30}}, {{"last": 3, "unit": "months"}}, {{"before": 30, "unit": "days"}}, '
        '{{"ago": [7, 30], "unit": "days"}}, {{"since": "last", "event": …}} or {{"from": …, "to": …}}.',
    ),
    "bad_within": (
        '请写明多久之内，如 {{"n": 3, "unit": "days"}}。',
        'Say within which time, such as {{"n": 3, "unit": "days"}}.',
    ),
    "unknown_unit": ("时间单位只能是：{known}。", "A unit of time is one of {known}."),
    "needs_span": (
        "这里需要大于 0、最多 {limit} 的数（月须为整数）。",
        "A number above 0 and up to {limit} is needed (months are whole).",
    ),
    "needs_whole_days": (
        "这里需要 0 到 {limit} 之间的整数天（0 为今天）。",
        "A whole number of days from 0 (today) to {limit} is needed.",
    ),
    "needs_boolean": ("这里需要是或否。", "True or false is needed."),
    "needs_percent": ("比例应大于 0，最多 100。", "A percentage above 0 and up to 100 is needed."),
    "needs_steps": ("序列需要 2 到 {limit} 步。", "A sequence has 2 to {limit} steps."),
    "absent_last": (
        "“之后没有”只能用在两步序列的第二步。",
        "Only the second of two steps can be one that did not follow.",
    ),
    "no_since_here": (
        "序列的时间范围不能以另一个行为为起点。",
        "The window of a sequence can't start at another event.",
    ),
    "first_or_last": ("请选择首次（first）或最近一次（last）。", "Choose first or last."),
    "own_needs_number": (
        "首次和最近一次不能和本人平时相比。",
        "First and last can't be compared with the person's own usual.",
    ),
    "own_above_zero": ("倍数要大于 0。", "The multiple must be above 0."),
    "own_needs_length": (
        "和本人平时相比时，两个时间范围都要是“最近”或“多久以前之间”（次数与合计不能按月）。",
        "To compare with the person's own usual both windows have to be the last so long, or between two times ago "
        "(for counts and sums not in months).",
    ),
    "unknown_answer": ("同意状态只能是：{known}。", "A consent is one of {known}."),
    "unknown_stage": ("没有“{name}”这个生命周期阶段，可用：{known}。", "No stage “{name}”; use one of {known}."),
    "unknown_channel": ("没有“{name}”这个渠道，可用：{known}。", "No channel “{name}”; use one of {known}."),
    "unknown_audience": ("找不到人群 {name}。", "There is no audience {name}."),
    "unknown_tag": ("找不到标签 {name}。", "There is no tag {name}."),
    "cycle": ("互相引用成了环：{names}。", "These refer to each other in a circle: {names}."),
    "bad_top": (
        '排名应写成 {{"n": 1000, "by": {{"trait": …}}}}，by 也可以是行为的次数、种数、合计、平均、最大或最小。',
        'A ranking is {{"n": 1000, "by": {{"trait": …}}}}; by may also be a count, distinct, sum, avg, min or max of '
        "an event.",
    ),
    "bad_count": ("人数应为 1 到 {limit} 之间的整数。", "A whole number from 1 to {limit} is needed."),
    "top_not_live": (
        "按排名取前几名需要和所有人比较，不能实时更新；请选择定时或快照。",
        "A ranking compares everybody, so it can't be live; choose scheduled or snapshot.",
    ),
    "schedule_needs_kind": ("只有定时更新的人群有更新计划。", "Only a scheduled audience has a schedule."),
    "list_has_no_rule": ("名单人群请上传文件，没有规则。", "A list is uploaded as a file and has no rule."),
    "kind_stays": (
        "名单人群和规则人群不能互换，请新建一个。",
        "A list can't become a rule or the reverse; make another.",
    ),
    "contradiction": (
        "和前面的条件“{other}”互相矛盾，没有人能同时符合。",
        "Contradicts “{other}” before it: nobody can fit both.",
    ),
    "unless_list": (
        "和前面的条件“{other}”取值不同：只有该属性同时有多个值的人才会符合。",
        "Asks for another value than “{other}” before it: only persons with several values at once fit.",
    ),
    "never_seen_event": (
        "还没有收到过行为“{name}”，目前没有人做过。",
        "No event “{name}” has come in yet: nobody did it so far.",
    ),
    "never_seen_trait": ("还没有人有属性“{name}”。", "Nobody has a trait “{name}” yet."),
    "never_seen_property": (
        "行为“{event}”里还没有出现过属性“{name}”。",
        "No “{event}” has had a property “{name}” yet.",
    ),
    "other_type": (
        "“{name}”的值看起来是{type_zh}，这样比较可能没有人符合。",
        "Values of “{name}” look like {type_en}; compared this way nobody may fit.",
    ),
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


class AudienceFrozen(SiyuError):
    """A {kind} keeps the members it was made with; it can't be computed again."""

    code = "audience_frozen"
    status = 409


class NotAList(SiyuError):
    """This audience is made by a rule; only a list takes a file."""

    code = "audience_not_a_list"
    status = 409


class BadList(SiyuError):
    """This file can't be read as a list of identifiers ({detail}). Send a CSV in UTF-8 or GB18030."""

    code = "bad_list"
    status = 422


class NobodyListed(SiyuError):
    """None of the {rows} rows names a person we know, so nothing was saved."""

    code = "nobody_listed"
    status = 422


class TooManyCompared(SiyuError):
    """Compare 2 to {limit} different audiences."""

    code = "too_many_compared"
    status = 422


class AudienceInUse(SiyuError):
    """{users} use this audience. Take it out of them first."""

    code = "audience_in_use"
    status = 409
