"""What happens to people between a journey's trigger and its end."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from siyu.kit import DAY, HOUR, MINUTE, iso, parse_iso
from tests.delivery.desk import Desk
from tests.journeys.drawing import CART, END, draw, node, outcomes, publish, steps


def enter(desk: Desk, *users: str, **props: Any) -> None:
    for user in users:
        desk.customer(user)
    desk.send(*[desk.track(user, "cart_added", **props) for user in users])
    desk.turn()


def due(desk: Desk, journey: str) -> dict[str, str]:
    runs = desk.get(f"/api/journeys/{journey}/runs", limit=200)["items"]
    return {run["person"]: run["due_at"] for run in runs}


@pytest.mark.parametrize(
    ("config", "zone", "now", "expected"),
    [
        ({"at": "20:00"}, "Asia/Shanghai", "2026-03-02T02:00:00Z", "2026-03-02T12:00:00.000Z"),
        ({"at": "09:00"}, "Asia/Shanghai", "2026-03-02T02:00:00Z", "2026-03-03T01:00:00.000Z"),
        ({"at": "20:00"}, "America/New_York", "2026-03-02T02:00:00Z", "2026-03-03T01:00:00.000Z"),
        ({"at": "02:30"}, "America/New_York", "2026-03-08T03:00:00Z", "2026-03-08T07:30:00.000Z"),
        ({"at": "01:30"}, "America/New_York", "2026-11-01T04:00:00Z", "2026-11-01T05:30:00.000Z"),
        ({"at": "10:00", "weekdays": [6]}, "Asia/Shanghai", "2026-03-02T02:00:00Z", "2026-03-07T02:00:00.000Z"),
        ({"at": "10:00", "on": "2028-02-29"}, "Asia/Shanghai", "2028-01-02T02:00:00Z", "2028-02-29T02:00:00.000Z"),
        ({"at": "10:00", "days": "workdays"}, "Asia/Shanghai", "2026-02-13T03:00:00Z", "2026-02-14T02:00:00.000Z"),
        ({"at": "10:00", "days": "workdays"}, "Asia/Shanghai", "2026-02-14T03:00:00Z", "2026-02-24T02:00:00.000Z"),
    ],
)
def test_waiting_for_a_time_on_the_persons_clock(
    desk: Desk, config: dict[str, Any], zone: str, now: str, expected: str
) -> None:
    """Clocks that jump over the time, or show it twice; weekdays; leap days; a make-up Saturday, Spring Festival."""
    if parse_iso(now) > desk.clock.now_ms():
        desk.clock.advance(parse_iso(now) - desk.clock.now_ms())
    else:
        desk.clock.set(parse_iso(now))
    desk.customer("mei", timezone=zone)
    id = publish(desk, [CART, node("w", "wait_until", **config), END], ["a>w", "w>z"])
    desk.send(desk.track("mei", "cart_added"))
    desk.turn()
    assert due(desk, id) == {desk.person("mei"): expected}
    desk.clock.advance(parse_iso(expected) - desk.clock.now_ms())
    desk.turn()
    assert outcomes(desk, id) == {desk.person("mei"): "completed"}


def test_the_best_hour_is_ones_own_or_the_shops(desk: Desk) -> None:
    morning = desk.clock.now_ms()
    for day in range(1, 5):
        night, noon = morning - day * DAY + 11 * HOUR, morning - day * DAY + 3 * HOUR
        desk.send(desk.track("owl", "page_viewed", at=night), desk.track("owl", "page_viewed", at=night + MINUTE))
        desk.send(*[desk.track(f"other{day}{n}", "page_viewed", at=noon + n * MINUTE) for n in range(5)])
    id = publish(desk, [CART, node("w", "wait_best"), END], ["a>w", "w>z"])
    enter(desk, "owl", "new")
    assert due(desk, id) == {
        desk.person("owl"): iso(morning + 11 * HOUR),
        desk.person("new"): iso(morning + 3 * HOUR),
    }


def test_rules_values_and_lots_part_people(desk: Desk) -> None:
    desk.customer("sh", city="上海")
    desk.customer("bj", city="北京")
    desk.customer("xx")
    rule = {"trait": "city", "op": "eq", "value": "上海"}
    nodes = [
        CART,
        node("r", "branch_rule", branches=[{"name": "沪", "rule": rule}]),
        node("v", "branch_value", source="trait", name="city", branches=[{"name": "京", "values": ["北京"]}]),
        *[node(name, "exit", outcome=name) for name in ("one", "two", "three")],
    ]
    id = publish(desk, nodes, ["a>r", "r>one>沪", "r>v", "v>two>京", "v>three"])
    enter_known(desk, "sh", "bj", "xx")
    assert outcomes(desk, id) == {desk.person("sh"): "one", desk.person("bj"): "two", desk.person("xx"): "three"}


def enter_known(desk: Desk, *users: str, **props: Any) -> None:
    desk.send(*[desk.track(user, "cart_added", **props) for user in users])
    desk.turn()


@pytest.mark.parametrize(
    ("path", "value", "taken"),
    [
        ({"op": "gte", "values": ["100"]}, 100, True),
        ({"op": "gte", "values": ["100"]}, 99.5, False),
        ({"op": "lte", "values": ["100"]}, 99, True),
        ({"op": "between", "values": ["10", "20"]}, 20, True),
        ({"op": "between", "values": ["10", "20"]}, 21, False),
        ({"op": "contains", "values": ["霜"]}, "面霜", True),
        ({"op": "exists", "values": []}, "x", True),
        ({"op": "exists", "values": []}, None, False),
        ({"op": "gte", "values": ["100"]}, "many", False),
        ({"op": "in", "values": ["7", "true"]}, True, True),
    ],
)
def test_how_a_value_is_compared(desk: Desk, path: dict[str, Any], value: Any, taken: bool) -> None:
    choice = node("v", "branch_value", name="item.total", branches=[{"name": "p"} | path])
    id = publish(desk, [CART, choice, node("y", "exit", outcome="y"), END], ["a>v", "v>y>p", "v>z"])
    enter(desk, "mei", item={"total": value} if value is not None else {})
    assert list(outcomes(desk, id).values()) == ["y" if taken else "completed"]


def test_lots_are_sticky_and_fall_as_the_shares_say(desk: Desk) -> None:
    split = node("s", "split", branches=[{"name": "A", "percent": 30}, {"name": "B", "percent": 50}])
    exits = [node(name, "exit", outcome=name) for name in ("A", "B", "C")]
    id = publish(desk, [CART, split, *exits], ["a>s", "s>A>A", "s>B>B", "s>C"], reentry="always")
    users = [f"u{number}" for number in range(150)]
    desk.send(*[desk.identify(user) for user in users])
    enter_known(desk, *users)
    first = outcomes(desk, id)
    shares = [sum(one == name for one in first.values()) / len(users) for name in ("A", "B", "C")]
    assert shares == pytest.approx([0.3, 0.5, 0.2], abs=0.12)
    desk.clock.advance(MINUTE)
    enter_known(desk, *users)
    assert desk.get(f"/api/journeys/{id}")["counts"]["entered"] == 300
    assert outcomes(desk, id) == first


def test_traits_are_changed_from_a_value_or_the_event(desk: Desk) -> None:
    nodes = [
        CART,
        node("t", "update_trait", name="stage", value="warm"),
        node("n", "update_trait", name="carts", op="increment", value="2"),
        node("e", "update_trait", name="last_sku", from_event="item.sku"),
        node("m", "update_trait", name="absent", from_event="item.nothing"),
        END,
    ]
    publish(desk, nodes, ["a>t", "t>n", "n>e", "e>m", "m>z"])
    enter(desk, "mei", item={"sku": "S1"})
    page = desk.get(f"/api/persons/{desk.person('mei')}")
    known = {trait["name"]: trait["value"] for trait in page["traits"]}
    assert (known["stage"], known["carts"], known["last_sku"]) == ("warm", 2, "S1")
    assert "absent" not in known


def test_a_task_is_done_refused_or_late(desk: Desk) -> None:
    task = node("t", "task", title="回访", owner="小王", due_hours=4, results=[{"name": "愿意"}, {"name": "再想想"}])
    exits = [node(name, "exit", outcome=name) for name in ("yes", "no", "refused", "late", "done")]
    lines = ["a>t", "t>yes>愿意", "t>no>再想想", "t>refused>refused", "t>late>timeout", "t>done"]
    id = publish(desk, [CART, task, *exits], lines)
    enter(desk, "will", "wont", "slow")
    tasks = {one["person"]: one for one in desk.get("/api/tasks", state="open", owner="小王")["items"]}
    assert len(tasks) == 3
    will, wont = (tasks[desk.person(user)]["id"] for user in ("will", "wont"))
    assert desk.client.post(f"/api/tasks/{will}/complete", json={"result": "别的"}).status_code == 422
    assert desk.post(f"/api/tasks/{will}/complete", {"result": "愿意", "note": "明天来"})["state"] == "done"
    assert desk.client.post(f"/api/tasks/{will}/refuse", json={}).status_code == 409
    assert desk.post(f"/api/tasks/{wont}/refuse", {})["state"] == "refused"
    desk.turn()
    desk.later(hours=4)
    assert outcomes(desk, id) == {
        desk.person("will"): "yes",
        desk.person("wont"): "refused",
        desk.person("slow"): "late",
    }
    assert [one["state"] for one in desk.get("/api/tasks", state="expired")["items"]] == ["expired"]
    assert desk.get("/api/tasks", state="open")["items"] == []


def test_who_leaves_takes_their_task_along(desk: Desk) -> None:
    task = node("t", "task", title="回访")
    publish(desk, [CART, task, END], ["a>t", "t>z"], exit_events=["order_paid"])
    enter(desk, "mei")
    desk.clock.advance(MINUTE)
    desk.send(desk.track("mei", "order_paid", order_id="o", total=5))
    desk.turn()
    assert [one["state"] for one in desk.get("/api/tasks")["items"]] == ["expired"]


class Oracle:
    """Answers calls: with what is put into ``answers`` first, then with a level for each person."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.signed: list[tuple[bytes, dict[str, str]]] = []
        self.answers: list[tuple[int, bytes]] = []
        oracle = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                oracle.signed.append((raw, dict(self.headers.items())))
                body = json.loads(raw)
                oracle.asked.append((self.headers["Idempotency-Key"], body))
                status, said = oracle.answers.pop(0) if oracle.answers else (200, b'{"level": "gold"}')
                self.send_response(status)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/level"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def oracle() -> Iterator[Oracle]:
    made = Oracle()
    yield made
    made.server.shutdown()
    made.server.server_close()


