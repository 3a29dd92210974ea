"""Masks hide what they say they hide."""

from __future__ import annotations

import pytest

from siyu.kit import mask_middle


@pytest.mark.parametrize(
    ("value", "head", "tail", "masked"),
    [
        ("13812348888", 3, 4, "138****8888"),
        ("徐汇区漕溪北路18号", 6, 0, "徐汇区漕溪北****"),
        ("8888", 3, 4, "8****"),
        ("", 3, 4, ""),
    ],
)
def test_the_middle_is_hidden(value: str, head: int, tail: int, masked: str) -> None:
    assert mask_middle(value, head, tail) == masked
