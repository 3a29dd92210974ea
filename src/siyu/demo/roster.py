"""An old list of members from the shop counter, brought in as a file: what an import looks like, three rows broken."""

from __future__ import annotations

import csv
import io
import time

from siyu.demo.cast import Member, member
from siyu.demo.crowd import Plan, lives
from siyu.demo.serving import DemoFailed, Serving

FILE = "静安门店-纸质会员登记表.csv"
_STRANGERS = 40
_FIRST = 90_000
_KNOWN = 20
_SECONDS = 120
_HEAD = ("姓名", "手机号", "会员卡号", "性别", "生日", "城市", "注册时间", "导购")
_FIELDS = {
    "name": "姓名",
    "mobile": "手机号",
    "member_card": "会员卡号",
    "gender": "性别",
    "birthday": "生日",
    "city": "城市",
    "registered_at": "注册时间",
    "trait.counter_staff": "导购",
}


def people(plan: Plan) -> list[Member]:
    """Who stands on the list: some customers the brand knows already, the others new to it."""
    known = [life.who for life in lives(plan, max(1, plan.people // 2000)) if life.registered and life.home == "store"]
    return known[:_KNOWN] + [member(plan.seed, number) for number in range(_FIRST, _FIRST + _STRANGERS)]


def file_text(plan: Plan) -> str:
    """The file as the shop's spreadsheet saves it. Its last three rows can't be taken."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(_HEAD)
    for who in people(plan):
        rows.writerow((who.name, who.mobile, who.card, who.gender, who.born, who.city, "2024-03-08 10:30", "林店长"))
    rows.writerow(("王小明", "1380000", "", "男", "1990-01-02", "上海", "2024-03-08 11:00", "林店长"))
    rows.writerow(("没留电话", "", "", "女", "1988-05-06", "上海", "2024-03-08 11:20", "林店长"))
    rows.writerow(("李阿姨", "14299999999", "", "女", "1960-02-30", "上海", "2024-03-08 11:40", "林店长"))
    return "\ufeff" + out.getvalue()


def bring_in(server: Serving, plan: Plan) -> None:
    """Import the file, unless it has been."""
    if any(one["file_name"] == FILE for one in server.call("GET", "/api/imports?limit=200")["items"]):
        return
    files = {"file": (FILE, file_text(plan).encode(), "text/csv")}
    made = server.call("POST", "/api/imports", files=files)
    path = f"/api/imports/{made['id']}"
    server.call("PUT", path, {"entity": "persons", "mapping": _FIELDS})
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        state = server.call("GET", path)["state"]
        if state == "done":
            return
        if state == "failed":
            break
        time.sleep(0.2)
    raise DemoFailed(detail=f"the import of {FILE} did not end well; see {server.log}.")
