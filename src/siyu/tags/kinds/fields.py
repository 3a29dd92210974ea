"""Fields that several kinds have."""

from __future__ import annotations

from typing import Annotated, Any

from siyu.tags.kinds.contract import asked

EventName = Annotated[str, asked("行为", "Event", "event", min_length=1, max_length=200)]
Property = Annotated[str, asked("属性", "Property", "property", max_length=200)]
Window = Annotated[dict[str, Any] | None, asked("时间范围", "When", "window")]
Where = Annotated[
    list[dict[str, Any]],
    asked("只统计满足条件的行为", "Only events for which", "where", max_length=20),
]
