"""Matching runs in a process of its own that never outlives the one that wanted it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from siyu.bench import febrl
from siyu.matching import Job, Progress, Run

PARENT = """
import sys
from pathlib import Path
from siyu.bench import febrl
from siyu.matching import Job, Run
run = Run(Path(sys.argv[1]))
run.add({place: row for place, row in enumerate(febrl.read(3).values())})
run.start(Job(run.records))
print(run._process.pid, flush=True)
while run.poll(60).stage != "done":
    pass
print("done", flush=True)
"""


def finish(run: Run) -> Progress:
    while (progress := run.poll(1)).stage != "done":
        pass
    return progress


def test_killing_the_parent_ends_it(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path / "run")], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        child = psutil.Process(int(parent.stdout.readline()))
        assert child.is_running()
        parent.kill()
        assert parent.stdout.read() == b""
    assert child.wait(3) in (None, 3)


def test_a_broken_run_says_why(tmp_path: Path) -> None:
    run = Run(tmp_path / "run")
    run.add({1: {"name": "张小美"}})
    (tmp_path / "run" / "work.duckdb").mkdir()
    run.start(Job(1))
    with pytest.raises(RuntimeError, match="duckdb"):
        finish(run)
    run.close()
    assert not (tmp_path / "run").exists()


def test_what_is_compared_is_what_there_is(tmp_path: Path) -> None:
    rows = list(febrl.read(3).values())[:600]
    run = Run(tmp_path / "run")
    for place, row in enumerate(rows):
        run.add({place: {name: row[name] for name in ("given_name", "postcode") if name in row}})
    run.start(Job(len(rows)))
    progress = finish(run)
    run.close()
    assert progress.fields == ["given_name", "postcode"]
    assert progress.records == 600