def asking(oracle: Oracle) -> tuple[list[Any], list[str]]:
    choice = node("v", "branch_value", name="score.level", branches=[{"name": "gold", "values": ["gold"]}])
    nodes = [CART, node("c", "webhook", url=oracle.url, save_as="score", traits=["city"]), choice]
    nodes += [node(name, "exit", outcome=name) for name in ("gold", "plain", "failed")]
    return nodes, ["a>c", "c>v", "c>failed>failed", "v>gold>gold", "v>plain"]


def test_an_answer_is_used_later(desk: Desk, oracle: Oracle) -> None:
    id = publish(desk, *asking(oracle))
    desk.customer("mei", city="上海")
    enter_known(desk, "mei", total=7)
    [(key, said)] = oracle.asked
    assert key.startswith("run_")
    assert (said["person"], said["event"]["total"], said["traits"]) == (desk.person("mei"), 7, {"city": "上海"})
    assert list(outcomes(desk, id).values()) == ["gold"]


def test_calls_are_signed_as_standard_webhooks_are(desk: Desk, oracle: Oracle) -> None:
    publish(desk, *asking(oracle))
    enter(desk, "mei")
    [(body, headers)] = oracle.signed
    receiver = Webhook(desk.get("/api/journeys/webhook-secret")["secret"])
    assert receiver.verify(body, headers)["person"] == desk.person("mei")
    with pytest.raises(WebhookVerificationError):
        receiver.verify(body + b" ", headers)
    assert headers["webhook-id"] == headers["Idempotency-Key"]
    assert "journey.webhook_secret" in {entry["action"] for entry in desk.get("/api/audit")["items"]}


