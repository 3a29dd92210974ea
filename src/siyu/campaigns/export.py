"""A review as a file: CSV for anything, XLSX with a sheet a part."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Literal

import xlsxwriter

from siyu.campaigns.types import Review

Language = Literal["zh", "en"]
Sheet = tuple[str, list[list[object]]]
_HEADS = {
    "figures": ("数据", "Figures"),
    "refusals": ("拦截原因", "Held back"),
    "contents": ("内容", "Contents"),
    "links": ("链接", "Links"),
    "hours": ("点击时段", "Clicks by hour"),
    "negative": ("负面信号", "Bad signals"),
}
_ROWS = {
    "name": ("名称", "Name"),
    "since": ("开始", "Began"),
    "participants": ("参与人数", "Participants"),
    "holdout": ("对照组人数", "Held out"),
    "reached": ("触达", "Reached"),
    "delivered": ("送达", "Delivered"),
    "opened": ("打开", "Opened"),
    "clicked": ("点击人数", "Clicked"),
    "replied": ("回复", "Replied"),
    "clicks": ("点击次数", "Clicks"),
    "scans": ("程序点击", "Clicks by programs"),
    "orders": ("归因订单", "Orders"),
    "units": ("件数", "Units"),
}


def sheets(review: Review, language: Language) -> list[Sheet]:
    """The parts of a review as tables with a heading each."""
    place = 0 if language == "zh" else 1
    parts: dict[str, list[list[object]]] = {
        "figures": [*_figures(review, place)],
        "refusals": [[getattr(one.text, language), one.count] for one in review.refusals],
        "contents": [[v.name, v.incentive, v.appeal, v.sent, v.opened, v.clicked] for v in review.variants],
        "links": [[one.address, one.messages, one.clicked, one.clicks, one.scans] for one in review.links],
        "hours": [[hour, clicks] for hour, clicks in enumerate(review.hours)],
        "negative": [[getattr(one.text, language), one.count] for one in review.negative],
    }
    return [(_HEADS[name][place], rows) for name, rows in parts.items()]


def _figures(review: Review, place: int) -> Iterator[list[object]]:
    for name, label in _ROWS.items():
        yield [label[place], getattr(review, name)]
    yield [("归因金额（元）", "GMV (yuan)")[place], review.gmv / 100]
    if review.lift is not None:
        found = review.lift
        yield [("对比对照组的提升", "Lift against the holdout")[place], found.lift]
        yield [("提升 95% 区间下限", "Lift, lower bound (95 %)")[place], found.low]
        yield [("提升 95% 区间上限", "Lift, upper bound (95 %)")[place], found.high]
    yield from _worth(review, place)
    yield [("下一步", "Next action")[place], review.next_action]


def _worth(review: Review, place: int) -> Iterator[list[object]]:
    """Yuan a person, and whether history has made it surer."""
    found = review.worth
    if found is None:
        return
    for label, fen in (
        (("发送组人均金额（元）", "Paid per person treated (yuan)"), found.treated_mean),
        (("对照组人均金额（元）", "Paid per person held out (yuan)"), found.held_out_mean),
        (("每人多带来（元）", "More per person (yuan)"), found.difference),
        (("每人多带来 95% 区间下限", "More per person, lower bound (95 %)"), found.low),
        (("每人多带来 95% 区间上限", "More per person, upper bound (95 %)"), found.high),
    ):
        yield [label[place], round(fen / 100, 4)]
    used = ("入组前消费消去的波动（CUPED）", "Variance that spending before has taken off (CUPED)")
    yield [used[place], round(found.history, 4)]


def _safe(value: object) -> object:
    """A text a spreadsheet would take for a formula is kept a text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def as_csv(parts: Sequence[Sheet]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    for name, rows in parts:
        writer.writerow([name])
        writer.writerows([[_safe(cell) for cell in row] for row in rows])
        writer.writerow([])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(parts: Sequence[Sheet]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        for name, rows in parts:
            sheet = book.add_worksheet(name)
            sheet.set_column(0, 0, 36)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, ["" if cell is None else cell for cell in row])
    return out.getvalue()
