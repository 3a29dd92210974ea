"""Loops run, wait, wake, fail, recover and stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from siyu.jobs import Loop, Loops
from siyu.kit import ManualClock
from tests.conftest import NOW


class Steps:
    """A step that counts its calls and does what ``answer`` says."""

    def __init__(self, answer: Callable[[int], float | None]) -> None:
        self.count = 0
        self._answer = answer
        self._changed = threading.Condition()

    def __call__(self) -> float | None:
        with self._changed:
            self.count += 1
            self._changed.notify_all()
        return self._answer(self.count)

    def wait_for(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.count >= count, 5), f"only {self.count} steps"


@pytest.fixture
def started() -> Iterator[list[Loop]]:
    loops: list[Loop] = []
    yield loops
    for loop in loops:
        loop.stop()
        assert loop.join(5)


def start(started: list[Loop], steps: Steps, idle_seconds: float = 60) -> Loop:
    loop = Loop("test", steps, idle_seconds, ManualClock(NOW))
    started.append(loop)
    loop.start()
    return loop


def test_waking_cuts_the_wait_short(started: list[Loop]) -> None:
    steps = Steps(lambda _: None)
    loop = start(started, steps)
    steps.wait_for(1)
    loop.wake()
    steps.wait_for(2)


def test_a_wake_during_a_step_is_not_lost(started: list[Loop]) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def first_blocks(count: int) -> None:
        if count == 1:
            inside.set()
            assert go_on.wait(5)

    steps = Steps(first_blocks)
    loop = start(started, steps)
    assert inside.wait(5)
    loop.wake()
    go_on.set()
    steps.wait_for(2)


def test_zero_means_at_once(started: list[Loop]) -> None:
    steps = Steps(lambda count: 0.0 if count < 50 else None)
    start(started, steps)
    steps.wait_for(50)


def test_a_failing_step_is_told_and_tried_again(started: list[Loop]) -> None:
    def fails_once(count: int) -> None:
        if count == 1:
            raise ValueError("no luck")

    steps = Steps(fails_once)
    loop = start(started, steps)
    steps.wait_for(1)
    deadline = time.monotonic() + 5
    while loop.health().failing == 0 and time.monotonic() < deadline:
        time.sleep(0.001)
    health = loop.health()
    assert (health.failing, health.last_error, health.last_ok_at) == (1, "ValueError: no luck", None)
    steps.wait_for(2)
    while loop.health().failing and time.monotonic() < deadline:
        time.sleep(0.001)
    assert loop.health().last_ok_at == NOW


def test_pauses_after_failures_double_up_to_a_minute() -> None:
    def always_fails() -> None:
        raise RuntimeError

    loop = Loop("test", always_fails)
    pauses = [loop.run_once() for _ in range(10)]
    assert pauses == [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_stopping_interrupts_waits_and_reports_what_still_runs() -> None:
    go_on = threading.Event()
    busy = Steps(lambda _: go_on.wait(5) and None)
    idle = Steps(lambda _: None)
    loops = Loops([Loop("busy", busy), Loop("idle", idle, idle_seconds=60)])
    loops.start()
    busy.wait_for(1)
    idle.wait_for(1)
    assert loops.stop(seconds=0.2) is False
    assert not loops["idle"].alive
    go_on.set()
    assert loops.stop(seconds=5) is True
