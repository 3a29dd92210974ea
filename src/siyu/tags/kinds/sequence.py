"""Whether a person did one thing after another within a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec

from siyu.audiences import Problem, in_order, sequence_of
from siyu.audiences import Sequence as Steps
from siyu.tags.kinds.contract import Cells, Kind, Out, Probe, asked
from siyu.tags.kinds.fields import Window


class SequenceConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sequence: Annotated[
        list[dict[str, Any]], asked("先后发生", "One after the other", "steps", min_length=2, max_length=5)
    ]
    within: Annotated[dict[str, Any], asked("多久之内", "Within", "within")]
    window: Window = None


def _probes(config: SequenceConfig, zone: ZoneInfo) -> tuple[list[Probe], list[Problem]]:
    for place, step in enumerate(config.sequence):
        if step.get("absent"):
            return [], [Problem(f"sequence/{place}/absent", "no_absent_here")]
    found, problems = sequence_of(msgspec.to_builtins(config), zone)
    return ([found] if found else []), problems


def _value(_config: SequenceConfig, probes: Sequence[Steps], cells: Cells) -> Out:
    steps = [cells.column(sql) for sql in cells.reading.steps(probes[0])]
    done = in_order(steps, probes[0].within)
    counts = ", ' → ', ".join(f"toString(length({step}))" for step in steps)
    facts = {"steps": f"concat({counts})"}
    return Out(f"multiIf({done}, 'yes', notEmpty({steps[0]}), 'no', '')", facts=facts)


KIND = Kind(
    name="sequence",
    zh="行为序列",
    en="Sequence",
    hint={
        "zh": "先做 A 再做 B，且在规定时间内：做到为“是”，只做了第一步为“否”，没开始的人没有值。",
        "en": "A and then B within a time: yes where it happened, no after the first step alone, nothing otherwise.",
    },
    config=SequenceConfig,
    how="events",
    probes=_probes,
    value=_value,
    labels={"yes": {"zh": "是", "en": "Yes"}, "no": {"zh": "否", "en": "No"}},
)
