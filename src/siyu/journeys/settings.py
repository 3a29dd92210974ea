"""What holds for a journey as a whole: who may enter, how often, when everybody leaves, and what counts as success."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from siyu.delivery import field

EventName = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
AudienceId = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
Day = Annotated[str, msgspec.Meta(pattern=r"^(\d{4}-\d{2}-\d{2})?$")]
Reentry = Literal["never", "after", "always"]


class JourneySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Limits of 0 are none. Days are the shop's, written ``2027-02-17``."""

    reentry: Annotated[
        Reentry,
        field(
            "再次进入", "Re-entry", "never 只进一次；after 隔几天；always 随时", "Once, after some days, or at any time"
        ),
    ] = "after"
    reentry_days: Annotated[int, field("再次进入间隔（天）", "Re-entry after (days)", ge=1, le=3650)] = 30
    freshness_hours: Annotated[
        int,
        field(
            "时效（小时）",
            "Freshness (hours)",
            "更早发生的事件不触发，导入历史数据不会误发",
            "Older events start nothing, so imported history sends nothing",
            ge=1,
            le=720,
        ),
    ] = 24
    per_person: Annotated[int, field("每人最多进入次数", "Entries per person", "0 不限", "0: no limit", ge=0)] = 0
    per_day: Annotated[int, field("每天最多进入人次", "Entries per day", "0 不限", "0: no limit", ge=0)] = 0
    total: Annotated[int, field("总共最多进入人次", "Entries in all", "0 不限", "0: no limit", ge=0)] = 0
    starts_on: Annotated[Day, field("开始日期", "From (day)", "留空立即开始", "Empty: at once")] = ""
    ends_on: Annotated[Day, field("结束日期", "Until (day, included)", "之后不再进入", "Nobody enters after it")] = ""
    priority: Annotated[
        int,
        field(
            "优先级",
            "Priority",
            "额度不够时先发高的；与发送节点的优先级相加",
            "The higher goes first where a cap leaves little; added to that of a send",
            ge=-100,
            le=100,
        ),
    ] = 0
    exit_events: Annotated[
        list[EventName],
        field(
            "退出事件",
            "Exit when any of these happens",
            "发生任意一个就立刻离开旅程",
            "Whoever does one of these leaves at once",
            max_length=20,
            widget="event",
        ),
    ] = []
    exit_audiences: Annotated[
        list[AudienceId],
        field(
            "退出人群",
            "Exit when entering any of these audiences",
            "进入任意一个人群就立刻离开旅程",
            "Whoever enters one of these leaves at once",
            max_length=20,
            widget="audience",
        ),
    ] = []
    goal_events: Annotated[
        list[EventName],
        field(
            "目标事件",
            "Goal: any of these events",
            "进入后发生任意一个即算转化",
            "Whoever does one of these after entering has converted",
            max_length=20,
            widget="event",
        ),
    ] = []
    goal_ends: Annotated[
        bool, field("达成目标后离开", "Leave on the goal", "关闭则继续走完", "Off: goes on to the end")
    ] = True


_ONCE_ON_TRIGGER = ("exit_events", "reentry_days", "freshness_hours")


def lifted(config: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The settings of a trigger as it is now, and what older graphs wrote on it that belongs to the journey."""
    own = {name: value for name, value in config.items() if name not in _ONCE_ON_TRIGGER}
    whole = {name: value for name, value in config.items() if name in _ONCE_ON_TRIGGER}
    if whole.get("reentry_days") == 0:
        whole = {name: value for name, value in whole.items() if name != "reentry_days"} | {"reentry": "never"}
    return own, whole
