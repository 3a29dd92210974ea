"""A value an analyst writes SQL for: read-only, one row a person."""

from __future__ import annotations

from typing import Annotated

import msgspec

from siyu.tags.kinds.contract import Kind, asked


class SqlConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sql: Annotated[
        str,
        asked(
            "SQL",
            "SQL",
            "sql",
            "一条 SELECT，给出 person 和 value 两列，每人一行；可用的表：events、persons；当前时间用 as_of",
            "One SELECT with the columns person and value, one row a person; tables: events, persons; now is as_of",
            min_length=1,
            max_length=10_000,
        ),
    ]


KIND = Kind(
    name="sql",
    zh="SQL",
    en="SQL",
    hint={
        "zh": "只读 SQL，限定表、函数、时间和内存；需要管理员。",
        "en": "Read-only SQL on allowed tables, within limits of time and memory; needs an administrator.",
    },
    config=SqlConfig,
    how="sql",
    per_person=lambda _config: False,
)
