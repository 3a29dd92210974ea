"""Gives a member of staff something to do, and waits for the result or until it is due."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec

from siyu.delivery import field
from siyu.journeys.nodes.contract import Kind, Moment, Named
from siyu.journeys.queries import tasks as queries
from siyu.journeys.types import Move, Run
from siyu.kit import HOUR

DONE, REFUSED, LATE = "done", "refused", "timeout"


class Result(Named, frozen=True, forbid_unknown_fields=True):
    """What the task may end with; each is a branch of its own."""


class TaskConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: Annotated[str, field("任务", "Task", min_length=1, max_length=120)]
    owner: Annotated[
        str,
        field(
            "负责人",
            "Owner",
            "姓名或邮箱；留空则任何人可认领",
            "Name or email; empty: anybody",
            max_length=120,
            widget="operator",
        ),
    ] = ""
    note: Annotated[str, field("说明", "What to do", long=True, max_length=2000)] = ""
    due_hours: Annotated[int, field("限时（小时）", "Due within (hours)", ge=1, le=2160)] = 24
    results: Annotated[
        list[Result],
        field(
            "可选结果",
            "Results",
            "各成一条分支；留空则只分完成与否",
            "A branch each; empty: only done or not",
            max_length=10,
        ),
    ] = []


def _act(moment: Moment, config: TaskConfig, runs: Sequence[Run]) -> list[Move]:
    fresh = [run for run in runs if not run.arrived_at]
    due = moment.now + config.due_hours * HOUR
    queries.add(moment.conn, [
        {"id": queries.task_id(run.id, moment.node, moment.now), "run_id": run.id, "journey_id": moment.journey,
         "node_id": moment.node, "owner": config.owner, "title": config.title, "note": config.note,
         "results": msgspec.json.encode([one.name for one in config.results]).decode(), "state": "open",
         "created_at": moment.now, "due_at": due} for run in fresh])  # fmt: skip
    late = [run for run in runs if run.arrived_at and not run.signal]
    queries.expire(moment.conn, [(run.id, moment.node) for run in late], moment.now)
    return [_move(config, run, due, moment.now) for run in runs]


def _move(config: TaskConfig, run: Run, due: int, now: int) -> Move:
    if not run.arrived_at:
        return Move(run, "task_given", {"title": config.title, "until": due}, wait_until=due, arrived_at=now)
    if not run.signal:
        return Move(run, "task_late", {"title": config.title}, branch=LATE)
    return Move(run, "task_ended", {"title": config.title, "result": run.signal}, branch=run.signal)


KIND = Kind(
    name="task",
    zh="员工任务",
    en="Staff task",
    group="action",
    config=TaskConfig,
    branches={
        DONE: {"zh": "完成", "en": "Done"},
        REFUSED: {"zh": "拒绝", "en": "Refused"},
        LATE: {"zh": "超时", "en": "Not in time"},
    },
    act=_act,
    dynamic="results",
    ends=lambda config: bool(config.results),
)
