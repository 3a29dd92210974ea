"""What can be wrong with a text, in words. Params in braces."""

from __future__ import annotations

from siyu.content.types import Fault

FAULTS: dict[str, tuple[str, str]] = {
    "unknown_channel": ("没有「{channel}」这个渠道", "There is no channel {channel}"),
    "no_subject": ("缺少主题", "The subject is missing"),
    "no_body": ("缺少正文", "The text is missing"),
    "no_template": ("{channel} 需要平台审核通过的模板编号", "{channel} needs the id of an approved template"),
    "no_html": ("{channel} 不支持 HTML 正文", "{channel} takes no HTML body"),
    "bad_variable": ("变量写法有误：{name}", "This variable is not written correctly: {name}"),
    "variable_without_default": (
        "变量 {name} 没有默认值，写成 {{{{{name}|默认值}}}}",
        "The variable {name} has no default; write {{{{{name}|default}}}}",
    ),
    "variable_too_long": ("变量 {name} 的默认值超过 {limit} 字", "The default of {name} is longer than {limit}"),
    "too_many_variables": ("变量超过 {limit} 个", "There are more than {limit} variables"),
    "unsafe_html": ("HTML 正文里不能有「{piece}」", "The HTML body can't contain “{piece}”"),
    "bad_link": ("链接只能是 http(s) 网址或小程序页面路径", "A link is an http(s) address or a Mini Program page"),
    "text_too_long": ("正文超过 {limit} 字", "The text is longer than {limit} characters"),
    "text_ending": ("正文须以「{ending}」结尾", "The text must end with “{ending}”"),
    "text_forbidden": ("正文里不能有「{piece}」", "The text can't contain “{piece}”"),
    "no_such_template": ("模板不存在或已归档：{template}", "No such template, or it is archived: {template}"),
    "other_channel": ("模板是为 {channel} 写的", "This template is written for {channel}"),
}


def fault_text(fault: Fault) -> dict[str, str]:
    zh, en = FAULTS[fault.code]
    return {"zh": zh.format(**fault.params), "en": en.format(**fault.params)}
