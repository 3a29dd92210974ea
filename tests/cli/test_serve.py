"""``siyu serve`` as a process: starts fast, stops clean, leaves nothing behind."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.servers import Server, start_server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Started as users start it."""
    running = start_server(tmp_path / "server", cold=True)
    yield running
    running.stop()


def test_it_serves_the_console_the_api_and_says_where(server: Server) -> None:
    assert server.url in server.log
    client = server.sign_in()
    assert client.get("/api/session").json()["operator"]["role"] == "admin"
    assert client.get("/metrics").status_code == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_within_two_seconds(server: Server, number: signal.Signals) -> None:
    began = time.perf_counter()
    server.process.send_signal(number)
    assert server.process.wait(10) == 0
    assert time.perf_counter() - began < 2
    assert "Traceback" not in server.log


def test_it_is_one_process_and_killing_it_leaves_none(server: Server) -> None:
    process = psutil.Process(server.process.pid)
    assert process.children(recursive=True) == []
    server.kill()
    assert not psutil.pid_exists(process.pid)
    server.restart()
    assert server.client().get("/readyz").status_code == 200


def test_what_was_set_up_is_there_after_a_kill(server: Server) -> None:
    server.sign_in()
    server.kill()
    server.restart()
    assert server.client().get("/api/session").json()["needs_setup"] is False


def test_start_and_memory_stay_within_bounds(server: Server) -> None:
    """The start counts in processor time, which other work on the machine doesn't stretch."""
    server.stop()
    server.restart()
    process = psutil.Process(server.process.pid)
    assert process.cpu_times().user + process.cpu_times().system <= 3
    assert process.memory_info().rss <= 600e6


def test_two_do_not_share_a_folder(server: Server, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="Another Siyu already works in"):
        start_server(server.data)


def test_a_taken_port_is_told_before_anything_is_touched(server: Server, tmp_path: Path) -> None:
    second = Server(tmp_path / "other", server.port, {})
    assert second.process.wait(30) == 1
    assert f"Port {server.port}" in second.log
    assert not (tmp_path / "other" / "state.db").exists()
