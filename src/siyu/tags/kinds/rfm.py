"""Recency, frequency, money: three scores in bands, as a code or as one of eight groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from siyu.audiences import Event, Problem, event_of
from siyu.kit import DAY, field
from siyu.tags.kinds.contract import Cells, Kind, Out, Probe, clause
from siyu.tags.kinds.fields import EventName, Where, Window

Edges = list[Annotated[float, msgspec.Meta(ge=0, le=1e12)]]
PARTS = ("recency", "frequency", "money")


class RfmConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    event: EventName = "order_paid"
    answer: Annotated[Literal["segment", "code"], field("结果", "Answer")] = "segment"
    bands: Annotated[Literal["quantile", "fixed"], field("分档方式", "Bands")] = "quantile"
    parts: Annotated[int, field("分几档（按分位）", "Bands of equally many", ge=2, le=9)] = 5
    recency: Annotated[Edges, field("最近消费的分界（天）", "Edges of days since", max_length=8)] = []
    frequency: Annotated[Edges, field("消费次数的分界", "Edges of how many", max_length=8)] = []
    money: Annotated[Edges, field("消费金额的分界（分）", "Edges of money (fen)", widget="yuan", max_length=8)] = []
    window: Window = None
    where: Where = []


def _probes(config: RfmConfig, zone: ZoneInfo) -> tuple[list[Probe], list[Problem]]:
    found, problems = event_of(clause(config), zone)
    return ([found] if found else []), problems


def measures(probe: Event, cells: Cells) -> dict[str, str]:
    """The three numbers of a person, as cells."""
    when = cells.reading.when(probe)
    cells.reading.read("amount")
    last = cells.column(f"maxIf(at, {when})")
    return {
        "recency": f"intDiv({cells.now} - {last}, {DAY})",
        "frequency": f"toInt64({cells.count(probe)})",
        "money": cells.column(f"sumIf(amount, {when})"),
    }


def _value(config: RfmConfig, probes: Sequence[Event], cells: Cells) -> Out:
    held = measures(probes[0], cells)
    scores = [_score(config, part, held[part], cells) for part in PARTS]
    text = f"concat({', '.join(f'toString({score[0]})' for score in scores)})"
    if config.answer == "segment":
        high = [f"if({score} * 2 > {most} + 1, 'h', 'l')" for score, most in scores]
        text = f"concat({', '.join(high)})"
    facts = {part: f"toString({held[part]})" for part in PARTS}
    shown = ", ' / ', ".join(f"toString({score})" for score, _ in scores)
    facts["scores"] = f"concat({shown})"
    return Out(f"if({held['frequency']} = 0, '', {text})", facts=facts)


def _score(config: RfmConfig, part: str, value: str, cells: Cells) -> tuple[str, int]:
    """The score as SQL, and the highest there is. Who bought lately scores high."""
    fixed = config.bands == "fixed"
    edges = sorted({float(one) for one in (getattr(config, part) if fixed else cells.facts.get(part, []))})
    sign = {True: {True: "<=", False: ">="}, False: {True: "<=", False: ">"}}[fixed][part == "recency"]
    if not edges:
        return "1", 1
    return f"(1 + arrayCount(edge -> {value} {sign} edge, {edges!r}))", len(edges) + 1


def edge_levels(config: RfmConfig) -> list[float]:
    return [place / config.parts for place in range(1, config.parts)]


def _check(config: RfmConfig) -> Iterable[Problem]:
    for part in PARTS:
        edges: list[float] = getattr(config, part)
        if config.bands == "fixed" and not edges:
            yield Problem(part, "needs_edges")
        if edges != sorted(set(edges)):
            yield Problem(part, "edges_rise")


def needs_edges(config: Any) -> bool:
    return isinstance(config, RfmConfig) and config.bands == "quantile"


_NAMES = {
    "hhh": ("重要价值", "Champion"), "hlh": ("重要发展", "Big spender, rare"), "lhh": ("重要保持", "Loyal, away"),
    "llh": ("重要挽留", "Big spender, lost"), "hhl": ("一般价值", "Frequent, small"), "hll": ("一般发展", "Newcomer"),
    "lhl": ("一般保持", "Frequent, away"), "lll": ("一般挽留", "Small, lost"),
}  # fmt: skip

KIND = Kind(
    name="rfm",
    zh="RFM",
    en="RFM",
    hint={
        "zh": "最近一次消费、次数、金额各打分：按分位（和所有人比）或固定分界，得到代码或八类客户。",
        "en": "Scores for how lately, often and much: by quantiles of everybody or fixed edges, as code or group.",
    },
    config=RfmConfig,
    how="events",
    probes=_probes,
    value=_value,
    check=_check,
    labels={code: {"zh": zh, "en": en} for code, (zh, en) in _NAMES.items()},
    per_person=lambda config: not needs_edges(config),
)
