"""A rule in plain words, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from siyu.audiences import rules
from siyu.audiences.filling import Book
from siyu.audiences.rules import Rule, Test
from siyu.audiences.times import UNITS
from siyu.catalog import CHANNEL_LABELS, Label, Spoken, word_label

_VERBS = {
    "contains": ("包含", "contains"),
    "starts_with": ("以…开头", "starts with"),
    "gt": ("大于", "is above"),
    "gte": ("至少", "is at least"),
    "lt": ("小于", "is below"),
    "lte": ("至多", "is at most"),
}
_AGGREGATES = {
    "distinct": ("种数", "number of different"),
    "sum": ("总和", "total"),
    "min": ("最小值", "lowest"),
    "max": ("最大值", "highest"),
    "avg": ("平均值", "average"),
    "first": ("首次", "first"),
    "last": ("最近一次", "latest"),
}
_UNITS = {
    "minutes": ("分钟", "minute"),
    "hours": ("小时", "hour"),
    "days": ("天", "day"),
    "weeks": ("周", "week"),
    "months": ("个月", "month"),
}
_ANSWERS = {
    "granted": ("已同意", "has agreed to"),
    "withdrawn": ("已拒绝", "has refused"),
    "unknown": ("还没表态", "has said nothing about"),
}

_PROPER = frozenset({"Official"})
"""Words of names, written with a capital inside a sentence too."""


class Readings(msgspec.Struct, frozen=True):
    zh: str
    en: str


def read(rule: Rule, everything: Book, spoken: Spoken) -> Readings:
    return Readings(*(_Reader(everything, spoken, zh).rule(rule) for zh in (True, False)))


def read_ranked(
    number: int, by: rules.Event | rules.Trait, words: Readings, everything: Book, spoken: Spoken
) -> Readings:
    """Only the first so many by a value, of those the rule is for."""
    zh, en = (_Reader(everything, spoken, each).value(by) for each in (True, False))
    return Readings(
        f"{words.zh}，其中{zh}最高的 {number:,} 人", f"{words.en}; of them the {number:,} with the highest {en}"
    )


def read_clause(rule: Rule, everything: Book, spoken: Spoken, language: str) -> str:
    """One condition in one language."""
    return _Reader(everything, spoken, language == "zh").rule(rule)


class _Reader:
    def __init__(self, everything: Book, spoken: Spoken, zh: bool) -> None:
        self._names = everything.names
        self._tags = everything.tags
        self._spoken = spoken
        self._zone = everything.zone
        self._zh = zh

    def say(self, zh: str, en: str) -> str:
        return zh if self._zh else en

    def _trait(self, name: str) -> str:
        return self._called(self._spoken.trait(name), name)

    def _property(self, event: str, name: str) -> str:
        plain = name.removeprefix(".")
        return self._called(self._spoken.property(event, plain), plain)

    def _called(self, label: Label, name: str) -> str:
        """Amounts are told in yuan, so theirs doesn't name the fen. What operators named stays as they wrote it."""
        if label != word_label(name):
            return self.say(label.zh, label.en)
        return self._word(Label(label.zh.removesuffix("（分）"), label.en.removesuffix(" (fen)")))

    def _word(self, label: Label) -> str:
        """English inside a sentence, but for names and abbreviations: "first order", "WeCom friend", "SKU"."""
        first = label.en.partition(" ")[0]
        common = first.istitle() and first not in _PROPER
        return self.say(label.zh, label.en[:1].lower() + label.en[1:] if common else label.en)

    def rule(self, rule: Rule, inside: bool = False) -> str:
        if isinstance(rule, rules.All | rules.Any):
            return self._group(rule, inside)
        if isinstance(rule, rules.Not):
            inner = self.rule(rule.rule)
            return self.say(f"不满足（{inner}）", f"not ({inner})")
        if isinstance(rule, rules.Trait):
            return f"{self._trait(rule.name)} {self.test(rule.test)}"
        if isinstance(rule, rules.Tag):
            name = self._names.get(rule.tag, rule.tag)
            return f"{self.say(f'标签“{name}”', f'tag “{name}”')} {self._tagged(rule)}"
        if isinstance(rule, rules.Event):
            return self._event(rule)
        if isinstance(rule, rules.Sequence):
            return self._sequence(rule)
        if isinstance(rule, rules.Entered):
            return f"{self.say('进入私域', 'entered the private domain')} {self._time(rule.test)}"
        return self._known(rule)

    def _tagged(self, rule: rules.Tag) -> str:
        """Values by their names, amounts in yuan."""
        tag = self._tags.get(rule.tag)
        if tag is not None and tag.unit == "money":
            return self.test(_in_yuan(rule.test))
        labels = tag.labels if tag is not None else {}
        values = tuple(
            self._word(labels[each]) if isinstance(each, str) and each in labels else each for each in rule.test.values
        )
        return self.test(msgspec.structs.replace(rule.test, values=values))

    def _known(self, rule: rules.Stage | rules.Reachable | rules.Consent | rules.Random | rules.Member) -> str:
        if isinstance(rule, rules.Stage):
            labels = [self._word(self._spoken.stages[name]) for name in rule.names]
            return self.say(f"生命周期为 {'、'.join(labels)}", f"lifecycle stage is {' or '.join(labels)}")
        if isinstance(rule, rules.Reachable):
            label = self._word(CHANNEL_LABELS.get(rule.channel, Label(rule.channel, rule.channel)))
            return self.say(f"可通过{label}触达", f"can be reached by {label}")
        if isinstance(rule, rules.Consent):
            label = self._word(CHANNEL_LABELS.get(rule.channel, Label(rule.channel, rule.channel)))
            answer = self.say(*_ANSWERS[rule.state])
            purpose = self.say("营销", "marketing") if rule.purpose == "marketing" else rule.purpose
            return self.say(f"对{label}（{purpose}）{answer}", f"{answer} {label} ({purpose})")
        if isinstance(rule, rules.Random):
            return self.say(f"随机抽中的 {rule.percent}%", f"one of a random {rule.percent}%")
        name = self._names.get(rule.audience, rule.audience)
        return self.say(f"属于人群“{name}”", f"belongs to “{name}”")

    def _group(self, group: rules.All | rules.Any, inside: bool) -> str:
        every = isinstance(group, rules.All)
        glue = self.say("，且", ", and ") if every else self.say("，或", ", or ")
        text = glue.join(self.rule(child, inside=len(group.rules) > 1) for child in group.rules)
        if inside and len(group.rules) > 1:
            return self.say(f"（{text}）", f"({text})")
        return text

    def _sequence(self, rule: rules.Sequence) -> str:
        steps = [self._label(step.name, step.where) for step in rule.steps]
        within, window = self._long(rules.Span(*_whole(rule.within))), self._window(rule.window)
        if rule.absent:
            return self.say(
                f"{window}{steps[0]}之后 {within}内没有{steps[1]}",
                f"no {steps[1]} within {within} after {steps[0]}{window}",
            )
        zh = "，之后".join(steps)
        return self.say(f"{window}先{zh}（{within}内完成）", f"{', then '.join(steps)}{window}, all within {within}")

    def _label(self, name: str, wheres: Sequence[rules.Where]) -> str:
        known = self._spoken.event(name)
        label = f"“{self.say(known.zh, known.en)}”"
        if not wheres:
            return label
        conditions = self.say("，", ", ").join(
            f"{self._property(name, one.property)} {self._where(one)}" for one in wheres
        )
        return label + self.say(f"（{conditions}）", f" ({conditions})")

    def _where(self, where: rules.Where) -> str:
        return self.test(_in_yuan(where.test) if where.property == "amount" else where.test)

    def _event(self, rule: rules.Event) -> str:
        label = self._label(rule.name, rule.where)
        window = self._window(rule.window)
        if rule.usual is not None:
            return self._own(rule, label, window)
        if rule.aggregate == "count":
            return self._count(rule, label, window)
        return self._measure(rule, label, window)

    def _own(self, rule: rules.Event, label: str, window: str) -> str:
        usual = self._window(rule.usual)
        zh, en = _VERBS[rule.test.verb]
        times = rule.test.values[0]
        if rule.aggregate == "count":
            what_zh, what_en = f"{label}次数", f"number of {label}"
        else:
            aggregate = self.say(*_AGGREGATES[rule.aggregate])
            what = self._property(rule.name, rule.property)
            what_zh, what_en = f"{label}的 {what} {aggregate}", f"{aggregate} {what} of {label}"
        return self.say(
            f"{window}{what_zh}{zh}本人平时（{usual}）的 {times} 倍",
            f"{what_en}{window} {en} {times} times the person's own usual ({usual.strip()})",
        )

    def value(self, by: rules.Event | rules.Trait) -> str:
        """What somebody is ranked by."""
        if isinstance(by, rules.Trait):
            return self._trait(by.name)
        label, window = self._label(by.name, by.where), self._window(by.window)
        if by.aggregate == "count":
            return self.say(f"{window}{label}次数", f"number of {label}{window}")
        aggregate, what = self.say(*_AGGREGATES[by.aggregate]), self._property(by.name, by.property)
        return self.say(f"{window}{label}的 {what} {aggregate}", f"{aggregate} {what} of {label}{window}")

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
            what = self._property(rule.name, rule.property)
            return self.say(
                f"{window}{aggregate}{label}的 {what} {self._amount(rule)}",
                f"{what} of the {aggregate} {label}{window} {self._amount(rule)}",
            )
        what = self._property(rule.name, rule.property)
        return self.say(
            f"{window}{label}的 {what} {aggregate} {self._amount(rule)}",
            f"{aggregate} {what} of {label}{window} {self._amount(rule)}",
        )

    def _amount(self, rule: rules.Event) -> str:
        """Amounts are kept in fen and told in yuan."""
        in_yuan = rule.property == "amount" and rule.aggregate != "distinct"
        return self.test(_in_yuan(rule.test) if in_yuan else rule.test)

    def _window(self, window: rules.Window | None) -> str:
        if window is None:
            return ""
        if window.since is not None:
            label = self._label(window.since.name, ())
            which = self.say(*_AGGREGATES[window.since.which])
            return self.say(f"{which}{label}之后", f" since the {which} {label}")
        start, end = window.start, window.end
        if isinstance(start, rules.Span) and isinstance(end, rules.Span):
            return self.say(
                f"{self._number(end)}到 {self._long(start)}前之间",
                f" between {self._number(end)} and {self._long(start)} ago",
            )
        if isinstance(start, rules.Span):
            return self.say(f"近 {self._long(start)}", f" in the last {self._long(start)}")
        if isinstance(end, rules.Span):
            return self.say(f"{self._long(end)}以前", f" more than {self._long(end)} ago")
        return self._dates(start, end)

    def _dates(self, start: int | None, end: int | None) -> str:
        since = self._moment(start) if start is not None else ""
        until = self._moment(end) if end is not None else ""
        return self.say(
            "".join(["从 " + since if since else "", f"{'到' if since else ''} {until} 之前" if until else ""]) + " ",
            (f" from {since}" if since else "") + (f" before {until}" if until else ""),
        )

    def _number(self, span: rules.Span) -> str:
        return f"{span.number} " if self._zh else f"{span.number}"

    def _long(self, span: rules.Span) -> str:
        zh, en = _UNITS[span.unit]
        return self.say(f"{span.number} {zh}", f"{span.number} {en}{'' if span.number == 1 else 's'}")

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
        if test.verb == "upcoming":
            return self.say(f"在未来 {test.values[0]} 天内", f"is in the next {test.values[0]} days")
        if test.verb == "recurs":
            return self._recurs(test.values[0])
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

    def _recurs(self, days: object) -> str:
        """29 February is kept on the 28th in other years."""
        if days == 0:
            return self.say("就在今天（每年）", "is today (every year)")
        return self.say(f"在未来 {days} 天内（每年，含今天）", f"comes round in the next {days} days (today included)")

    def _moment(self, ms: int) -> str:
        moment = datetime.fromtimestamp(0, self._zone) + timedelta(milliseconds=ms)
        local = moment.astimezone(self._zone)
        if (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0):
            return local.strftime("%Y-%m-%d")
        return local.strftime("%Y-%m-%d %H:%M")


def _in_yuan(test: Test) -> Test:
    values = tuple(f"¥{value / 100:,.2f}" if isinstance(value, int | float) else value for value in test.values)
    return msgspec.structs.replace(test, values=values)


def _whole(ms: int) -> tuple[int | float, rules.Unit]:
    """A length in the largest unit in which it is whole."""
    for unit in ("weeks", "days", "hours"):
        if ms % UNITS[unit] == 0 and (unit != "weeks" or ms > UNITS[unit]):
            return ms // UNITS[unit], unit
    minutes = ms / UNITS["minutes"]
    return int(minutes) if minutes.is_integer() else round(minutes, 2), "minutes"


def _times(number: object) -> str:
    return "once" if number == 1 else f"{number} times"
