"""Runs the real program in a process of its own."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from tests import postgres
from tests.warm import Program


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A running ``siyu serve``. ``url`` is its address, ``data`` its folder, ``log`` what it wrote to both streams.

    ``cold`` is for tests about the start: a new Python, as users have it.
    """

    def __init__(self, data: Path, port: int, settings: dict[str, str], *, cold: bool = False) -> None:
        self.data = data
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.log_file = data.with_suffix(".log")
        self._settings = settings
        self._cold = cold
        self.process = self._spawn()

    def _spawn(self) -> subprocess.Popen[bytes] | Program:
        self.data.mkdir(parents=True, exist_ok=True)
        words = ["serve", "--data", str(self.data), "--port", str(self.port)]
        environment = postgres.environment(words) | {"SIYU_ALLOW_PRIVATE_OUTBOUND": "true"} | self._settings
        if not self._cold:
            return Program("siyu", *words, environment=environment, log=self.log_file)
        command = [sys.executable, "-m", "siyu", *words]
        with self.log_file.open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)

    @property
    def log(self) -> str:
        return self.log_file.read_text("utf-8", errors="replace")

    def wait_ready(self, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        with self.client() as client:
            while not self._answers(client):
                assert self.process.poll() is None, f"the server ended:\n{self.log[-3000:]}"
                assert time.monotonic() < deadline, f"the server isn't ready:\n{self.log[-3000:]}"
                time.sleep(0.02)

    def _answers(self, client: httpx.Client) -> bool:
        try:
            return client.get("/readyz", timeout=2).status_code == 200 and self.process.poll() is None
        except httpx.TransportError:
            return False

    def client(self) -> httpx.Client:
        """HTTP to the server, not signed in."""
        return httpx.Client(base_url=self.url, timeout=30, trust_env=False, verify=False)

    def sign_in(self, email: str = "admin@example.com", password: str = "correct horse battery") -> httpx.Client:
        """A client signed in as the administrator, who is made when there is none yet."""
        client = self.client()
        session = client.get("/api/session").json()
        body: dict[str, Any] = {"email": email, "password": password}
        path = "/api/session"
        if session["needs_setup"]:
            body, path = body | {"name": "Admin", "language": "en"}, "/api/setup"
        answer = client.post(path, json=body, headers={"X-CSRF-Token": session["csrf"]})
        assert answer.is_success, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        client.headers["Accept-Language"] = "en"
        return client

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        self.process.kill()
        self.process.wait(10)

    def stop(self, seconds: float = 20) -> None:
        """Ask it to end (SIGTERM), and make sure."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
                raise

    def restart(self) -> None:
        """Start again on the same folder and port, after ``kill()`` or ``stop()``."""
        self.process = self._spawn()
        self.wait_ready()


def start_server(data: Path, *, cold: bool = False, **settings: str) -> Server:
    """Start and wait until it is ready; ``settings`` are ``SIYU_*`` variables by their full name."""
    server = Server(data, free_port(), settings, cold=cold)
    try:
        server.wait_ready()
    except BaseException:
        server.kill()
        raise
    return server
