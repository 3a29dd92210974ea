"""Merges, splits and squashes a folder's events until it is killed. In a process of its own, which a test kills.

What was asked for and what was done stands in files that outlive the process: like the pipeline, a new process repeats
what was not done, then looks whether all is well, and goes on.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
from pathlib import Path

from siyu.kit import load_settings
from siyu.store import Store
from tests import postgres
from tests.store.crowd import Crowd, check, write_events

EVENTS = 6_000


def main(folder: Path, work: str, seed: int) -> None:
    store = Store(load_settings(folder / "data", log_level="error", state=postgres.address(folder / "data")))
    crowd, done = _catch_up(store, folder)
    check(store, crowd, EVENTS)
    print(f"well after {done}", flush=True)
    if work == "end":
        store.close()
        return
    if work == "squash":
        done += 1
        _do(store, crowd, folder, done)
    delay = random.Random(seed).uniform(0.0, 0.4)
    threading.Timer(delay, os.kill, (os.getpid(), signal.SIGKILL)).start()
    while True:
        if work == "move" or store.events.squash.step(store.clock.now_ms()) is None:
            done += 1
            _do(store, crowd, folder, done)


def _catch_up(store: Store, folder: Path) -> tuple[Crowd, int]:
    """The crowd as it must be now: what was begun last is repeated under its name."""
    crowd = Crowd(1)
    if not (folder / "begun").exists():
        write_events(store, crowd, 0, EVENTS)
        (folder / "begun").touch()
    begun = len((folder / "begun").read_bytes())
    for number in range(1, begun + 1):
        moves = crowd.moves()
        if number == begun:
            store.events.regroup(moves, f"turn-{number}")
    return crowd, begun


def _do(store: Store, crowd: Crowd, folder: Path, number: int) -> None:
    moves = crowd.moves()
    with (folder / "begun").open("ab") as begun:
        begun.write(b".")
    store.events.regroup(moves, f"turn-{number}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
