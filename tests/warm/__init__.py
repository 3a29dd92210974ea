"""Starts Python programs from a process that has imported the house already: in a twentieth of a second, not in two.

For tests that need a process of its own but are not about how it starts. One warm process stands behind each test
process; it opens nothing and runs no code of a test, so what is forked from it is as good as newly started.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1


class Program:
    """``python -m module words…`` under way, much like subprocess.Popen.

    Both streams go to the end of ``log`` if there is one; without it ``stdout`` is a pipe to read from.
    """

    def __init__(
        self, module: str, *words: object, environment: Mapping[str, str] | None = None, log: Path | None = None
    ) -> None:
        self._errors = tempfile.NamedTemporaryFile(prefix="siyu-warm-")  # noqa: SIM115 - closed with the object
        reader, writer = (None, None) if log else processes().Pipe(duplex=False)
        streams: Sequence[Any] = (str(log), str(log)) if log else (writer, self._errors.name)
        arguments = (module, [*map(str, words)], dict(environment or os.environ), *streams)
        self._process = processes().Process(target=_become, args=arguments, daemon=True)
        self._process.start()
        assert self._process.pid
        self.pid: int = self._process.pid
        if reader and writer:
            writer.close()
            self.stdout = os.fdopen(os.dup(reader.fileno()), encoding="utf-8")
            reader.close()

    @property
    def returncode(self) -> int | None:
        """None while it runs; minus the signal that ended it."""
        return self._process.exitcode

    @property
    def errors(self) -> str:
        """What it has written to stderr, when that is no log."""
        return Path(self._errors.name).read_text("utf-8", errors="replace")

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, seconds: float | None = None) -> int:
        self._process.join(seconds)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", seconds or 0)
        return self.returncode

    def kill(self) -> None:
        self._process.kill()

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


def run(
    module: str, *words: object, environment: Mapping[str, str] | None = None, seconds: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run ``python -m module words…`` to its end."""
    program = Program(module, *words, environment=environment)
    timer = threading.Timer(seconds, program.kill)
    timer.start()
    said = program.stdout.read()
    code = program.wait(10)
    timer.cancel()
    return subprocess.CompletedProcess([module, *map(str, words)], code, said, program.errors)


@cache
def processes() -> multiprocessing.context.ForkServerContext:
    """For a function that is to run in a process of its own: it is forked from the same warm one."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.warm.ready"])
    return context


def _become(
    module: str, words: Sequence[str], environment: Mapping[str, str], output: str | Connection, errors: str
) -> None:
    """What the fork does: it takes the place of the program, in a session of its own."""
    os.setsid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # whatever ends the session, nothing is left of it
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    appended = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    os.dup2(os.open(output, appended) if isinstance(output, str) else output.fileno(), 1)
    os.dup2(os.open(errors, appended), 2)
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
