"""What can be wrong with a tag, in both languages, and the errors that say so."""

from __future__ import annotations

from collections.abc import Sequence

from siyu.audiences import Problem
from siyu.kit import FieldError, SiyuError

_TEXTS: dict[str, tuple[str, str]] = {
    "name_needed": ("请给标签起个名字（1–100 个字）。", "Give the tag a name (1 to 100 characters)."),
    "name_taken": ("已经有一个叫“{name}”的标签。", "There is a tag called “{name}” already."),
    "name_in_texts": (
        "这些消息里用到了标签现在的名字，请先改它们：{users}。",
        "Messages call the tag by its present name; change them first: {users}.",
    ),
    "unknown_kind": ("没有这种标签，可用：{known}。", "There is no such kind of tag; use one of {known}."),
    "bad_config": ("这里的值不合要求：{detail}", "{detail}"),
    "kind_stays": ("标签的种类不能改，请新建一个。", "The kind of a tag can't be changed; make another."),
    "not_live": (
        "这种标签要和所有人比较或全量计算，不能实时更新，请选择定时。",
        "This kind looks at everybody at once, so it can't be live; choose a schedule.",
    ),
    "no_schedule": ("手工和导入的标签随改随新，不需要更新计划。", "Tags given by hand or file are always fresh."),
    "no_amount_here": ("偏好要选文字类属性，不能用金额。", "A preference is about a text property, not the amount."),
    "no_absent_here": ("标签的序列里不能用“之后没有”。", "Steps that did not follow can't be used in a tag."),
    "needs_edges": ("固定分档需要至少一个分界值。", "Fixed bands need at least one edge."),
    "edges_rise": ("分界值要从小到大，不能重复。", "Edges rise and don't repeat."),
    "churned_later": ("流失天数要大于沉默天数。", "Churned comes later than silent."),
    "value_twice": ("值“{name}”出现了两次。", "The value “{name}” is there twice."),
    "no_name": ("请写明标签值。", "A value is needed."),
    "sql_role": ("SQL 标签需要 {role} 权限。", "A SQL tag needs the role {role}."),
    "sql_one_statement": ("只能写一条语句，不要用分号。", "One statement only, without semicolons."),
    "sql_only_select": (
        "只能写一条 SELECT，不能写入、导出或指定格式。",
        "Only a SELECT: no writing, no files, no format.",
    ),
    "sql_unreadable": ("数据库读不懂这条 SQL：{detail}", "The database can't run this SQL: {detail}"),
    "sql_no_settings": ("不能改数据库设置（SETTINGS）。", "Settings can't be changed."),
    "sql_no_with": ("请用子查询代替 WITH … AS (SELECT …)。", "Use a subquery instead of WITH … AS (SELECT …)."),
    "sql_table": ("不能读取“{name}”，可用的表：{known}。", "“{name}” can't be read; tables are {known}."),
    "sql_function": (
        "不能使用函数“{name}”：只允许单纯的计算函数，当前时间请用 as_of。",
        "The function “{name}” can't be used: only those that compute; the time is as_of.",
    ),
    "sql_one_row": (
        "每人只能有一行：现在 {rows} 行里只有 {persons} 个人。",
        "One row a person: there are {rows} rows of {persons} persons.",
    ),
    "sql_value_long": ("标签值最多 {limit} 个字符。", "A value has at most {limit} characters."),
    "value_not_offered": ("“{name}”不在可选的值里。", "“{name}” is none of the values to choose from."),
    "value_long": ("标签值应为 1–{limit} 个字。", "A value has 1 to {limit} characters."),
}


def text_of(problem: Problem, language: str) -> str:
    if problem.code in _TEXTS:
        zh, en = _TEXTS[problem.code]
        return (zh if language == "zh" else en).format_map(problem.params)
    return problem.text(language)


class BadTag(SiyuError):
    """This tag can't be used as it is; errors names each place."""

    code = "bad_tag"
    status = 422

    def __init__(self, problems: Sequence[Problem] = (), language: str = "en") -> None:
        self.problems = list(problems)
        super().__init__([FieldError(one.pointer, text_of(one, language), one.code) for one in problems])


class TagInUse(SiyuError):
    """{users} use this tag. Take it out of them first."""

    code = "tag_in_use"
    status = 409


class NotGiven(SiyuError):
    """This tag is computed; values are given by hand or file only to tags made for that."""

    code = "tag_not_given"
    status = 409


class NoTagColumn(SiyuError):
    """This file has no column of tag values. Call it “tag” (标签值), beside a column of identifiers."""

    code = "no_tag_column"
    status = 422


class NobodyNamed(SiyuError):
    """None of the {rows} rows names a person we know together with a value, so nothing was saved."""

    code = "nobody_named"
    status = 422


class TooManyPersons(SiyuError):
    """At most {limit} persons can be given a value at once; this audience has {size}."""

    code = "too_many_persons"
    status = 422
