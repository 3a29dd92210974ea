"""Values that people give: by hand, or in a file."""

from __future__ import annotations

from typing import Annotated

import msgspec

from siyu.kit import field
from siyu.tags.kinds.contract import Kind

Value = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class SaidConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    values: Annotated[
        list[Value],
        field("可选的值", "Values to choose from", "留空则任何值都可以", "Empty: any value", max_length=200),
    ] = []


MANUAL = Kind(
    name="manual",
    zh="手工",
    en="By hand",
    hint={
        "zh": "在用户页给一个人打，或给一个人群批量打。",
        "en": "Given to one person on the person's page, or to an audience at once.",
    },
    config=SaidConfig,
    how="said",
)
IMPORTED = Kind(
    name="imported",
    zh="导入",
    en="Imported",
    hint={
        "zh": "从 CSV 或 Excel 文件导入：一列标识符（手机号、会员卡号…），一列“标签值”。",
        "en": "From a CSV or Excel file: a column of identifiers (mobile, member card …) and one called “tag”.",
    },
    config=SaidConfig,
    how="said",
)