def test_a_call_is_tried_again_and_then_given_up(desk: Desk, oracle: Oracle) -> None:
    id = publish(desk, *asking(oracle))
    oracle.answers = [(503, b""), (200, b"no json at all")]
    enter(desk, "twice")
    assert list(outcomes(desk, id).values()) == ["@c"]
    desk.later(minutes=1)
    assert list(outcomes(desk, id).values()) == ["plain"]
    assert len({key for key, _ in oracle.asked}) == 1
    oracle.answers = [(400, b"")]
    enter(desk, "refused")
    oracle.answers = [(500, b"")] * 4
    enter(desk, "never")
    for _ in range(4):
        desk.later(minutes=6)
    found = outcomes(desk, id)
    assert (found[desk.person("refused")], found[desk.person("never")]) == ("failed", "failed")


def test_an_answer_out_of_all_measure_is_no_answer(desk: Desk, oracle: Oracle) -> None:
    id = publish(desk, *asking(oracle))
    oracle.answers = [(200, json.dumps({"level": "x" * 20_000}).encode())]
    enter(desk, "mei")
    assert list(outcomes(desk, id).values()) == ["failed"]


def test_one_journey_leads_into_another_by_its_rules(desk: Desk) -> None:
    second = publish(desk, [node("a", "trigger_list"), node("w", "wait", minutes=600), END], ["a>w", "w>z"])
    first = publish(desk, [CART, node("e", "enter_journey", journey=second), END], ["a>e", "e>z"], reentry="always")
    enter(desk, "mei")
    assert outcomes(desk, first) == {desk.person("mei"): "completed"}
    assert outcomes(desk, second) == {desk.person("mei"): "@w"}
    desk.clock.advance(MINUTE)
    enter_known(desk, "mei")
    assert steps(desk, "mei", second)[-1] == "already_inside"


