"""A rule in plain words, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from siyu.audiences import rules
from siyu.audiences.rules import Rule, Test
from siyu.catalog import STANDARD

_VERBS = {
    "contains": ("包含", "contains"),
    "starts_with": ("以…开头", "starts with"),
    "gt": ("大于", "is above"),
    "gte": ("至少", "is at least"),
    "lt": ("小于", "is below"),
    "lte": ("至多", "is at most"),
}
_AGGREGATES = {
    "sum": ("总和", "total"),
    "min": ("最小值", "lowest"),
    "max": ("最大值", "highest"),
    "avg": ("平均值", "average"),
    "first": ("首次", "first"),
    "last": ("最近一次", "latest"),
}
_STAGES = {
    "new": ("新用户", "new"),
    "first_order": ("首单", "first order"),
    "repeat": ("回购", "repeat"),
    "silent": ("沉默", "silent"),
    "churned": ("流失", "churned"),
}
_CHANNELS = {
    "official_account": ("公众号", "Official Account"),
    "wecom_friend": ("企微好友", "WeCom friend"),
    "wecom_group": ("社群", "WeCom group"),
    "mini_program": ("小程序", "mini program"),
    "app": ("App", "app"),
    "website": ("网站", "website"),
    "email": ("邮件", "email"),
    "sms": ("短信", "SMS"),
    "webhook": ("Webhook", "webhook"),
}


class Readings(msgspec.Struct, frozen=True):
    zh: str
    en: str


def read(rule: Rule, names: Mapping[str, str], zone: ZoneInfo) -> Readings:
    """``names``: audience id → name. ``zone`` is where dates are told."""
    return Readings(*(_Reader(names, zone, zh).rule(rule) for zh in (True, False)))


class _Reader:
    def __init__(self, names: Mapping[str, str], zone: ZoneInfo, zh: bool) -> None:
        self._names = names
        self._zone = zone
        self._zh = zh

    def say(self, zh: str, en: str) -> str:
        return zh if self._zh else en

    def rule(self, rule: Rule, inside: bool = False) -> str:
        if isinstance(rule, rules.All | rules.Any):
            return self._group(rule, inside)
        if isinstance(rule, rules.Not):
            inner = self.rule(rule.rule)
            return self.say(f"不满足（{inner}）", f"not ({inner})")
        if isinstance(rule, rules.Trait):
            return f"{rule.name} {self.test(rule.test)}"
        if isinstance(rule, rules.Event):
            return self._event(rule)
        if isinstance(rule, rules.Entered):
            return f"{self.say('进入私域', 'entered the private domain')} {self._time(rule.test)}"
        return self._known(rule)

    def _known(self, rule: rules.Stage | rules.Reachable | rules.Member) -> str:
        if isinstance(rule, rules.Stage):
            labels = [self.say(*_STAGES[name]) for name in rule.names]
            return self.say(f"生命周期为 {'、'.join(labels)}", f"lifecycle stage is {' or '.join(labels)}")
        if isinstance(rule, rules.Reachable):
            label = self.say(*_CHANNELS.get(rule.channel, (rule.channel, rule.channel)))
            return self.say(f"可通过{label}触达", f"can be reached by {label}")
        name = self._names.get(rule.audience, rule.audience)
        return self.say(f"属于人群“{name}”", f"belongs to “{name}”")

    def _group(self, group: rules.All | rules.Any, inside: bool) -> str:
        every = isinstance(group, rules.All)
        glue = self.say("，且", ", and ") if every else self.say("，或", ", or ")
        text = glue.join(self.rule(child, inside=len(group.rules) > 1) for child in group.rules)
        if inside and len(group.rules) > 1:
            return self.say(f"（{text}）", f"({text})")
        return text

    def _event(self, rule: rules.Event) -> str:
        known = STANDARD.get(rule.name)
        label = self.say(known.zh, known.en) if known else rule.name
        label = self.say(f"“{label}”", f"“{label}”")
        if rule.where:
            conditions = self.say("，", ", ").join(
                f"{_property(where.property)} {self.test(where.test)}" for where in rule.where
            )
            label += self.say(f"（{conditions}）", f" ({conditions})")
        window = self._window(rule.window)
        if rule.aggregate == "count":
            return self._count(rule, label, window)
        return self._measure(rule, label, window)

    def _count(self, rule: rules.Event, label: str, window: str) -> str:
        test = rule.test
        never = (test.verb == "in" and test.values == (0,) and not test.negate) or (
            test.verb == "lt" and test.values == (1,)
        )
        if never:
            return self.say(f"{window}没有{label}", f"no {label}{window}")
        if test.verb == "gte" and not test.negate:
            return self.say(
                f"{window}{label}至少 {test.values[0]} 次", f"{label} at least {_times(test.values[0])}{window}"
            )
        return self.say(f"{window}{label}次数 {self.test(test)}", f"number of {label}{window} {self.test(test)}")

    def _measure(self, rule: rules.Event, label: str, window: str) -> str:
        aggregate = self.say(*_AGGREGATES[rule.aggregate])
        if rule.aggregate in ("first", "last"):
            if not rule.property:
                when = self._time(rule.test)
                return self.say(f"{window}{aggregate}{label}{when}", f"{aggregate} {label}{window} {when}")
            what = _property(rule.property)
            return self.say(
                f"{window}{aggregate}{label}的 {what} {self._amount(rule)}",
                f"{what} of the {aggregate} {label}{window} {self._amount(rule)}",
            )
        what = _property(rule.property)
        return self.say(
            f"{window}{label}的 {what} {aggregate} {self._amount(rule)}",
            f"{aggregate} {what} of {label}{window} {self._amount(rule)}",
        )

    def _amount(self, rule: rules.Event) -> str:
        """Amounts are kept in fen and told in yuan."""
        if rule.property != "amount":
            return self.test(rule.test)
        values = tuple(
            f"¥{value / 100:,.2f}" if isinstance(value, int | float) else value for value in rule.test.values
        )
        return self.test(msgspec.structs.replace(rule.test, values=values))

    def _window(self, window: rules.Window | None) -> str:
        if window is None:
            return ""
        if window.days is not None:
            return self.say(f"近 {window.days} 天", f" in the last {window.days} days")
        start = self._moment(window.start) if window.start is not None else ""
        end = self._moment(window.end) if window.end is not None else ""
        return self.say(
            "".join(["从 " + start if start else "", f"{'到' if start else ''} {end} 之前" if end else ""]) + " ",
            (f" from {start}" if start else "") + (f" before {end}" if end else ""),
        )

    def test(self, test: Test) -> str:
        if test.verb == "exists":
            return self.say("没有值", "is missing") if test.negate else self.say("有值", "is known")
        if test.reading == "time":
            return self._time(test)
        if test.verb == "in":
            return self._choice(test)
        if test.verb == "between":
            low, high = test.values
            return self.say(f"在 {low} 和 {high} 之间", f"is between {low} and {high}")
        zh, en = _VERBS[test.verb]
        value = test.values[0]
        if test.verb == "starts_with":
            return self.say(f"以“{value}”开头", f"starts with “{value}”")
        if test.negate:
            return self.say(f"不{zh}“{value}”", f"does not contain “{value}”")
        return self.say(f"{zh} {value}", f"{en} {value}")

    def _choice(self, test: Test) -> str:
        shown = [str(value) for value in test.values[:10]]
        more = len(test.values) - len(shown)
        text = self.say("、", ", ").join(shown) + (
            self.say(f" 等 {len(test.values)} 个", f" and {more} more") if more else ""
        )
        if len(test.values) == 1:
            return self.say("不是 " if test.negate else "是 ", "is not " if test.negate else "is ") + text
        return self.say("不属于 " if test.negate else "属于 ", "is none of " if test.negate else "is one of ") + text

    def _time(self, test: Test) -> str:
        if test.verb == "exists":
            return self.say("从未发生", "never happened") if test.negate else self.say("发生过", "has happened")
        if test.verb == "recent":
            return self.say(f"在近 {test.values[0]} 天内", f"was in the last {test.values[0]} days")
        low, high = test.values
        start = self._moment(low) if isinstance(low, int) else ""
        end = self._moment(high) if isinstance(high, int) else ""
        if start and end:
            return self.say(f"在 {start} 到 {end} 之间", f"was from {start} until {end}")
        if start:
            return self.say(f"在 {start} 及以后", f"was on or after {start}")
        return self.say(f"在 {end} 之前", f"was before {end}")

    def _moment(self, ms: int) -> str:
        moment = datetime.fromtimestamp(0, self._zone) + timedelta(milliseconds=ms)
        local = moment.astimezone(self._zone)
        if (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0):
            return local.strftime("%Y-%m-%d")
        return local.strftime("%Y-%m-%d %H:%M")


def _property(name: str) -> str:
    return name.removeprefix(".")


def _times(number: object) -> str:
    return "once" if number == 1 else f"{number} times"
