"""Gives a tag that people give by hand or file, or takes it away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

import msgspec

from siyu.collect import emit
from siyu.delivery import field
from siyu.journeys.nodes.contract import THEN, Checking, Fault, Kind, Moment
from siyu.journeys.types import Move, Run
from siyu.tags import Gift, gift_event, tag_names


class TagConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    tag: Annotated[
        str,
        field(
            "标签",
            "Tag",
            "手工或导入的标签；算出来的标签不能在这里改",
            "One given by hand or file; tags that are computed can't be changed here",
            min_length=1,
            max_length=40,
            widget="tag",
        ),
    ]
    value: Annotated[str, field("值", "Value", "留空则去掉这个标签", "Empty takes the tag away", max_length=100)] = ""


def _act(moment: Moment, config: TagConfig, runs: Sequence[Run]) -> list[Move]:
    name, value = tag_names(moment.conn).get(config.tag, ""), config.value.strip()
    if not name:
        return [Move(run, "tag_gone", {"tag": config.tag}, branch=THEN) for run in runs]
    gift = Gift(config.tag, value, name, moment.name)
    key = f"tag {moment.journey} {{}} {moment.node}"
    gifts = [gift_event(run.person, moment.now, key.format(run.id), gift) for run in runs]
    emit(moment.conn, gifts, moment.now)
    code, params = ("tag_given", {"tag": name, "value": value}) if value else ("tag_taken", {"tag": name})
    return [Move(run, code, params, branch=THEN) for run in runs]


def _check(config: TagConfig, checking: Checking) -> Iterable[Fault]:
    if code := checking.gift(config.tag, config.value.strip()):
        yield code, {"tag": config.tag, "name": config.value[:40]}


KIND = Kind(
    name="give_tag",
    zh="打标签",
    en="Give a tag",
    group="action",
    config=TagConfig,
    branches={THEN: {"zh": "继续", "en": "Goes on"}},
    act=_act,
    check=_check,
)
