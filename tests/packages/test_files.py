"""Audiences as files: what is in them, who may see it, and what is written down about that."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from decimal import Decimal
from typing import Any

import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from siyu.kit import DAY, ManualClock
from siyu.tags import run_all
from tests.packages.shop import Shop

COLUMNS = ["id", "name", "identifiers.mobile", "traits.city", "traits.note", "stage", "joined_at", "orders"]


def test_a_csv_that_spreadsheets_open(shop: Shop) -> None:
    person = shop.person("mei", name="张小美", mobile="13812348888", note="=HYPERLINK(1)")
    package = shop.package(shop.audience(), {"columns": COLUMNS})
    run = shop.run(package)
    [file] = run["files"]
    raw = shop.file(package, run)
    assert (run["state"], run["persons"], file["rows"], file["bytes"]) == ("done", 1, 1, len(raw))
    assert file["sha256"] == hashlib.sha256(raw).hexdigest()
    assert file["name"].startswith("春季包-20260302-1000")
    assert raw.startswith(b"\xef\xbb\xbf")
    head, row = csv.reader(io.StringIO(raw.decode("utf-8-sig")))
    assert head == ["用户编号", "姓名", "手机号", "城市", "note", "生命周期", "进入人群时间", "订单数"]
    assert row == [person, "张*", "138****8888", "上海", "'=HYPERLINK(1)", "新用户", "2026-03-02T10:00:00+08:00", "0"]


def test_clear_is_for_administrators_and_told_each_time(shop: Shop, sign_in_as: Any) -> None:
    shop.person("mei", name="张小美", mobile="13812348888")
    audience = shop.audience()
    package = shop.package(audience, {"columns": ["name", "identifiers.mobile"], "clear": True, "format": "jsonl"})
    run = shop.run(package)
    assert json.loads(shop.file(package, run)) == {"name": "张小美", "identifiers.mobile": "+8613812348888"}
    [seen] = shop.audited("package.reveal")
    assert (seen["object"], seen["detail"]["persons"], seen["detail"]["columns"]) == (
        run["id"], 1, ["name", "identifiers.mobile"],
    )  # fmt: skip
    assert [one["detail"]["clear"] for one in shop.audited("package.download")] == [True]
    del shop.desk.client.headers["Authorization"]
    client = sign_in_as("operator")
    path = f"/api/packages/{package['id']}"
    assert client.get(f"{path}/runs/{run['id']}/files/0").status_code == 403
    assert client.post(f"{path}/runs").status_code == 403
    body = {"name": "x", "audience": audience, "content": {"columns": ["name"], "clear": True}}
    assert client.post("/api/packages", json=body).status_code == 403
    plain = body | {"content": {"columns": ["name"]}}
    assert client.put(path, json=plain, headers={"If-Match": '"1"'}).status_code == 403
    assert client.post("/api/packages", json=plain).status_code == 201
    client = sign_in_as("viewer")
    assert client.post("/api/packages", json=plain).status_code == 403
    assert client.get(f"{path}/runs/{run['id']}/files/0").status_code == 403


MONEY = ["traits.note", "revenue", "revenue_fen", "name"]
TITLES = ["note", "累计支付（元）", "累计支付（分）", "姓名"]


@pytest.fixture
def paid(shop: Shop) -> str:
    """An audience of somebody who paid ¥99.50 and has a formula for a note."""
    shop.person("mei", note="=1+1")
    shop.desk.send(shop.desk.track("mei", "order_paid", order_id="o1", amount=99.5))
    return shop.audience()


def test_programs_get_names_and_numbers(shop: Shop, paid: str) -> None:
    package = shop.package(paid, {"columns": MONEY, "format": "parquet"})
    table = pq.read_table(io.BytesIO(shop.file(package, shop.run(package))))
    row = {"traits.note": "=1+1", "revenue": Decimal("99.50"), "revenue_fen": 9950, "name": None}
    assert table.to_pylist() == [row]
    lines = shop.package(paid, {"columns": MONEY, "format": "jsonl"})
    assert (
        shop.file(lines, shop.run(lines)) == b'{"traits.note":"=1+1","revenue":99.50,"revenue_fen":9950,"name":null}\n'
    )


def test_people_get_titles_and_yuan(shop: Shop, paid: str) -> None:
    """Text stays text in a sheet, amounts are numbers shown with two decimals."""
    package = shop.package(paid, {"columns": MONEY, "format": "xlsx"})
    book = io.BytesIO(shop.file(package, shop.run(package)))
    rows = CalamineWorkbook.from_filelike(book).get_sheet_by_index(0).to_python()
    assert rows == [TITLES, ["=1+1", 99.5, 9950.0, ""]]
    with zipfile.ZipFile(book) as parts:
        assert 'formatCode="0.00"' in parts.read("xl/styles.xml").decode()
    package = shop.package(paid, {"columns": MONEY})
    text = shop.file(package, shop.run(package)).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text))) == [TITLES, ["'=1+1", "99.50", "9950", ""]]


def test_titles_are_in_the_shops_language_and_never_twice_the_same(shop: Shop) -> None:
    client = shop.desk.client
    settings = client.get("/api/settings")
    body = settings.json() | {"language": "en"}
    assert client.put("/api/settings", json=body, headers={"If-Match": settings.headers["ETag"]}).status_code == 200
    shop.person("mei", **{"Name": "x"})
    package = shop.package(shop.audience(), {"columns": ["name", "traits.Name", "revenue", "traits.gone", "stage"]})
    [head, row] = csv.reader(io.StringIO(shop.file(package, shop.run(package)).decode("utf-8-sig")))
    assert head == ["Name (name)", "Name (traits.Name)", "Revenue (yuan)", "gone", "Lifecycle stage"]
    assert row[2:] == ["0.00", "", "New"]


def test_tags_are_columns(shop: Shop) -> None:
    """As the console says them for people, numbers as numbers; as they are kept for programs. Used ones stay."""
    shop.person("mei")
    for order, yuan in (("o1", 99.5), ("o2", 200)):
        shop.desk.send(shop.desk.track("mei", "order_paid", order_id=order, amount=yuan, category="面膜"))
    paid = {"event": "order_paid", "window": {"last": 30, "unit": "days"}}
    drafts: list[dict[str, Any]] = [
        {"name": "近 30 天支付", "kind": "number", "config": paid | {"measure": "sum", "property": "amount"}},
        {"name": "近 30 天单数", "kind": "number", "config": paid | {"measure": "count"}},
        {"name": "最近下单", "kind": "first_last", "config": {"event": "order_paid", "which": "last"}},
        {"name": "生命周期", "kind": "lifecycle", "config": {}},
        {"name": "没人有", "kind": "manual", "config": {}},
    ]
    made = [shop.desk.post("/api/tags", draft)["id"] for draft in drafts]
    run_all(shop.desk.store)
    columns = ["id", *(f"tags.{tag}" for tag in made)]
    audience = shop.audience()
    choices = {one["name"]: one for one in shop.desk.get("/api/packages/choices")["columns"] if one["group"] == "tag"}
    assert {name: one["label"]["zh"] for name, one in choices.items()} == dict(
        zip(columns[1:], (draft["name"] for draft in drafts), strict=True)
    )
    sheet = shop.package(audience, {"columns": columns, "format": "xlsx"})
    book = io.BytesIO(shop.file(sheet, shop.run(sheet)))
    head, row = CalamineWorkbook.from_filelike(book).get_sheet_by_index(0).to_python()
    assert head[1:] == [draft["name"] for draft in drafts]
    assert row[1:] == [299.5, 2.0, "2026-03-02", "复购", ""]
    lines = shop.package(audience, {"columns": columns, "format": "jsonl"})
    kept = json.loads(shop.file(lines, shop.run(lines)))
    assert [kept[name] for name in columns[1:]] == ["29950", "2", "2026-03-02T02:00:00Z", "repeat", None]
    refused = shop.desk.client.delete(f"/api/tags/{made[0]}")
    assert refused.status_code == 409, refused.text
    assert "春季包" in refused.text
    gone = shop.package(audience, {"columns": ["id", "tags.tag_none"]}, 422)
    assert gone["code"] == "package_unknown_column"


@pytest.mark.parametrize("format", ["csv", "jsonl"])
@pytest.mark.parametrize("clear", [False, True])
def test_tags_of_personal_properties_are_masked_unless_clear(shop: Shop, format: str, clear: bool) -> None:
    """Also where the tag is a number."""
    shop.person("mei")
    shop.desk.send(shop.desk.track("mei", "order_paid", order_id="o1", amount=1, mobile="13812348888"))
    event = {"event": "order_paid", "property": "props.mobile", "window": {"last": 30, "unit": "days"}}
    drafts: list[dict[str, Any]] = [
        {"name": "收货手机", "kind": "first_last", "config": event | {"which": "last"}},
        {"name": "最大手机", "kind": "number", "config": event | {"measure": "max"}},
    ]
    columns = ["tags." + shop.desk.post("/api/tags", draft)["id"] for draft in drafts]
    run_all(shop.desk.store)
    package = shop.package(shop.audience(), {"columns": columns, "format": format, "clear": clear})
    text = shop.file(package, shop.run(package)).decode("utf-8-sig")
    assert text.count("13812348888") == (2 if clear else 0), text
    assert text.count("8888") == 2, text


def test_a_snapshot_goes_out_as_it_was_made(shop: Shop) -> None:
    shop.person("mei")
    body = {"name": "快照", "rule": {"trait": "city", "op": "exists"}, "kind": "snapshot"}
    audience = shop.desk.post("/api/audiences", body)["id"]
    shop.person("lan")
    assert shop.run(shop.package(audience, {"columns": ["id"]}))["files"][0]["rows"] == 1


def test_files_are_kept_for_their_days(shop: Shop, clock: ManualClock) -> None:
    shop.person("mei")
    package = shop.package(shop.audience(), {"columns": ["id"], "keep_days": 2})
    run = shop.run(package)
    assert run["expires_at"] == "2026-03-04T02:00:00.000Z"
    kept = list((shop.desk.store.settings.data / "packages").rglob("*.csv"))
    assert len(kept) == 1
    clock.advance(2 * DAY)
    shop.work()
    run = shop.last(package)
    assert (run["expires_at"], run["state"], run["files"][0]["rows"]) == (None, "done", 1)
    assert not kept[0].exists()
    answer = shop.desk.client.get(f"/api/packages/{package['id']}/runs/{run['id']}/files/0")
    assert (answer.status_code, answer.json()["code"]) == (410, "package_file_gone")


def test_only_those_who_agreed_go_to_an_ad_platform(shop: Shop) -> None:
    shop.person("mei", ads=True, mobile="13812348888", idfa="ff1999cd-7177-4937-a474-74937a102630")
    shop.person("lan", ads=False, mobile="13712345678")
    shop.person("zhu", mobile="13612345678")
    shop.person("abroad", ads=True, mobile="+14155550123")
    audience = shop.audience()
    package = shop.package(audience, {"ad": {"platform": "tencent"}})
    run = shop.run(package)
    assert shop.file(package, run).decode() == hashlib.md5(b"13812348888").hexdigest() + "\n"
    assert (run["persons"], run["refused"], run["files"][0]["rows"]) == (2, 2, 1)
    assert run["files"][0]["name"].endswith(".txt")
    idfa = shop.package(audience, {"ad": {"platform": "tencent", "identifier": "idfa"}})
    assert shop.file(idfa, shop.run(idfa)).decode() == "2c010ed96aef2fc34983e1e7e9176b7e\n"  # as Tencent's page has it
    ocean = shop.package(audience, {"ad": {"platform": "oceanengine", "hash": "sha256"}})
    assert shop.file(ocean, shop.run(ocean)).decode().strip() == hashlib.sha256(b"13812348888").hexdigest()
    abroad = shop.package(audience, {"ad": {"platform": "other", "hash": "sha256", "digits": "e164"}})
    wanted = {hashlib.sha256(text).hexdigest() for text in (b"+8613812348888", b"+14155550123")}
    assert set(shop.file(abroad, shop.run(abroad)).decode().split()) == wanted


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"columns": []}, "package_no_columns"),
        ({"columns": ["password"]}, "package_unknown_column"),
        ({"ad": {"platform": "oceanengine", "hash": "md5"}}, "package_hash_not_taken"),
        ({"ad": {"platform": "baidu", "identifier": "oaid"}}, "package_hash_not_taken"),
    ],
)
def test_what_can_not_be_made_is_refused(shop: Shop, content: dict[str, Any], code: str) -> None:
    audience = shop.audience()
    body = {"name": "x", "audience": audience, "content": content}
    for language, word in (("en", " "), ("zh-CN", "。")):
        answer = shop.desk.client.post("/api/packages", json=body, headers={"Accept-Language": language})
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert word in answer.json()["detail"]
    assert shop.desk.get("/api/packages")["items"] == []


def test_an_audience_of_a_package_stays(shop: Shop) -> None:
    audience = shop.audience()
    package = shop.package(audience, {"columns": ["id"]})
    assert shop.desk.get(f"/api/audiences/{audience}")["used_by"] == [{"id": package["id"], "name": "春季包"}]
    assert shop.desk.client.delete(f"/api/audiences/{audience}").status_code == 409
    assert shop.desk.client.delete(f"/api/packages/{package['id']}").status_code == 204
    assert shop.desk.client.delete(f"/api/audiences/{audience}").status_code == 204


def test_columns_to_choose_from(shop: Shop) -> None:
    shop.person("mei", mobile="13812348888")
    found = shop.desk.get("/api/packages/choices")
    personal = {one["name"]: one["personal"] for one in found["columns"]}
    assert (personal["traits.city"], personal["identifiers.mobile"], personal["id"]) == (False, True, False)
    assert found["platforms"][0]["takes"]["mobile"]["md5"] == "HASH_MOBILE_PHONE"
