"""Raw text made comparable, as shops in China write it."""

from __future__ import annotations

import pytest

from siyu.matching import blocks, mobile_parts, normal, split_name


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("张小美", ("张", "小美")),
        ("张 小 美", ("张", "小美")),
        ("欧阳娜娜", ("欧阳", "娜娜")),
        ("欧阳", ("欧", "阳")),
        ("王女士", ("王", None)),
        ("张*", ("张", None)),
        ("Ann Lee", ("lee", "ann")),
        ("ＡＮＮ　ＬＥＥ", ("lee", "ann")),
        ("微信用户", (None, None)),
        ("", (None, None)),
        (None, (None, None)),
    ],
)
def test_a_name_is_split(name: str | None, parts: tuple[str | None, str | None]) -> None:
    assert split_name(name) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("13812348888", ("13812348888", "138", "8888")),
        ("+86 138-1234-8888", ("13812348888", "138", "8888")),
        ("１３８１２３４８８８８", ("13812348888", "138", "8888")),
        ("138****8888", (None, "138", "8888")),
        ("+86138****8888", (None, "138", "8888")),
        ("尾号8888", (None, None, "8888")),
        ("*******8888", (None, None, "8888")),
        ("138********", (None, None, None)),
        ("88", (None, None, None)),
    ],
)
def test_a_mobile_says_what_it_shows(text: str, parts: tuple[str | None, ...]) -> None:
    assert mobile_parts(text) == parts


@pytest.mark.parametrize("text", ["1990-01-02", "1990/1/2", "1990年1月2日", "19900102", "1990-01-02T00:00:00+08:00"])
def test_a_birthday_is_one_day_however_written(text: str) -> None:
    assert normal.birthday(text) == "19900102"


@pytest.mark.parametrize("text", ["01-02", "soon", "", "1990"])
def test_half_a_birthday_is_none(text: str) -> None:
    assert normal.birthday(text) is None


def test_two_spellings_of_an_address_share_most() -> None:
    one, other = (set(normal.grams(normal.place(text)) or ()) for text in ("漕溪北路18号-301", "漕溪北路 18号(301)"))
    assert 2 * len(one & other) / (len(one) + len(other)) >= 0.8


@pytest.mark.parametrize(("most", "limit"), [(10**9, 200), (1_000_000, 100), (10, 25), (5, 2)])
def test_common_combinations_are_left_out_until_pairs_are_few_enough(most: int, limit: int) -> None:
    assert blocks.largest_block({2: 10, 50: 100, 200: 100}, most) == limit
