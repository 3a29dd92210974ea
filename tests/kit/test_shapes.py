"""Threads that are first to read a struct don't end the process."""

from __future__ import annotations

from pathlib import Path

from tests import warm


def test_a_store_that_is_open_can_be_read_by_all_threads_at_once(tmp_path: Path) -> None:
    done = warm.run("tests.kit.reading", tmp_path / "data", seconds=60)
    assert (done.returncode, done.stdout.strip()) == (0, "1600"), done.stderr[-2000:]
