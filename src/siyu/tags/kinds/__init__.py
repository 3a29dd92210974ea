"""The kinds of tags, a kind a file."""

from siyu.tags.kinds import distribution, first_last, interval, lifecycle, number, preference, rfm, rule, said, sequence
from siyu.tags.kinds import sql as sql_kind
from siyu.tags.kinds.contract import Cells, Kind, Out, Probe

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        rule.KIND,
        number.KIND,
        first_last.KIND,
        preference.KIND,
        distribution.KIND,
        sequence.KIND,
        rfm.KIND,
        lifecycle.KIND,
        interval.KIND,
        said.IMPORTED,
        said.MANUAL,
        sql_kind.KIND,
    )
}

__all__ = ["KINDS", "Cells", "Kind", "Out", "Probe"]
