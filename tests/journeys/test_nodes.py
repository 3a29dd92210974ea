"""Every node kind keeps the same promises; every fault of a graph is named on its node."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from siyu.journeys.nodes import KINDS
from siyu.journeys.texts import _PROBLEMS, _STEPS
from tests.delivery.desk import Desk
from tests.delivery.peers import Mailbox

BAD_VALUES: list[Any] = [None, "x" * 200_000, -1, 10**12, [], {}, True, 1.5]


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_kind_declares_itself(desk: Desk, name: str) -> None:
    kind = KINDS[name]
    shown = {view["kind"]: view for view in desk.get("/api/journeys/kinds")}[name]
    assert kind.name == name
    assert shown["label"]["zh"] != shown["label"]["en"]
    assert shown["branches"] == list(kind.branches)
    for label in shown["branch_labels"].values():
        assert label["zh"]
        assert label["en"]
    for field, schema in shown["config_schema"]["properties"].items():
        assert set(schema["x-label"]) == {"zh", "en"}, field
        assert set(schema.get("x-hint", {"zh": 1, "en": 1})) == {"zh", "en"}, field
    assert list(shown["config_schema"]["properties"]) == list(kind.config.__struct_fields__)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_kind_refuses_settings_it_does_not_know(desk: Desk, name: str) -> None:
    """Whatever stands in the settings, the check answers with problems and never with a failure."""
    id = desk.post("/api/journeys", {"name": "试试"})["id"]
    for field in (*KINDS[name].config.__struct_fields__, "surprise"):
        for value in BAD_VALUES:
            graph = {"nodes": [{"id": "a", "kind": name, "config": {field: value}}], "edges": []}
            desk.put(f"/api/journeys/{id}", {"name": "试试", "graph": graph})
            problems = desk.post(f"/api/journeys/{id}/check")["problems"]
            assert problems
            if field == "surprise":
                assert "bad_config" in {problem["code"] for problem in problems}


def test_every_code_has_words_in_both_languages() -> None:
    for texts in (*_STEPS.values(), *_PROBLEMS.values()):
        zh, en = texts
        assert any("一" <= letter <= "鿿" for letter in zh)
        assert not any("一" <= letter <= "鿿" for letter in en.replace("默认值", ""))


def node(id: str, kind: str, **config: Any) -> dict[str, Any]:
    return {"id": id, "kind": kind, "config": config}


def edges(*pairs: str) -> list[dict[str, str]]:
    return [dict(zip(("from", "to", "branch"), pair.split(">"), strict=False)) for pair in pairs]


CART = node("a", "trigger_event", event="cart_added")
END = node("z", "exit")
SEND = {"subject": "主题", "body": "正文", "channel": "email"}


@pytest.mark.parametrize(
    ("nodes", "lines", "expected"),
    [
        ([], [], {(None, "empty")}),
        ([END], [], {(None, "no_trigger")}),
        ([CART, node("b", "moon")], [], {("b", "unknown_kind")}),
        ([CART, CART], ["a>a"], {("a", "same_id"), ("a", "edge_into_trigger")}),
        ([CART, END], ["a>q"], {("q", "edge_to_nowhere")}),
        ([CART, END], [], {("a", "leads_nowhere"), ("z", "unreachable")}),
        ([CART, END], ["a>z>sideways"], {("a", "unknown_branch")}),
        ([CART, END], ["a>z", "a>z"], {("a", "branch_twice")}),
        ([CART, node("b", "trigger_event", event="x"), END], ["a>z", "b>z"], {("b", "two_triggers")}),
        (
            [CART, node("b", "wait", minutes=1), node("c", "wait", minutes=1)],
            ["a>b", "b>c", "c>b"],
            {("b", "circle")},
        ),
        ([CART, node("b", "wait", minutes=0), END], ["a>b", "b>z"], {("b", "waits_for_nothing")}),
        (
            [node("a", "trigger_event", event="x", exit_events=["x"]), END],
            ["a>z"],
            {("a", "exits_on_own_trigger")},
        ),
        ([CART, node("s", "send", **SEND), END], ["a>s", "s>z"], {("s", "channel_off")}),
        ([CART, node("s", "send", **SEND | {"channel": "pigeon"}), END], ["a>s", "s>z"], {("s", "unknown_channel")}),
        (
            [CART, node("s", "send", **SEND | {"subject": " ", "body": ""}), END],
            ["a>s", "s>z"],
            {("s", "channel_off"), ("s", "no_subject"), ("s", "no_body")},
        ),
        (
            [CART, node("s", "send", **SEND | {"subject": "{{name}}", "body": "{{ 1+1 |x}} {{coupon}} {{"}), END],
            ["a>s", "s>z"],
            {("s", "channel_off"), ("s", "variable_without_default"), ("s", "bad_variable")},
        ),
        (
            [CART, node("s", "send", **SEND | {"html": '<p onclick="x()">hi</p>'}), END],
            ["a>s", "s>z"],
            {("s", "channel_off"), ("s", "unsafe_html")},
        ),
        (
            [CART, node("s", "send", **SEND | {"repeat_days": 31}), END],
            ["a>s", "s>z"],
            {("s", "channel_off"), ("s", "repeat_longer_than_reentry")},
        ),
    ],
)
def test_what_keeps_a_graph_from_being_published(
    desk: Desk, nodes: list[Any], lines: list[str], expected: set[tuple[str | None, str]]
) -> None:
    id = desk.post("/api/journeys", {"name": "试试"})["id"]
    desk.put(f"/api/journeys/{id}", {"name": "试试", "graph": {"nodes": nodes, "edges": edges(*lines)}})
    problems = desk.post(f"/api/journeys/{id}/check")["problems"]
    assert {(problem["node"], problem["code"]) for problem in problems} == expected
    assert all(
        problem["text"]["zh"] and problem["text"]["en"] and "?" not in problem["text"]["en"] for problem in problems
    )
    refused = desk.client.post(f"/api/journeys/{id}/publish")
    assert refused.status_code == 422
    assert {error["code"] for error in refused.json()["errors"]} == {code for _, code in expected}


def test_the_guard_tables_words_are_looked_for(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    desk.policy("email", "text", {"max_chars": 10, "ends_with": "回T退订", "forbid": ["【"]})
    id = desk.post("/api/journeys", {"name": "试试", "template": "abandoned_cart"})["id"]
    graph = desk.get(f"/api/journeys/{id}")["graph"]
    graph["nodes"][3]["config"]["body"] = "【花间】你的购物车还在等你"
    desk.put(f"/api/journeys/{id}", {"name": "试试", "graph": graph})
    codes = [problem["code"] for problem in desk.post(f"/api/journeys/{id}/check")["problems"]]
    assert codes == ["text_too_long", "text_ending", "text_forbidden"]


def test_a_wait_is_cut_short_by_its_event(desk: Desk, mailbox: Mailbox) -> None:
    desk.mail_channel(mailbox)
    id = desk.post("/api/journeys", {"name": "领券提醒"})["id"]
    nodes = [
        node("a", "trigger_event", event="coupon_received", where=[{"property": "kind", "values": ["new"]}]),
        node("w", "wait", minutes=600, until=["coupon_used", "store_visited"]),
        node("s", "send", **SEND),
        node("used", "exit", outcome="used"),
        END,
    ]
    graph = {"nodes": nodes, "edges": edges("a>w", "w>s>then", "w>used>happened", "s>z")}
    desk.put(f"/api/journeys/{id}", {"name": "领券提醒", "graph": graph})
    desk.post(f"/api/journeys/{id}/publish")
    for user in ("mei", "lan", "old"):
        desk.customer(user)
    desk.send(*[desk.track(user, "coupon_received", kind="new") for user in ("mei", "lan")])
    desk.send(desk.track("old", "coupon_received", kind="other"))
    desk.later(minutes=10)
    desk.send(desk.track("mei", "coupon_used"))
    desk.turn()
    runs = {run["person"]: run for run in desk.get(f"/api/journeys/{id}/runs")["items"]}
    assert (runs[desk.person("mei")]["state"], runs[desk.person("mei")]["outcome"]) == ("done", "used")
    desk.later(hours=10)
    assert mailbox.recipients == ["lan@example.com"]
    assert desk.trace("old", id) == ("not_matching", ["not_matching"])
    counts = desk.get(f"/api/journeys/{id}")["nodes_counts"]
    assert counts["w"] == {"in": 2, "waiting": 0, "out": 2, "branches": {"happened": 1, "then": 1}, "refused": {}}
    assert counts["s"] == {"in": 1, "waiting": 0, "out": 1, "branches": {"then": 1}, "refused": {}}


def test_configs_are_frozen_and_closed() -> None:
    for kind in KINDS.values():
        assert kind.config.__struct_config__.frozen
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({"surprise": 1}, kind.config)
