"""Kill -9 in the middle of moving and of squashing: every event is there once, with the right person."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import warm

ROUNDS = 10


def run(folder: Path, work: str, seed: int) -> tuple[int, str]:
    done = warm.run("tests.store.rewriting", folder, work, seed, seconds=60)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.timeout(120)
@pytest.mark.parametrize("work", ["move", "squash"])
def test_kill_9_while_rewriting(tmp_path: Path, work: str) -> None:
    for seed in range(ROUNDS):
        code, said = run(tmp_path, work, seed)
        assert code == -9, said
        assert said.startswith("well after"), said
    code, said = run(tmp_path, "end", 0)
    assert (code, said.startswith("well after")) == (0, True), said
    assert (tmp_path / "begun").stat().st_size >= ROUNDS
