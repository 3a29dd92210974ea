"""kill -9 at the worst moments: nothing is sent twice, nothing is lost without being in doubt."""

from __future__ import annotations

import json
import random
import threading
import time
from pathlib import Path

import pytest

from tests import warm
from tests.delivery.peers import Mailbox

PERSONS = 80
ROUNDS = 10


def run(*arguments: object) -> str:
    done = warm.run("tests.delivery.worker", *arguments, seconds=120)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def start_worker(folder: Path) -> warm.Program:
    worker = warm.Program("tests.delivery.worker", "work", folder)
    assert worker.stdout.readline() == "ready\n", worker.errors[-3000:]
    return worker


def arm(mailbox: Mailbox, worker: warm.Program, stage: str, count: int, pause: float) -> None:
    """Kill ``worker`` when the server has been asked for the ``count``-th time at a stage, or after a pause."""
    seen = 0

    def strike(_asked: object) -> None:
        nonlocal seen
        seen += 1
        if seen == count:
            worker.kill()
            worker.wait(10)

    mailbox.on_rcpt = strike if stage == "recipient" else lambda _address: None
    mailbox.on_data = strike if stage == "text" else lambda _mail: None
    if stage == "moment":
        threading.Timer(pause, worker.kill).start()


@pytest.mark.timeout(300)
def test_killed_at_any_moment_no_mail_goes_twice(tmp_path: Path, mailbox: Mailbox) -> None:
    folder, dice = tmp_path / "data", random.Random(20260302)
    run("prepare", folder, mailbox.port, PERSONS)
    stages = ["moment", "text", "recipient", "text", "moment"]
    for number in range(ROUNDS):
        worker = start_worker(folder)
        arm(mailbox, worker, stages[number % len(stages)], dice.randint(1, 4), dice.uniform(0, 0.12))
        deadline = time.monotonic() + 60
        while worker.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        assert worker.poll() is not None, "the worker hangs"
    mailbox.on_rcpt = mailbox.on_data = lambda _asked: None
    run("work", folder)
    found = json.loads(run("report", folder))

    states = {id: state for id, state, _ in found["messages"]}
    arrived = {key.strip("<>").partition("@")[0]: times for key, times in mailbox.times().items()}
    assert max(arrived.values()) == 1
    assert len(states) == len({person for _, _, person in found["messages"]}) == PERSONS
    assert set(states.values()) <= {"sent", "in_doubt"}
    assert {id for id, state in states.items() if state == "sent"} <= set(arrived)
    assert set(states) - set(arrived) <= {id for id, state in states.items() if state == "in_doubt"}
    doubts = sum(state == "in_doubt" for state in states.values())
    assert 1 <= doubts <= ROUNDS
    assert found["runs"] == {"done": PERSONS}
    assert found["twice"] == 0
