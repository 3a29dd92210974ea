"""A step done again and again in a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import msgspec

from siyu.kit import Clock, SystemClock, counter, gauge, logger, work_out_shapes

_log = logger("jobs")
_errors = counter("siyu_loop_errors_total", "Steps of a background loop that failed", ["loop"])
_steps = counter("siyu_loop_steps_total", "Steps of a background loop", ["loop"])
_last_ok = gauge("siyu_loop_last_success_seconds", "When a loop last did a step well, epoch seconds", ["loop"])
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 60.0


class Health(msgspec.Struct, frozen=True):
    """How a loop does. Times are epoch ms, None for never; ``failing`` counts failures since it last went well."""

    name: str
    alive: bool
    running_since: int | None
    last_run_at: int | None
    last_ok_at: int | None
    last_error: str
    failing: int


class Loop:
    """Calls ``step`` until stopped.

    ``step`` answers how many seconds to wait before the next call (0: at once; None: ``idle_seconds``); ``wake()``
    cuts the wait short. A step that raises is logged, counted and tried again after a pause that doubles up to a
    minute. Waking doesn't shorten that pause, or a broken step would run at full speed.
    """

    def __init__(
        self, name: str, step: Callable[[], float | None], idle_seconds: float = 1.0, clock: Clock | None = None
    ) -> None:
        self.name = name
        self._step = step
        self._idle = idle_seconds
        self._clock = clock or SystemClock()
        self._woken = threading.Event()
        self._stopped = threading.Event()
        self._pausing = False
        self.worked = 0
        self._thread: threading.Thread | None = None
        self._running_since: int | None = None
        self._last_run_at: int | None = None
        self._last_ok_at: int | None = None
        self._last_error = ""
        self._failing = 0

    worked: int
    """Steps that asked to be called again at once: they had found something to do."""

    @property
    def resting(self) -> bool:
        """Whether it waits, and hasn't been woken since its last step."""
        return self._pausing and not self._woken.is_set()

    def start(self) -> None:
        if self._thread is not None:
            return
        self._running_since = self._clock.now_ms()
        self._thread = threading.Thread(target=self._run, name=f"loop-{self.name}", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Do the next step now, from any thread."""
        self._woken.set()

    def stop(self) -> None:
        """Ask the loop to end after the step it is in."""
        self._stopped.set()
        self._woken.set()

    def join(self, seconds: float) -> bool:
        """Wait for the end; False when a step still runs."""
        if self._thread is not None:
            self._thread.join(seconds)
        return not self.alive

    @property
    def alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def health(self) -> Health:
        return Health(
            self.name,
            self.alive,
            self._running_since,
            self._last_run_at,
            self._last_ok_at,
            self._last_error,
            self._failing,
        )

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._woken.clear()
            pause = self.run_once()
            self._pausing = pause > 0
            if self._failing:
                self._stopped.wait(pause)
            elif pause > 0:
                self._woken.wait(pause)
            self._pausing = False

    def run_once(self) -> float:
        """One step, in the caller's thread; answers the seconds to wait before the next."""
        self._last_run_at = self._clock.now_ms()
        _steps.labels(self.name).inc()
        try:
            wanted = self._step()
        except Exception as error:
            return self._failed(error)
        self._failing = 0
        self._last_ok_at = self._clock.now_ms()
        _last_ok.labels(self.name).set(self._last_ok_at / 1000)
        self.worked += wanted == 0
        return self._idle if wanted is None else wanted

    def _failed(self, error: Exception) -> float:
        self._failing += 1
        self._last_error = f"{type(error).__name__}: {error}"[:500]
        _errors.labels(self.name).inc()
        pause = min(_FIRST_PAUSE * 2.0 ** min(self._failing - 1, 20), _LONGEST_PAUSE)
        _log.error("step_failed", loop=self.name, failing=self._failing, pause_seconds=pause, exc_info=error)
        return pause


class Loops:
    """All loops of the house, started and stopped together."""

    def __init__(self, loops: Sequence[Loop]) -> None:
        self._loops = {loop.name: loop for loop in loops}

    def __iter__(self) -> Iterator[Loop]:
        return iter(self._loops.values())

    def __getitem__(self, name: str) -> Loop:
        return self._loops[name]

    def start(self) -> None:
        work_out_shapes()
        for loop in self:
            loop.start()

    def stop(self, seconds: float) -> bool:
        """Stop all of them within ``seconds``; False when one is still in a step."""
        for loop in self:
            loop.stop()
        deadline = time.monotonic() + seconds
        ended = [loop.join(max(0.0, deadline - time.monotonic())) for loop in self]
        return all(ended)
