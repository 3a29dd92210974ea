"""Files through the API: look, map, try, import, again, and after being killed in between."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar.testing import TestClient

from siyu.app import House
from siyu.collect import Importer
from siyu.collect.importers import work
from siyu.collect.importers.fields import guess_mapping
from siyu.kit import ManualClock
from siyu.store import Store

Client = TestClient[Any]
Run = Callable[[], None]

ORDERS = """订单号,手机号,支付时间,实付金额,件数,颜色
A1,13812345678,2026-01-02 10:00:00,"1,234.50",2,红
A2,13812345678,2026-01-03 10:00:00,20,1,
A3,13812345679,2026-01-03 11:00:00,30.00,1,蓝
"""
MAPPING = {"order_id": "订单号", "identifier": "手机号", "paid_at": "支付时间", "amount": "实付金额", "units": "件数"}


def upload(client: Client, content: str | bytes, name: str = "订单.csv") -> dict[str, Any]:
    data = content.encode() if isinstance(content, str) else content
    answer = client.post("/api/imports", files={"file": (name, data)})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def start(client: Client, import_id: str, entity: str, mapping: dict[str, str], **rest: Any) -> httpx.Response:
    options = {"identifier_type": "auto", "currency_unit": "yuan"} | rest.pop("options", {})
    body = {"entity": entity, "mapping": mapping, "options": options, "dry_run": False} | rest
    return client.put(f"/api/imports/{import_id}", json=body)


def imported(client: Client, run: Run, content: str | bytes, entity: str, mapping: dict[str, str], **rest: Any) -> Any:
    import_id = upload(client, content)["id"]
    answer = start(client, import_id, entity, mapping, **rest)
    assert answer.status_code == 200, answer.text
    run()
    return client.get(f"/api/imports/{import_id}").json()


def events(store: Store) -> list[tuple[Any, ...]]:
    return list(store.events.query("SELECT event, amount, toJSONString(props) FROM events ORDER BY time, amount"))


def totals(store: Store) -> tuple[Any, ...]:
    return store.events.query("SELECT count(), uniqExact(person), sum(amount) FROM events").one()


def test_an_upload_says_what_it_seems_to_hold(admin: Client) -> None:
    found = upload(admin, ORDERS)
    assert found["kind"] == "orders"
    guesses = {column["name"]: column["guess"] for column in found["columns"]}
    assert guesses == {column: field for field, column in MAPPING.items()} | {"颜色": None}
    assert found["columns"][5]["samples"] == ["红", "蓝"]
    assert found["rows_preview"][1]["实付金额"] == "20"
    listed = admin.get("/api/imports").json()["items"]
    assert [(item["id"], item["file_name"], item["state"]) for item in listed] == [
        (found["id"], "订单.csv", "uploaded")
    ]


def test_orders_become_persons_and_orders(admin: Client, store: Store, run_imports: Run) -> None:
    done = imported(admin, run_imports, ORDERS, "orders", MAPPING)
    assert (done["state"], done["rows_total"], done["rows_ok"], done["rows_bad"]) == ("done", 3, 3, 0)
    assert totals(store) == (3, 2, 128450)
    first = json.loads(events(store)[0][2])
    assert first == {"order_id": "A1", "units": 2, "颜色": "红"}
    people = admin.get("/api/persons?q=13812345678").json()["items"]
    assert [(person["orders"], person["revenue_fen"]) for person in people] == [(2, 125450)]


def test_a_dry_run_writes_nothing_and_can_be_followed_by_the_import(
    admin: Client, store: Store, run_imports: Run
) -> None:
    import_id = upload(admin, ORDERS)["id"]
    start(admin, import_id, "orders", MAPPING, dry_run=True)
    run_imports()
    tried = admin.get(f"/api/imports/{import_id}").json()
    assert (tried["state"], tried["rows_ok"], totals(store)[0]) == ("dry_run_done", 3, 0)
    start(admin, import_id, "orders", MAPPING)
    run_imports()
    assert totals(store) == (3, 2, 128450)
    assert start(admin, import_id, "orders", MAPPING).status_code == 409


def test_bad_rows_are_named_and_the_others_imported(admin: Client, store: Store, run_imports: Run) -> None:
    content = ORDERS + "A4,13812345678,昨天,5,1,\nA5,138****5678,2026-01-03,5,1,\n=A6,13812345678,2026-01-03,免费,1,\n"
    done = imported(admin, run_imports, content, "orders", MAPPING)
    assert (done["rows_ok"], done["rows_bad"]) == (3, 3)
    assert done["first_errors"] == [
        {"row": 5, "column": "支付时间", "reason": "bad_time", "value": "昨天"},
        {"row": 6, "column": "手机号", "reason": "masked", "value": "138****5678"},
        {"row": 7, "column": "实付金额", "reason": "bad_amount", "value": "免费"},
    ]
    answer = admin.get(f"/api/imports/{done['id']}/errors.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert [row[:3] for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))][1:] == [
        ["5", "支付时间", "昨天"],
        ["6", "手机号", "138****5678"],
        ["7", "实付金额", "免费"],
    ]


def test_identifiers_that_name_nobody_are_told_and_the_row_is_taken(
    admin: Client, store: Store, run_imports: Run
) -> None:
    content = "卡号,手机号,邮箱\nC1,13812345678,a@example.com\nC2,13800138000,nobody@\nC3,,nothing\n,138****5678,\n"
    fields = {"member_card": "卡号", "mobile": "手机号", "email": "邮箱"}
    done = imported(admin, run_imports, content, "persons", fields)
    assert (done["rows_ok"], done["rows_bad"], done["ids_ignored"]) == (3, 1, 3)
    assert [(one["row"], one["column"], one["reason"], one.get("taken", False)) for one in done["first_errors"]] == [
        (3, "手机号", "bad_identifier", True),
        (3, "邮箱", "bad_identifier", True),
        (4, "邮箱", "bad_identifier", True),
        (5, "手机号", "masked", False),
    ]
    lines = admin.get(f"/api/imports/{done['id']}/errors.csv").content.decode("utf-8-sig").splitlines()
    assert ["已导入" in line for line in lines[1:]] == [True, True, True, False]


def test_the_same_order_counts_once_whatever_file_it_comes_in(admin: Client, store: Store, run_imports: Run) -> None:
    imported(admin, run_imports, ORDERS, "orders", MAPPING)
    imported(admin, run_imports, ORDERS, "orders", MAPPING)
    header, *rows = ORDERS.splitlines()
    imported(admin, run_imports, "\n".join([header, *reversed(rows)]), "orders", MAPPING)
    assert totals(store) == (3, 2, 128450)


def test_like_rows_without_an_order_id_are_two_purchases(admin: Client, store: Store, run_imports: Run) -> None:
    content = "user,date,amount\nu1,20260101,10\nu1,20260101,10\nu2,20260101,10\n"
    mapping = {"identifier": "user", "paid_at": "date", "amount": "amount"}
    for again in (content, content, content.replace("20260101", "2026-01-01").replace("10\n", "10.00\n")):
        imported(admin, run_imports, again, "orders", mapping)
        assert totals(store) == (3, 2, 3000)
    imported(admin, run_imports, content + "u1,20260101,10\n", "orders", mapping)
    assert totals(store) == (4, 2, 4000)


ROWS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 3), st.integers(0, 3)), min_size=1, max_size=25)
_worlds = itertools.count()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, cut=st.integers(1, 25))
def test_importing_any_file_in_parts_and_twice_gives_each_row_once(
    admin: Client, store: Store, run_imports: Run, rows: list[Any], cut: int
) -> None:
    world = next(_worlds)

    def known(some: list[Any]) -> tuple[int, int]:
        lines = [f"{user}{world}x,202601{day:02},{amount}" for user, day, amount in some]
        mapping = {"identifier": "user", "paid_at": "date", "amount": "amount"}
        imported(admin, run_imports, "\n".join(["user,date,amount", *lines]), "orders", mapping)
        return store.events.query("SELECT count(), sum(amount) FROM events").one()  # type: ignore[return-value]

    count, money = store.events.query("SELECT count(), sum(amount) FROM events").one()
    known(rows[:cut])
    for _ in range(2):
        assert known(rows) == (count + len(rows), money + 100 * sum(amount for *_, amount in rows))
    assert known(rows[:cut]) == (count + len(rows), money + 100 * sum(amount for *_, amount in rows))


def test_refunds_statuses_and_fen(admin: Client, store: Store, run_imports: Run) -> None:
    content = (
        "order,user,paid,fen,refund,status\n"
        "1,u1,2026-01-01,1000,400,交易成功\n2,u1,2026-01-01,500,,待付款\n3,u1,2026-01-01,12.5,,\n4,u1,2026-01-01,-5,,\n"
    )
    mapping = {"order_id": "order", "identifier": "user", "paid_at": "paid", "amount": "fen", "refunded": "refund",
               "status": "status"}  # fmt: skip
    done = imported(admin, run_imports, content, "orders", mapping, options={"currency_unit": "fen"})
    assert [error["reason"] for error in done["first_errors"]] == ["not_paid", "bad_amount", "bad_amount"]
    assert sorted((name, amount) for name, amount, _ in events(store)) == [
        ("order_paid", 1000),
        ("order_refunded", 400),
    ]
    person = admin.get("/api/persons").json()["items"][0]
    assert (person["orders"], person["revenue_fen"]) == (1, 600)


def test_persons_bring_traits_and_identifiers(admin: Client, store: Store, run_imports: Run) -> None:
    content = "会员号,手机,姓名,城市,等级,注册时间\nM1,13812345678,张小美,上海,金卡,2025-12-01\n"
    mapping = {"user_id": "会员号", "identifier": "手机", "name": "姓名", "city": "城市", "trait.level": "等级",
               "registered_at": "注册时间"}  # fmt: skip
    imported(admin, run_imports, content, "persons", mapping)
    person = admin.get("/api/persons?q=M1").json()["items"][0]
    page = admin.get(f"/api/persons/{person['id']}").json()
    traits = {trait["name"]: trait["value"] for trait in page["traits"]}
    assert {name: traits[name] for name in ("city", "level")} == {"city": "上海", "level": "金卡"}
    assert sorted(one["type"] for one in page["identifiers"]) == ["mobile", "user_id"]
    assert person["entered_via"] == "member_registered"


def test_events(admin: Client, store: Store, run_imports: Run) -> None:
    lines = [
        {"user": "u1", "name": "加购", "at": "2026-01-02T03:04:05+08:00", "sku": "S1", "id": "e1"},
        {"user": "u1", "name": "", "at": "2026-01-02T03:04:05+08:00", "id": "e2"},
        {"user": "u1", "name": "x", "at": "2036-01-02", "id": "e3"},
    ]
    mapping = {"identifier": "user", "event": "name", "time": "at", "prop.sku": "sku", "event_id": "id"}
    content = "\n".join(json.dumps(line) for line in lines)
    for _ in range(2):
        done = imported(admin, run_imports, content, "events", mapping)
    assert [error["reason"] for error in done["first_errors"]] == ["missing_event", "future_time"]
    assert events(store) == [("cart_added", 0, '{"sku":"S1"}')]


def test_spend_replaces_what_was_said_before(admin: Client, store: Store, run_imports: Run) -> None:
    mapping = {"date": "日期", "channel": "渠道", "cost": "花费", "clicks": "点击"}
    content = (
        "日期,渠道,花费,点击\n2026/1/1,search/baidu,100.5,10\n2026/1/1,search/baidu,7,1\n2026/1/2,feed/douyin,-1,\n"
    )
    done = imported(admin, run_imports, content, "spend", mapping)
    assert [(error["row"], error["reason"]) for error in done["first_errors"]] == [(3, "duplicate"), (4, "bad_amount")]
    imported(admin, run_imports, content, "spend", mapping)
    imported(admin, run_imports, "日期,渠道,花费,点击\n2026-01-01,search/baidu,120,12\n", "spend", mapping)
    with store.state.read() as conn:
        rows = conn.exec_driver_sql("SELECT date, channel, amount, clicks FROM collect_spend").all()
    assert [tuple(row) for row in rows] == [("2026-01-01", "search/baidu", 12000, 12)]


def test_a_killed_import_goes_on_where_it_was(
    admin: Client, app: House, store: Store, clock: ManualClock, run_imports: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "CHUNK", 10)
    rows = [f"u{n % 7},202601{n % 9 + 1:02},{n % 4}" for n in range(95)]
    rows[3], rows[33], rows[93] = "u1,soon,1", "u1,20260101,much", "null,20260101,1"
    content = "user,date,amount\n" + "\n".join(rows)
    import_id = upload(admin, content)["id"]
    start(admin, import_id, "orders", {"identifier": "user", "paid_at": "date", "amount": "amount"})
    rounds = 0
    while admin.get(f"/api/imports/{import_id}").json()["state"] == "running":
        killed = Importer(store, app.inbox)
        for _ in range(3):
            killed.step()
        with work.errors_of(store, import_id).open("ab") as file:
            file.write(b"torn off in the middle of a li")
        clock.advance(work.LEASE_MS)
        rounds += 1
    app.pipeline.drain()
    done = admin.get(f"/api/imports/{import_id}").json()
    assert rounds == 4
    assert (done["state"], done["rows_done"], done["rows_ok"], done["rows_bad"]) == ("done", 95, 92, 3)
    assert totals(store)[0] == 92
    errors = admin.get(f"/api/imports/{import_id}/errors.csv").content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in errors[1:]] == ["5", "35", "95"]


def test_a_mapping_must_fit(admin: Client) -> None:
    import_id = upload(admin, ORDERS)["id"]
    answer = start(admin, import_id, "orders", {"order_id": "no such column", "shoe_size": "件数"})
    assert answer.status_code == 422
    assert sorted((error["field"], error["code"]) for error in answer.json()["errors"]) == [
        ("/mapping/amount", "required"),
        ("/mapping/identifier", "required"),
        ("/mapping/order_id", "unknown_column"),
        ("/mapping/paid_at", "required"),
        ("/mapping/shoe_size", "unknown_field"),
    ]


def test_a_file_that_breaks_off_fails_with_its_reason(admin: Client, run_imports: Run) -> None:
    content = "user,date,amount\n" + "u1,20260101,10\n" * 40 + 'u2,20260101,"10' + "x" * 200_000
    done = imported(
        admin, run_imports, content, "orders", {"identifier": "user", "paid_at": "date", "amount": "amount"}
    )
    assert (done["state"], "quoted" in done["error"]) == ("failed", True)


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"content-type": "application/json"}, b"{}", 400),
        ({"content-type": "multipart/form-data"}, b"x", 400),
        ({"content-type": "multipart/form-data; boundary=b"}, b"", 400),
        ({"content-type": "multipart/form-data; boundary=b"}, b"--b\r\nnonsense", 400),
        ({"content-type": "multipart/form-data; boundary=b"},
         b'--b\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\nuser,x\n1,2', 400),
        ({"content-type": "multipart/form-data; boundary=b"},
         b'--b\r\ncontent-disposition: form-data; name="x"\r\n\r\n1\r\n--b--\r\n', 400),
        ({"content-type": "multipart/form-data; boundary=b"},
         b'--b\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\nPAR1\r\n--b--\r\n', 422),
    ],
)  # fmt: skip
def test_broken_uploads_are_named(
    admin: Client, store: Store, headers: dict[str, str], body: bytes, status: int
) -> None:
    answer = admin.post("/api/imports", content=body, headers=headers)
    assert answer.status_code == status, answer.text
    folder = store.settings.data / work.FOLDER
    assert not folder.exists() or not list(folder.iterdir())


def test_a_file_larger_than_allowed_is_refused(make_store: Any, tmp_path: Path) -> None:
    from siyu.collect.uploads import save_file
    from siyu.kit import TooLarge

    async def stream() -> Any:
        yield b'--b\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\n'
        for _ in range(100):
            yield b"x" * 1000

    import asyncio

    with pytest.raises(TooLarge):
        asyncio.run(save_file("multipart/form-data; boundary=b", stream(), tmp_path / "f", 50_000))
    assert not (tmp_path / "f").exists()


def test_viewers_may_look_but_not_import(sign_in_as: Any) -> None:
    viewer = sign_in_as("viewer")
    assert viewer.get("/api/imports").status_code == 200
    assert viewer.post("/api/imports", files={"file": ("f.csv", b"a\n1")}).status_code == 403
    assert viewer.get("/api/imports/imp_none").status_code == 404


TAOBAO = """订单编号,买家会员名,联系手机,buyer_open_uid,OAID,买家实际支付金额,订单状态,订单付款时间,店铺名称,退款金额
="T1",t**1,138****5678,AAH-mei,oaid-1,100.00,交易成功,2026-01-03 10:00:00,花间天猫,0.00
="T2",t**1,138****5678,AAH-mei,oaid-2,50.00,卖家已发货，等待买家确认,2026-02-03 10:00:00,花间天猫,10.00
="T3",m**e,139****0000,,oaid-2,70.00,交易成功,2026-02-04 10:00:00,花间天猫,0.00
="T4",m**e,139****0000,AAH-lin,oaid-3,70.00,等待买家付款,,花间天猫,0.00
"""


def test_a_taobao_file_knows_buyers_by_their_open_uid_and_nobody_by_an_address(
    admin: Client, store: Store, run_imports: Run
) -> None:
    """T1 and T2 are one buyer; T2 and T3 share an OAID and are not; T3 is masked; T4 is not paid."""
    mapping = guess_mapping("orders", TAOBAO.splitlines()[0].split(","))
    done = imported(admin, run_imports, TAOBAO, "orders", mapping)
    assert [(one["row"], one["reason"]) for one in done["first_errors"]] == [(4, "masked"), (5, "not_paid")]
    assert done["rows_ok"] == 2
    [person] = admin.get("/api/persons").json()["items"]
    assert (person["orders"], person["revenue_fen"]) == (2, 14000)
    [known] = admin.get(f"/api/persons/{person['id']}").json()["identifiers"]
    assert known["type"] == "buyer_id.花间天猫"
    imported(admin, run_imports, TAOBAO, "orders", mapping)
    assert admin.get("/api/persons").json()["items"][0]["orders"] == 2
    for column in ("OAID", "买家会员名"):
        refused = start(admin, upload(admin, TAOBAO)["id"], "orders", mapping | {"identifier": column})
        assert refused.status_code == 422
        assert "no_key" in refused.text


JD = """订单号,商品名称,订购数量,下单帐号,联系电话,订单金额,订单状态,付款确认时间,店铺名称
J1,精华,1,jd_mei,138****5678,100.00,完成,2026-01-03 10:00:00,花间京东
J2,面霜,2,jd_mei,13812345678,60.00,完成,2026-01-04 10:00:00,花间京东
J3,面霜,1,jd_lin,139****0000,30.00,已取消,,花间京东
J4,面霜,1,,139****0000,30.00,完成,2026-01-05 10:00:00,花间京东
"""
TILL = """小票号,交易时间,门店,会员卡号,手机号,商品名称,实收金额,退款金额
R1,2026-01-03 10:00:00,静安店,C-1,13812345678,精华,99.90,9.90
R2,2026-01-04 10:00:00,静安店,C-1,,面霜,60.00,
R3,2026-01-04 11:00:00,静安店,,,面霜,60.00,
"""


@pytest.mark.parametrize(
    ("content", "errors", "kinds", "revenue"),
    [
        (JD, [(4, "not_paid"), (5, "masked")], ["buyer_id.花间京东", "mobile"], 16000),
        (TILL, [(4, "no_identifier")], ["member_card", "mobile"], 15000),
    ],
    ids=["jd", "till"],
)
def test_files_of_jd_and_of_tills_need_no_mapping_by_hand(
    admin: Client, run_imports: Run, content: str, errors: list[Any], kinds: list[str], revenue: int
) -> None:
    """One buyer in each, whose masked or missing number does not matter; nobody else."""
    mapping = guess_mapping("orders", content.splitlines()[0].split(","))
    for _ in range(2):
        done = imported(admin, run_imports, content, "orders", mapping)
        assert [(one["row"], one["reason"]) for one in done["first_errors"]] == errors
        [person] = admin.get("/api/persons").json()["items"]
        assert (person["orders"], person["revenue_fen"]) == (2, revenue)
    known = admin.get(f"/api/persons/{person['id']}").json()["identifiers"]
    assert sorted(one["type"] for one in known) == kinds
