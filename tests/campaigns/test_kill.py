"""kill -9 in the middle of a campaign: nobody gets it twice and nobody is lost.

Five rounds here; ``SIYU_KILL_ROUNDS=50`` for more, with ``SIYU_STATE=postgres`` on PostgreSQL.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from tests import warm
from tests.delivery.peers import Mailbox

PERSONS = 450
"""More than the gate is asked for at once."""

ROUNDS = int(os.environ.get("SIYU_KILL_ROUNDS", "5"))


def run(*arguments: object) -> str:
    done = warm.run("tests.campaigns.worker", *arguments, seconds=180)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def killed_after(seconds: float, folder: Path) -> bool:
    """Whether the worker was still at work when it was killed, counted from when it was ready."""
    worker = warm.Program("tests.campaigns.worker", "work", folder)
    assert worker.stdout.readline() == "ready\n", worker.errors[-3000:]
    deadline = time.monotonic() + seconds
    while worker.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    struck = worker.poll() is None
    worker.kill()
    worker.wait(30)
    assert struck or worker.returncode == 0, "the worker failed by itself"
    return struck


@pytest.mark.timeout(1800)
def test_killed_at_any_moment_everybody_gets_the_campaign_once(tmp_path: Path, mailbox: Mailbox) -> None:
    folder, dice = tmp_path / "data", random.Random(20260303)
    run("prepare", folder, mailbox.port, PERSONS)
    struck = sum(killed_after(dice.uniform(0, 1.5 / ROUNDS), folder) for _ in range(ROUNDS))
    assert struck, "no worker was ever killed at work"
    run("work", folder)
    found = json.loads(run("report", folder))

    assert found["campaign"] == [["done"]]
    members = dict(found["members"])
    assert set(members) == {"asked", "held"}
    assert sum(members.values()) == PERSONS
    assert members["held"] > 0
    messages = {id: state for id, state, _ in found["messages"]}
    assert len(messages) == len({person for *_, person in found["messages"]}) == members["asked"]
    states = Counter(messages.values())
    assert set(states) <= {"sent", "in_doubt"}
    assert states["in_doubt"] <= ROUNDS
    arrived = {key.strip("<>").partition("@")[0]: times for key, times in mailbox.times().items()}
    assert max(arrived.values()) == 1
    assert {id for id, state in messages.items() if state == "sent"} <= set(arrived)
    assert set(messages) - set(arrived) <= {id for id, state in messages.items() if state == "in_doubt"}
