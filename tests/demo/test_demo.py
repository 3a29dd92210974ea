"""``siyu demo`` as a newcomer runs it: loaded through the doors, counted independently, served, run again."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from siyu.demo import care, tags
from siyu.demo.crossings import doubled
from siyu.demo.faults import faults
from siyu.demo.run import Card
from siyu.demo.shop import JOURNEY, rules
from siyu.demo.wire import DOORS
from tests import postgres
from tests.demo.telling import Told
from tests.servers import free_port

CUSTOMERS = 150
WHOLE = re.compile(r"\s+")


def _command(folder: Path, port: int, *more: str) -> list[str]:
    base = [sys.executable, "-m", "siyu", "demo", "--data", str(folder), "--port", str(port)]
    return [*base, "--customers", str(CUSTOMERS), *more]


def _once(folder: Path, port: int = 0) -> subprocess.CompletedProcess[str]:
    command = _command(folder, port or free_port(), "--no-serve")
    environment = postgres.environment(command)
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)


@contextmanager
def _served(folder: Path, *more: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The demo serving; what it printed until it was ready."""
    command = _command(folder, free_port(), *more)
    environment = postgres.environment(command)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
    assert process.stdout
    said = ""
    while "Ctrl-C" not in said:
        line = process.stdout.readline()
        assert line, f"it ended: {said}"
        said += line
    try:
        yield said, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


@contextmanager
def _signed_in(said: str) -> Iterator[httpx.Client]:
    """In through the address and login that were printed."""
    found = {name: re.search(rf"{name}\s+(\S+)", said) for name in ("Console", "Email", "Password")}
    url, email, password = (found[name][1] for name in found if found[name])  # type: ignore[index]
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
        client.headers["X-CSRF-Token"] = client.get("/api/session").json()["csrf"]
        answer = client.post("/api/session", json={"email": email, "password": password})
        assert answer.is_success, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        yield client


