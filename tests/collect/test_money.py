"""Yuan in any spelling becomes exact fen."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.collect.money import NotMoney, fen_of, money_of, order_money, whole_fen

FEN = st.integers(min_value=-(10**13), max_value=10**13)


def plain(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


@given(FEN)
def test_two_decimals_survive_every_spelling(fen: int) -> None:
    yuan = Decimal(fen) / 100
    grouped = f"{abs(yuan):,.2f}"
    sign = "-" if fen < 0 else ""
    for text in (plain(fen), f"{sign}{grouped}", f"{sign}¥{grouped}", f"{sign}￥{grouped}", f"{sign}{grouped}元"):
        assert fen_of(text) == fen
    assert fen_of(f" {sign}CNY {grouped} ") == fen
    if fen < 0:
        assert fen_of(f"({grouped})") == fen


@given(st.integers(min_value=-(10**11), max_value=10**11))
def test_a_float_means_the_number_it_prints(fen: int) -> None:
    assert fen_of(fen / 100) == fen


@given(st.text(max_size=20))
def test_any_text_is_money_or_refused(text: str) -> None:
    with suppress(NotMoney):
        assert abs(fen_of(text)) <= 10**15


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        ".",
        "abc",
        "1,23",
        "12,34.00",
        "$5",
        "US$5",
        "€5",
        "1.5万",
        "1e400",
        "nan",
        "inf",
        "--5",
        None,
        True,
        [1],
    ],
)
def test_what_is_no_amount_is_refused(value: object) -> None:
    with pytest.raises(NotMoney):
        fen_of(value)


@pytest.mark.parametrize(("value", "fen"), [("1.005", 101), ("0.004", 0), ("2.675", 268), ("19.999999999999996", 2000)])
def test_more_than_two_decimals_round_half_up(value: str, fen: int) -> None:
    assert fen_of(value) == fen


@pytest.mark.parametrize(
    ("props", "fen"),
    [
        ({"amount_fen": 1999, "revenue": 5}, 1999),
        ({"revenue": 19.99, "total": 25}, 1999),
        ({"revenue": None, "total": "25.00"}, 2500),
        ({"value": "¥1,234.50"}, 123450),
        ({"order_amount": "88"}, 8800),
        ({"price": 33.333, "quantity": 3}, 10000),
        ({"price": "12.5"}, 1250),
        ({"products": [{"price": 0.335, "quantity": 1}, {"price": 0.335}, {"sku": "free"}]}, 67),
        ({"coupon": "x"}, 0),
    ],
)
def test_the_money_of_an_order(props: dict[str, object], fen: int) -> None:
    assert order_money(props) == fen


def test_orders_must_be_right_and_other_events_may_be_vague() -> None:
    with pytest.raises(NotMoney):
        money_of("order_paid", {"revenue": "lots"})
    with pytest.raises(NotMoney):
        money_of("order_paid", {"revenue": -1})
    assert money_of("order_refunded", {"total": -12.5}) == 1250
    assert money_of("cart_added", {"price": "面议"}) == 0
    assert money_of("cart_added", {"price": 10, "quantity": 2}) == 2000
    assert money_of("page_viewed", {"value": 10}) == 0


def test_fen_must_be_whole() -> None:
    assert whole_fen("1,999") == 1999
    with pytest.raises(NotMoney):
        whole_fen("19.99")
