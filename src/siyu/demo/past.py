"""The house as it was some days ago, in a process of its own: ``python -m siyu.demo.past``. Only for the demo.

Its clock runs as fast as the machine's, but behind it. Lines on stdin move it on: a number is the time it shows from
now on, epoch ms; an empty line asks to wait until the house rests. Each is answered by a line when it is done.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import click

from siyu.app import House
from siyu.kit import SystemClock, load_settings
from siyu.serve import serve

_STORY = ("settle", "due", "enter", "advance", "campaigns", "deliver")
"""What has to come to rest before the clock is moved on; the others come along."""

_QUIET_ROUNDS = 2
"""One loop may leave work to another that has just looked, so all of them look again."""

_GLANCE = 0.002


class Behind:
    """A clock that may be set, but never before what it has shown nor past the machine's."""

    def __init__(self, start: int) -> None:
        self._system = SystemClock()
        self._behind = max(0, self._system.now_ms() - start)

    def now_ms(self) -> int:
        return self._system.now_ms() - self._behind

    def set(self, now: int) -> None:
        self._behind = min(self._behind, max(0, self._system.now_ms() - now))


def rest(house: House) -> None:
    """Wait until nothing is left to do at the time there is."""
    story = [house.loops[name] for name in _STORY]
    quiet = 0
    while quiet < _QUIET_ROUNDS:
        before = sum(loop.worked for loop in story)
        for loop in story:
            loop.wake()
        while not all(loop.resting for loop in story):
            time.sleep(_GLANCE)
        quiet = quiet + 1 if sum(loop.worked for loop in story) == before else 0


def _obey(house: House, clock: Behind) -> None:
    for line in sys.stdin:
        if line.strip():
            clock.set(int(line))
        else:
            rest(house)
        click.echo("done")


@click.command()
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option("--host", required=True)
@click.option("--port", type=int, required=True)
@click.option("--now", type=int, required=True, help="What the clock shows at first, epoch ms.")
def main(data: Path, host: str, port: int, now: int) -> None:
    """Serve like ``siyu serve``, some days ago."""
    clock = Behind(now)

    def listen(house: House) -> None:
        threading.Thread(target=_obey, args=(house, clock), daemon=True).start()

    serve(load_settings(data, host=host, port=port), listen, clock)


if __name__ == "__main__":
    main()