def _all(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    after = ""
    while True:
        page = client.get(f"{path}?limit=200{after}").json()
        items += page["items"]
        if not page["next"]:
            return items
        after = f"&after={page['next']}"


def _until(found: Callable[[], Any], seconds: float = 30) -> Any:
    deadline = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
    return answer


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A loaded demo."""
    made = tmp_path_factory.mktemp("demo") / "brand"
    done = _once(made)
    assert done.returncode == 0, done.stdout + done.stderr
    return made


@pytest.fixture(scope="module")
def told(folder: Path) -> Told:
    card = msgspec.json.decode((folder / "demo.json").read_bytes(), type=Card)
    assert card.totals
    return Told(card.plan, card.totals.answers)


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[httpx.Client]:
    with _served(folder, "--no-live") as (said, _), _signed_in(said) as opened:
        yield opened


def test_persons_orders_and_money_are_as_told(client: httpx.Client, told: Told) -> None:
    people = _all(client, "/api/persons")
    assert len(people) == told.persons
    assert sum(one["orders"] for one in people) == told.orders
    assert sum(one["revenue_fen"] for one in people) == told.revenue
    assert sum(one["orders"] > 0 for one in people) >= CUSTOMERS


def test_every_door_has_a_source_and_events_from_it(client: httpx.Client) -> None:
    sources = {one["name"]: one for one in _all(client, "/api/sources")}
    for door in DOORS.values():
        assert sources[door.name]["kind"] == door.protocol
        assert sources[door.name]["last_at"]


def test_bad_records_wait_with_their_reasons(client: httpx.Client, told: Told) -> None:
    waiting = _all(client, "/api/quarantine")
    assert len(waiting) == len(faults(told.plan.now)) == 12
    assert len({one["reason"] for one in waiting}) >= 8


def test_audiences_hold_whom_they_should(client: httpx.Client, told: Told) -> None:
    def sizes() -> dict[str, int]:
        return {one["name"]: one["size"] for one in _all(client, "/api/audiences")}

    assert set(sizes()) == {name for name, _, _ in rules(told.plan.now)} | {tags.DUE}
    _until(lambda: client.get("/api/staff").json()["persons"] == 8)
    assert all(sizes().values())
    _until(lambda: sizes()["近 30 天加购未下单"] == len(told.carts_without_order(30)))


def test_the_journey_runs_and_its_mails_arrive(client: httpx.Client, folder: Path) -> None:
    """It waits a minute; most of that has passed since the carts of the opening."""

    def ended() -> dict[str, int]:
        (journey,) = [one for one in _all(client, "/api/journeys") if one["name"] == JOURNEY]
        assert journey["state"] == "live"
        counts: dict[str, int] = journey["counts"]
        through = counts["sent"] + counts["refused"] + counts["holdout"] + counts["exited"]
        return counts if 0 < counts["entered"] == through else {}

    counts = _until(ended, 120)
    assert counts["sent"] > 0
    assert counts["refused"] > 0, "not everybody has agreed to mails"
    mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in (folder / "mail").glob("*.eml")]
    about_carts = [mail for mail in mails if "购物车里的" in mail["Subject"]]
    assert len(about_carts) == counts["sent"]
    assert all(mail["List-Unsubscribe"] for mail in mails)


def test_a_week_has_been_lived_through(client: httpx.Client, told: Told) -> None:
    """On each of the seven days somebody began the journey, and calls were made on several of them."""
    china, now = timezone(timedelta(hours=8)), datetime.fromtimestamp(told.plan.now / 1000, UTC)
    (journey,) = [one for one in _all(client, "/api/journeys") if one["name"] == JOURNEY]
    runs = _all(client, f"/api/journeys/{journey['id']}/runs")
    began = [datetime.fromisoformat(run["entered_at"]) for run in runs]
    days = {at.astimezone(china).date() for at in began}
    assert days >= {now.astimezone(china).date() - timedelta(days=back) for back in range(7)}
    assert max(began) <= datetime.now(UTC)
    review = client.get(f"/api/reviews/{journey['id']}").json()
    assert review["lift"]["held_out"]
    assert not review["ratio"]["off"]
    assert sum(map(bool, review["hours"])) > 2, "people read at hours of their own"
    calls = {task["ended_at"][:10] for task in _all(client, "/api/tasks") if task["state"] == "done"}
    assert len(calls) >= 4


def test_staff_have_called_some_and_the_review_says_what_comes_next(client: httpx.Client) -> None:
    (journey,) = [one for one in _all(client, "/api/journeys") if one["name"] == care.NAME]
    counts = journey["nodes_counts"]
    assert 0 < counts["holdout"]["branches"]["then"] < counts["list"]["in"] == journey["counts"]["entered"]
    tasks = _all(client, "/api/tasks")
    assert len(tasks) == counts["call"]["in"]
    assert {task["state"] for task in tasks} >= {"done"}
    assert counts["mail"]["in"] == sum(task["result"] == "已联系" for task in tasks)
    assert client.get(f"/api/reviews/{journey['id']}").json()["next_action"]


def test_there_is_something_to_decide_about_who_is_who(client: httpx.Client, told: Told) -> None:
    (conflict,) = _all(client, "/api/identity/conflicts")
    assert (conflict["reason"], conflict["kind"]) == ("limit", "user_id")
    suggested = _until(lambda: client.get("/api/suggestions").json()["items"], 60)
    assert len(suggested) == 1, "the two cards at the till, and nobody else"
    asked = {"identifiers": [{"type": "member_card", "value": doubled(told.plan)[1]}]}
    person = client.post("/api/identity/resolve", json=asked).json()["person"]
    steps = client.get(f"/api/persons/{person}/identity-history").json()["steps"]
    assert [(step["step"], step["verb"]) for step in steps if step["decision"]] == [("tied", "link")]
    assert client.get(f"/api/persons/{person}").json()["merged_from"]


def test_the_import_names_its_three_bad_rows(client: httpx.Client) -> None:
    (made,) = _all(client, "/api/imports")
    assert (made["state"], made["rows_bad"]) == ("done", 3)
    assert len(made["first_errors"]) == 3


def test_running_it_again_serves_what_is_there(folder: Path, client: httpx.Client) -> None:
    """The client fixture is a second run: it printed the same login, and loaded nothing."""
    before = (folder / "demo.json").read_bytes()
    assert len(_all(client, "/api/sources")) == len(DOORS) + 3  # the import and two connectors
    assert (folder / "demo.json").read_bytes() == before


def test_a_load_that_was_cut_short_asks_to_begin_afresh(folder: Path, tmp_path: Path) -> None:
    card = json.loads((folder / "demo.json").read_bytes())
    (tmp_path / "demo.json").write_text(json.dumps(card | {"totals": None}))
    done = _once(tmp_path)
    assert done.returncode == 1
    assert "Remove the folder to start afresh" in WHOLE.sub(" ", done.stderr)


def test_live_events_keep_coming_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    with _served(tmp_path / "brand", "--rate", "20") as (said, process), _signed_in(said) as client:
        began = client.get("/api/debugger").json()["items"][0]["received_at"]
        doors = {door.name for door in DOORS.values()}

        def known() -> list[Any]:
            newest = client.get("/api/debugger").json()["items"]  # the very newest are not anybody's yet
            fresh = [one for one in newest if one["received_at"] > began and one["source_name"] in doors]
            return [one for one in fresh if one["person"]]

        _until(lambda: len(known()) > 5)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # make and the terminal both pass theirs on
            process.send_signal(number)
        assert process.wait(30) == 0
        with pytest.raises(httpx.TransportError):
            client.get("/readyz")


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_text("somebody's")
    done = _once(tmp_path)
    assert done.returncode == 1
    assert "holds something else" in WHOLE.sub(" ", done.stderr)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["state.db"]


def test_a_taken_port_is_named(folder: Path, client: httpx.Client) -> None:
    port = client.base_url.port
    assert port
    done = _once(folder.parent / "other", port)
    assert done.returncode == 1
    assert f"port {port} on 127.0.0.1 is taken" in WHOLE.sub(" ", done.stderr)


def test_campaigns_were_sent_read_and_reviewed(client: httpx.Client) -> None:
    """One with tracked clicks and a decision; the other meets the cap of those the first has reached, as far as these
    are in the audience still: some days all of so few have left it."""
    campaigns = {one["name"]: one for one in _all(client, "/api/campaigns")}
    first, second = campaigns["换季敏感肌关怀"], campaigns["周末敏感肌闪促"]
    assert {first["state"], second["state"]} == {"done"}
    review = client.get(f"/api/reviews/{first['id']}").json()
    assert review["reached"] == first["progress"]["messages"].get("sent", 0)
    assert review["next_action"]
    assert len(client.get("/api/templates").json()["items"]) == 2
    reached = {
        one["person"] for one in _all(client, f"/api/campaigns/{first['id']}/members") if one["state"] == "asked"
    }
    again = [one for one in _all(client, f"/api/campaigns/{second['id']}/members") if one["person"] in reached]
    assert all(one["state"] in ("refused", "held") for one in again)
    refusals = {one["code"]: one["count"] for one in client.get(f"/api/reviews/{second['id']}").json()["refusals"]}
    stopped = sum(one["state"] == "refused" for one in again)
    assert min(stopped, 1) <= refusals.get("cap", 0) <= stopped
