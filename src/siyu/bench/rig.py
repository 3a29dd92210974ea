"""A real server to measure: its own folder, its own process, and a way in."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from siyu.kit import SiyuError

OPERATOR = {"name": "Bench", "email": "bench@example.com", "password": "bench-bench-bench", "language": "en"}


class ServerFailed(SiyuError):
    """The server under measurement did not come up: {detail}"""

    code = "server_failed"
    status = 500


class Server:
    """``siyu serve`` over a folder, on a free port of 127.0.0.1."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self.client = httpx.Client(base_url=self.url, timeout=60)

    def start(self) -> float:
        """Start and wait until it is ready; answers the seconds that took."""
        environment = os.environ | {f"SIYU_{name.upper()}": value for name, value in self._settings.items()}
        environment |= {"SIYU_LOG_LEVEL": "warning"}
        began = time.perf_counter()
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "siyu.cli", "serve", "--data", str(self.folder), "--port", str(self.port)],
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        while time.perf_counter() - began < 60:
            if self._process.poll() is not None:
                raise ServerFailed(detail=f"it ended with exit code {self._process.returncode}.")
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200:
                    return time.perf_counter() - began
            time.sleep(0.01)
        raise ServerFailed(detail="it was not ready within 60 seconds.")

    @property
    def pid(self) -> int:
        if self._process is None:
            raise ServerFailed(detail="it is not running.")
        return self._process.pid

    def memory_mb(self) -> float:
        """Resident memory of the process and its children, MB."""
        total = 0
        for pid in [self.pid, *_children(self.pid)]:
            with contextlib.suppress(OSError):
                total += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return total * os.sysconf("SC_PAGE_SIZE") / 1e6

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        os.kill(self.pid, signal.SIGKILL)
        self._ended()

    def stop(self) -> None:
        """End it politely."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._ended()

    def _ended(self) -> None:
        if self._process is not None:
            self._process.wait(timeout=30)

    def sign_in(self) -> None:
        """Set up the first operator, or sign in as it."""
        session = self.client.get("/api/session").json()
        self.client.headers["X-CSRF-Token"] = session["csrf"]
        path = "/api/setup" if session["needs_setup"] else "/api/session"
        answer = self.call("POST", path, OPERATOR if session["needs_setup"] else _login())
        self.client.headers["X-CSRF-Token"] = answer["csrf"]

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """An API call; raises ServerFailed when it is refused."""
        answer = self.client.request(method, path, json=body)
        if answer.is_error:
            raise ServerFailed(detail=f"{method} {path} answered {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else None

    def edit(self, path: str, body: dict[str, Any]) -> None:
        """Replace what stands at ``path``, whatever its version."""
        version = self.client.get(path).headers["etag"]
        answer = self.client.put(path, json=body, headers={"If-Match": version})
        if answer.is_error:
            raise ServerFailed(detail=f"PUT {path} answered {answer.status_code} {answer.text[:300]}")

    def new_source(self, name: str = "bench", kind: str = "segment") -> str:
        """A source; answers its write key."""
        return str(self.call("POST", "/api/sources", {"name": name, "kind": kind})["write_key"])

    def metric(self, name: str) -> float:
        """The sum of a metric over its labels."""
        found = 0.0
        for line in self.client.get("/metrics").text.splitlines():
            if line.startswith(name) and line[len(name)] in " {":
                found += float(line.rpartition(" ")[2])
        return found


def _login() -> dict[str, str]:
    return {"email": OPERATOR["email"], "password": OPERATOR["password"]}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


@contextlib.contextmanager
def running(folder: Path, **settings: str) -> Iterator[Server]:
    """A started, signed-in server that is stopped afterwards."""
    server = Server(folder, **settings)
    server.start()
    try:
        server.sign_in()
        yield server
    finally:
        server.stop()
        server.client.close()