def test_a_goal_on_the_way(desk: Desk) -> None:
    ends = publish(desk, [CART, node("g", "goal", name="入会", ends=True)], ["a>g"])
    goes = publish(desk, [CART, node("g", "goal"), END], ["a>g", "g>z"])
    enter(desk, "mei")
    assert list(outcomes(desk, ends).values()) == ["converted"]
    assert list(outcomes(desk, goes).values()) == ["completed"]
    for id in (ends, goes):
        assert desk.get(f"/api/journeys/{id}")["counts"]["converted"] == 1


@pytest.mark.parametrize(
    ("nodes", "lines", "settings", "expected"),
    [
        (
            [CART, node("s", "split", branches=[{"name": "A", "percent": 60}, {"name": "B", "percent": 60}]), END],
            ["a>s", "s>z", "s>z>A"],
            {},
            {("s", "branch_missing"), ("s", "shares_over")},
        ),
        (
            [CART, node("r", "branch_rule", branches=[{"name": "A", "rule": {"moon": 1}}]), END],
            ["a>r", "r>z", "r>z>A"],
            {},
            {("r", "bad_rule")},
        ),
        (
            [CART, node("v", "branch_value", name="x", branches=[{"name": "else", "op": "gte", "values": ["y"]}]), END],
            ["a>v", "v>z"],
            {},
            {("v", "same_branch"), ("v", "bad_values")},
        ),
        ([node("a", "trigger_audience", audience="aud_x"), END], ["a>z"], {}, {("a", "unknown_audience")}),
        (
            [node("a", "trigger_schedule", audience="aud_x", on="2020-01-01"), END],
            ["a>z"],
            {},
            {("a", "unknown_audience"), ("a", "never_fires")},
        ),
        ([CART, node("w", "wait_until", on="2026-02-30"), END], ["a>w", "w>z"], {}, {("w", "no_such_day")}),
        (
            [CART, node("w", "update_trait", name="x", op="increment", value="y"), END],
            ["a>w", "w>z"],
            {},
            {("w", "bad_value")},
        ),
        ([CART, node("e", "enter_journey", journey="jrn_x"), END], ["a>e", "e>z"], {}, {("e", "unknown_journey")}),
        ([CART, node("t", "task", title="x"), END], ["a>z"], {}, {("t", "leads_nowhere"), ("t", "unreachable")}),
        (
            [CART, END],
            ["a>z"],
            {"starts_on": "2026-05-01", "ends_on": "2026-04-01", "exit_audiences": ["aud_x"]},
            {(None, "ends_before_start"), (None, "unknown_audience")},
        ),
        (
            [CART, node("s", "send", channel="email", template="tpl_gone"), END],
            ["a>s", "s>z"],
            {},
            {("s", "unknown_template"), ("s", "channel_off")},
        ),
        ([CART, node("c", "webhook", url="http://u:p@shop.example/"), END], ["a>c", "c>z"], {}, {("c", "bad_address")}),
    ],
)
def test_what_the_new_kinds_are_checked_for(
    desk: Desk, nodes: list[Any], lines: list[str], settings: dict[str, Any], expected: set[tuple[str | None, str]]
) -> None:
    id = draw(desk, nodes, lines, **settings)
    problems = desk.post(f"/api/journeys/{id}/check")["problems"]
    assert {(problem["node"], problem["code"]) for problem in problems} == expected
    assert all(problem["text"]["zh"] and "?" not in problem["text"]["en"] for problem in problems)


def test_a_call_to_an_internal_address_is_refused_on_the_node(desk: Desk, oracle: Oracle) -> None:
    desk.store.settings = msgspec.structs.replace(desk.store.settings, allow_private_outbound=False)
    id = draw(desk, *asking(oracle))
    [problem] = desk.post(f"/api/journeys/{id}/check")["problems"]
    assert (problem["node"], problem["code"]) == ("c", "address_refused")
    assert "127.0.0.1" in problem["text"]["zh"]
    assert desk.client.post(f"/api/journeys/{id}/publish").status_code == 422


def test_an_address_that_turned_internal_is_not_called(desk: Desk, oracle: Oracle) -> None:
    id = publish(desk, *asking(oracle))
    desk.store.settings = msgspec.structs.replace(desk.store.settings, allow_private_outbound=False)
    enter(desk, "mei")
    assert oracle.asked == []
    assert list(outcomes(desk, id).values()) == ["failed"]
