"""The real server over the demo's folder, in a process of its own, and a signed-in client to its API."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import msgspec

from siyu.kit import SiyuError

_START_SECONDS = 60
_STOP_SECONDS = 20


class DemoFailed(SiyuError):
    """The demo can't go on: {detail}"""

    code = "demo_failed"
    status = 500


class Login(msgspec.Struct, frozen=True):
    email: str
    password: str


class Serving:
    """``siyu serve``. ``url`` is where a browser on this machine finds it."""

    def __init__(self, folder: Path, host: str, port: int) -> None:
        self._folder, self._host, self._port = folder, host, port
        self.url = f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"  # noqa: S104
        self.log = folder / "demo.log"
        self.client = httpx.Client(base_url=self.url, timeout=120, trust_env=False)
        self._process: subprocess.Popen[bytes] | None = None
        self._behind = 0

    def start(self, now: int = 0) -> None:
        """Start and wait until it is ready; with ``now`` its clock begins there, and ``move`` moves it on. It gets a
        session of its own, so Ctrl-C reaches us first."""
        if free_port(self._host, self._port) != self._port:
            raise DemoFailed(detail=f"port {self._port} on {self._host} is taken. Choose another with --port.")
        program = ["siyu.demo.past", "--now", str(now)] if now else ["siyu", "serve"]
        command = [sys.executable, "-m", *program, "--data", str(self._folder)]
        command += ["--host", self._host, "--port", str(self._port)]
        pipe = subprocess.PIPE if now else None
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                command, stdin=pipe, stdout=pipe or log, stderr=log, start_new_session=True
            )
        self._behind = max(0, system_ms() - now) if now else 0
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            self._check_alive()
            with contextlib.suppress(httpx.TransportError):
                if self.client.get("/readyz").status_code == 200:
                    self._check_alive()
                    return
            time.sleep(0.05)
        raise DemoFailed(detail=f"the server was not ready within {_START_SECONDS} seconds; see {self.log}.")

    def _check_alive(self) -> None:
        if self._process and self._process.poll() is not None:
            lines = reversed(self.log.read_text("utf-8", "replace").splitlines())
            why = next((line for line in lines if line.startswith("Error: ")), "the server ended")
            raise DemoFailed(detail=f"{why.removeprefix('Error: ')} ({self.log})")

    @property
    def ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def now(self) -> int:
        """What the server's clock shows, epoch ms."""
        return system_ms() - self._behind

    def move(self, now: int) -> None:
        """Move the clock of a server in the past on, never beyond the present."""
        self._tell(f"{now}\n")
        self._behind = min(self._behind, max(0, system_ms() - now))

    def rest(self) -> None:
        """Wait until a server in the past has nothing left to do at its time."""
        self._tell("\n")

    def _tell(self, line: str) -> None:
        """Have a server in the past do something, and wait until it has."""
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise DemoFailed(detail="only a server in the past has a clock to move.")
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(line.encode())
            process.stdin.flush()
        if process.stdout.readline() != b"done\n":
            process.wait(_STOP_SECONDS)
            self._check_alive()

    def into_the_present(self) -> None:
        """Serve on with the machine's clock."""
        self._end()
        self.start()

    def stop(self) -> None:
        self.client.close()
        self._end()

    def _end(self) -> None:
        if self._process and not self.ended:
            self._process.terminate()
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def sign_in(self, login: Login) -> None:
        """Sign in; the first time the operator is made. Raises DemoFailed when somebody else is at home there."""
        session = self.call("GET", "/api/session")
        self.client.headers["X-CSRF-Token"] = session["csrf"]
        if session["needs_setup"]:
            body = {"name": "演示管理员", "email": login.email, "password": login.password, "language": "zh-CN"}
            answer = self.call("POST", "/api/setup", body)
        else:
            answer = self.call("POST", "/api/session", msgspec.structs.asdict(login))
        self.client.headers["X-CSRF-Token"] = answer["csrf"]

    def call(self, method: str, path: str, body: Any = None, version: int | None = None, **rest: Any) -> Any:
        """An API call. ``version`` is the one being edited. Raises DemoFailed when it is refused."""
        headers = {"If-Match": f'"{version}"'} if version is not None else {}
        answer = self.client.request(method, path, json=body, headers=headers, **rest)
        if answer.is_error:
            raise DemoFailed(detail=f"{method} {path} answered {answer.status_code} {answer.text[:500]}")
        return answer.json() if answer.content else None


def system_ms() -> int:
    return time.time_ns() // 1_000_000


def free_port(host: str, wanted: int) -> int:
    """``wanted`` when nobody listens there, else any free port."""
    for port in (wanted, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            return int(probe.getsockname()[1])
    raise DemoFailed(detail=f"no port is free on {host}.")
