"""Files of every kind and every encoding open as the same table."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from siyu.collect.importers import excel
from siyu.collect.importers.cells import CellFault, count_of, date_of, text_of, time_of
from siyu.collect.importers.errors_file import RowError, as_csv
from siyu.collect.importers.fields import guess_entity, guess_mapping, missing_fields
from siyu.collect.importers.files import BadFile
from siyu.collect.importers.occurrences import Occurrences
from siyu.collect.importers.opening import open_table
from siyu.kit import parse_iso

HEADER = ["手机号", "支付时间", "实付金额(元)", "备注"]
ROWS = [
    ["13812345678", "2026-01-02 03:04:05", "¥1,234.50", "带,逗号\n和换行"],
    ["13812345679", "2026-01-03", "20", ""],
]


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "file"
    path.write_bytes(content)
    return path


def as_text(delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([HEADER, *ROWS])
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_text_files_open_in_any_encoding(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = as_text(delimiter).replace("¥", "￥") if encoding == "gbk" else as_text(delimiter)
    table = open_table(written(tmp_path, text.encode(encoding)))
    assert table.columns == HEADER
    assert [row.cells[0] for row in table.rows()] == ["13812345678", "13812345679"]
    assert next(iter(table.rows())).cells[3].splitlines() == ["带,逗号", "和换行"]


def test_blanks_part_columns_when_nothing_else_does(tmp_path: Path) -> None:
    table = open_table(
        written(tmp_path, b" customer_id  date amount\r\n 00001 19970101  11.77\r\n\r\n 00002 19970112 12\r\n")
    )
    assert table.columns == ["customer_id", "date", "amount"]
    assert [(row.number, row.cells) for row in table.rows()] == [
        (2, ["00001", "19970101", "11.77"]),
        (4, ["00002", "19970112", "12"]),
    ]


def test_a_single_column_is_a_table_too(tmp_path: Path) -> None:
    table = open_table(written(tmp_path, "手机号\n13812345678\n".encode()))
    assert (table.columns, [row.cells for row in table.rows()]) == (["手机号"], [["13812345678"]])


def test_a_row_with_too_many_cells_is_named_and_a_short_one_is_filled(tmp_path: Path) -> None:
    table = open_table(written(tmp_path, b"a,b\n1,2,3\n4\n5,6,\n"))
    assert [(row.cells, row.fault) for row in table.rows()] == [
        (["1", "2"], "too_many_cells"),
        (["4", ""], ""),
        (["5", "6"], ""),
    ]


def test_bytes_of_no_encoding_spoil_only_their_cell(tmp_path: Path) -> None:
    table = open_table(written(tmp_path, "名字,a\n小美,1\n".encode() + b"\xff\xff,2\n"))
    rows = list(table.rows())
    assert rows[0].cells == ["小美", "1"]
    with pytest.raises(CellFault, match="bad_text"):
        text_of(rows[1].cells[0])


@pytest.mark.parametrize(
    "content",
    [b"", b"  \n", b"PK\x03\x04 not a zip", b"PAR1 not parquet", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 not excel",
     b'a,b\n"never ends' + b"x" * 200_000, b"{\n", b"\xff\xfeo", b",".join([b"c"] * 501) + b"\n"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(BadFile):
        list(open_table(written(tmp_path, content)).rows())


def test_excel_gives_dates_numbers_and_phones(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    book = xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"})
    book.add_worksheet("empty")
    sheet = book.add_worksheet("orders")
    sheet.write_row(2, 0, ["手机号", "支付时间", "金额", "订单号"])
    sheet.write_row(3, 0, [13812345678, dt.datetime.fromisoformat("2026-01-02T03:04:05"), 12.34, "00042"])
    sheet.write_row(5, 0, [13812345679, dt.date(2026, 1, 3), 5])
    book.close()
    table = open_table(path)
    rows = list(table.rows())
    assert table.columns == ["手机号", "支付时间", "金额", "订单号"]
    assert [row.number for row in rows] == [4, 6]
    assert [text_of(cell) for cell in rows[0].cells] == ["13812345678", "2026-01-02T03:04:05", "12.34", "00042"]
    assert rows[1].cells[1] == dt.date(2026, 1, 3)


def test_a_zip_bomb_is_refused_before_it_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "MAX_UNPACKED", 1 << 20)
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b"0" * (2 << 20))
    with pytest.raises(BadFile, match="larger than"):
        open_table(path)
    lying = path.read_bytes().replace((2 << 20).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    with pytest.raises(BadFile):
        open_table(written(tmp_path, lying))


def test_json_lines(tmp_path: Path) -> None:
    lines = [{"user": "u1", "at": "2026-01-02"}, {"user": "u2", "n": 3, "deep": {"x": 1}}]
    text = "\n".join(json.dumps(line) for line in lines) + "\n[1]\n{broken\n"
    table = open_table(written(tmp_path, b"\xef\xbb\xbf" + text.encode()))
    rows = list(table.rows())
    assert table.columns == ["user", "at", "n", "deep"]
    assert [row.cells for row in rows[:2]] == [["u1", "2026-01-02", None, None], ["u2", None, 3, {"x": 1}]]
    assert text_of(rows[1].cells[3]) == '{"x":1}'
    assert [(row.number, row.fault) for row in rows[2:]] == [(3, "bad_json"), (4, "bad_json")]


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "file.parquet"
    table = {"user_id": [42, 43], "amount": [1.5, None], "time": [dt.datetime(2026, 1, 2, tzinfo=dt.UTC), None]}
    parquet.write_table(pa.table(table), path)
    opened = open_table(path)
    rows = list(opened.rows())
    assert (opened.columns, opened.total) == (["user_id", "amount", "time"], 2)
    assert rows[0].cells == [42, 1.5, dt.datetime(2026, 1, 2, tzinfo=dt.UTC)]
    assert rows[1].cells == [43, None, None]


# --- columns


@pytest.mark.parametrize(
    ("columns", "entity", "mapping"),
    [
        (
            ["customer_id", "date", "number_of_cds", "dollar_value"],
            "orders",
            {"identifier": "customer_id", "paid_at": "date", "units": "number_of_cds", "amount": "dollar_value"},
        ),
        (
            ["订单编号", "买家实际支付金额", "订单付款时间", "收货人手机", "宝贝标题", "店铺名称"],
            "orders",
            {"order_id": "订单编号", "amount": "买家实际支付金额", "paid_at": "订单付款时间",
             "identifier": "收货人手机", "product": "宝贝标题", "shop": "店铺名称"},
        ),
        (
            ["会员卡号", "手机号", "姓名", "生日", "城市"],
            "persons",
            {"identifier": "手机号", "member_card": "会员卡号", "name": "姓名", "birthday": "生日", "city": "城市"},
        ),
        (["user_id", "event", "timestamp"], "events", {"identifier": "user_id", "event": "event", "time": "timestamp"}),
        (
            ["日期", "渠道", "计划名称", "花费(元)", "点击量", "展现"],
            "spend",
            {"date": "日期", "channel": "渠道", "campaign": "计划名称", "cost": "花费(元)", "clicks": "点击量",
             "impressions": "展现"},
        ),
        (
            ["订单编号", "买家会员名", "买家支付宝账号", "总金额", "买家实际支付金额", "订单状态", "收货人姓名",
             "收货地址", "联系电话", "联系手机", "订单创建时间", "订单付款时间", "宝贝标题", "宝贝总数量", "店铺名称",
             "退款金额", "OAID", "buyer_open_uid"],
            "orders",
            {"order_id": "订单编号", "amount": "买家实际支付金额", "status": "订单状态", "identifier": "联系手机",
             "paid_at": "订单付款时间", "product": "宝贝标题", "units": "宝贝总数量", "shop": "店铺名称",
             "refunded": "退款金额", "buyer_id": "buyer_open_uid"},
        ),
        (
            ["订单号", "商品ID", "商品名称", "订购数量", "支付方式", "下单时间", "京东价", "订单金额", "结算金额",
             "余额支付", "应付金额", "订单状态", "订单类型", "下单帐号", "客户姓名", "客户地址",
             "联系电话", "付款确认时间"],
            "orders",
            {"order_id": "订单号", "sku": "商品ID", "product": "商品名称", "units": "订购数量",
             "paid_at": "付款确认时间", "amount": "订单金额", "status": "订单状态",
             "buyer_id": "下单帐号", "identifier": "联系电话"},
        ),
        (
            ["小票号", "交易时间", "门店", "会员卡号", "手机号", "商品名称", "数量", "实收金额", "退款金额"],
            "orders",
            {"order_id": "小票号", "paid_at": "交易时间", "shop": "门店", "member_card": "会员卡号",
             "identifier": "手机号", "product": "商品名称", "units": "数量", "amount": "实收金额",
             "refunded": "退款金额"},
        ),
        (["x", "y"], None, None),
    ],
)  # fmt: skip
def test_headers_tell_what_a_file_holds(columns: list[str], entity: Any, mapping: dict[str, str] | None) -> None:
    assert guess_entity(columns) == entity
    if entity:
        assert guess_mapping(entity, columns) == mapping
        assert missing_fields(entity, mapping or {}) == []


# --- cells


@pytest.mark.parametrize(
    ("cell", "iso"),
    [
        ("19970101", "1997-01-01T00:00:00+08:00"),
        ("2026-1-2", "2026-01-02T00:00:00+08:00"),
        ("2026/01/02 03:04", "2026-01-02T03:04:00+08:00"),
        ("2026.01.02 03:04:05.5", "2026-01-02T03:04:05.500+08:00"),
        ("2026年1月2日 3时4分", "2026-01-02T03:04:00+08:00"),
        ("2026年1月2日", "2026-01-02T00:00:00+08:00"),
        ("20260102030405", "2026-01-02T03:04:05+08:00"),
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05+09:00", "2026-01-02T03:04:05+09:00"),
        ("1767294245", "2026-01-01T19:04:05Z"),
        (1767294245000, "2026-01-01T19:04:05Z"),
        (46024.5, "2026-01-02T12:00:00+08:00"),
        (dt.datetime.fromisoformat("2026-01-02T03:04:05"), "2026-01-02T03:04:05+08:00"),
        (dt.date(2026, 1, 2), "2026-01-02T00:00:00+08:00"),
        (" 2026-01-02\t", "2026-01-02T00:00:00+08:00"),
    ],
)
def test_times(cell: Any, iso: str) -> None:
    assert time_of(cell, ZoneInfo("Asia/Shanghai")) == parse_iso(iso)


@pytest.mark.parametrize("cell", ["01/02/2026", "soon", "2026-13-01", "19979999", "", True, "99999999999999999", "1e5"])
def test_what_is_no_time(cell: Any) -> None:
    with pytest.raises(CellFault, match="bad_time"):
        time_of(cell, ZoneInfo("Asia/Shanghai"))


def test_a_stated_format_settles_what_comes_first() -> None:
    assert date_of("01/02/2026", "%d/%m/%Y") == "2026-02-01"


@pytest.mark.parametrize(
    ("cell", "text"),
    [(13812345678.0, "13812345678"), ('="0138"', "0138"), ("'0138", "0138"), (None, ""), (True, "true"), (1.5, "1.5")],
)
def test_texts(cell: Any, text: str) -> None:
    assert text_of(cell) == text


@pytest.mark.parametrize(("cell", "count"), [("3", 3), (3.0, 3), ("1,200", 1200), ("3.00", 3)])
def test_counts(cell: Any, count: int) -> None:
    assert count_of(cell) == count


@pytest.mark.parametrize("cell", ["", "3.5", "many", "inf", "1e30"])
def test_what_is_no_count(cell: Any) -> None:
    with pytest.raises(CellFault, match="bad_number"):
        count_of(cell)


# --- like rows, and the list of errors


@given(st.lists(st.lists(st.integers(0, 5).map(lambda n: n * (2**64 // 7)), max_size=30)))
def test_like_rows_are_counted_over_all_chunks(chunks: list[list[int]]) -> None:
    counting, seen = Occurrences(), Counter[int]()
    for chunk in chunks:
        expected = []
        for value in chunk:
            expected.append(seen[value])
            seen[value] += 1
        assert counting.number(chunk) == expected


@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r\0"), max_size=20))
def test_no_cell_of_the_error_list_is_a_formula(value: str) -> None:
    content = as_csv([RowError(2, "=1+1", "bad_time", value)]).decode()
    row = next(csv.reader(io.StringIO(content)))
    assert row[1] == "'=1+1"
    assert row[2] in (value, f"'{value}")
    assert not row[2].startswith(("=", "+", "-", "@", "\t"))
