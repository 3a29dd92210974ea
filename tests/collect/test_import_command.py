"""``siyu import`` as people run it: the whole of CDNOW, twice, killed in between, and through a running server."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import pytest

from tests import postgres, warm
from tests.servers import Server

ROWS, PERSONS, FEN = 69_659, 23_570, 250_031_563


def siyu(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return warm.run("siyu", *words, environment=_environment(words), seconds=300)


def really(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """In a Python of its own, as a user's shell starts it."""
    command = [sys.executable, "-m", "siyu", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=_environment(words), check=False)


def _environment(words: Sequence[object]) -> dict[str, str]:
    return postgres.environment(words) | {"COLUMNS": "200"}


def _share(data: Path) -> float:
    """How much of the file has come into the inbox, roughly: 5 MB of SQLite's log, 35 rows of PostgreSQL."""
    log = data / "inbox.db-wal"
    return postgres.inbox_rows(data) / 35 if postgres.ON else log.stat().st_size / 5e6 if log.exists() else 0


def totals(data: Path) -> tuple[int, int, int]:
    """Events, persons and fen; the profiles must say the same."""
    done = warm.run("tests.collect.totals", data)
    assert done.returncode == 0, done.stderr
    count, people, fen, facts = json.loads(done.stdout.splitlines()[-1])
    assert facts == [people, count, fen]
    return count, people, fen


@pytest.fixture(scope="module")
def cdnow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The research file as it was published."""
    packed = resources.files("siyu.demo").joinpath("data/cdnow.txt.gz").read_bytes()
    path = tmp_path_factory.mktemp("cdnow") / "CDNOW_master.txt"
    path.write_bytes(gzip.decompress(packed))
    return path


def test_all_of_cdnow_counts_once_though_it_is_killed_and_run_again(tmp_path: Path, cdnow: Path) -> None:
    data = tmp_path / "data"
    words = ("import", cdnow, "--data", data)
    killed = warm.Program("siyu", *words, environment=_environment(words), log=tmp_path / "log")
    deadline = time.monotonic() + 60
    while _share(data) < 0.6:
        assert killed.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    killed.kill()
    killed.wait(10)
    assert totals(data)[0] < ROWS
    for _ in range(2):
        done = siyu("import", cdnow, "--data", data)
        assert done.returncode == 0, done.stderr
        assert f"{ROWS:,} rows imported, 0 can't be taken" in done.stdout
        assert totals(data) == (ROWS, PERSONS, FEN)


def test_three_broken_rows_are_named_and_the_rest_is_imported(tmp_path: Path, cdnow: Path) -> None:
    lines = cdnow.read_bytes().splitlines(keepends=True)[:501]
    lines[100:100] = [b" 99001 19979999 1 11.77\r\n", b" 99002 19970101 1 eleven\r\n", b" null 19970101 1 11.00\r\n"]
    file, errors, data = tmp_path / "broken.txt", tmp_path / "errors.csv", tmp_path / "data"
    file.write_bytes(b"".join(lines))
    words = ("import", file, "--entity", "orders", "--map", "customer=customer_id", "--errors", errors, "--data", data)
    checked = siyu(*words, "--dry-run")
    assert "500 rows would be imported (dry run), 3 can't be taken" in checked.stdout, checked.stderr
    done = really(*words)
    assert "500 rows imported, 3 can't be taken" in done.stdout
    for text in ("row 101, column 'date', value '19979999'", "row 102, column 'dollar_value', value 'eleven'",
                 "row 103, column 'customer_id', value 'null'"):  # fmt: skip
        assert text in done.stdout
    assert [line.split(",")[0] for line in errors.read_text("utf-8-sig").splitlines()[1:]] == ["101", "102", "103"]
    assert totals(data)[0] == 500


def test_a_running_server_takes_the_file_instead(tmp_path: Path, server: Server, cdnow: Path) -> None:
    file = tmp_path / "part.txt"
    file.write_bytes(b"".join(cdnow.read_bytes().splitlines(keepends=True)[:1001]) + b" 1 never 1 1\r\n")
    refused = siyu("import", file, "--data", server.data)
    assert refused.returncode != 0
    assert "--server" in refused.stderr
    admin = server.sign_in()
    key = admin.post("/api/keys", json={"name": "import", "scopes": ["write"]}).json()["secret"]
    errors = tmp_path / "errors.csv"
    done = siyu("import", file, "--server", server.url, "--key", key, "--errors", errors)
    assert done.returncode == 0, done.stderr
    assert "1,000 rows imported, 1 can't be taken" in done.stdout
    assert "1002" in errors.read_text("utf-8-sig")
    wrong = siyu("import", file, "--server", server.url, "--key", "wrong")
    assert wrong.returncode != 0
    assert server.url in wrong.stderr


def test_a_server_killed_during_an_import_finishes_it_after_the_restart(server: Server, cdnow: Path) -> None:
    admin = server.sign_in()
    lines = cdnow.read_bytes().splitlines(keepends=True)[:20_001]
    uploaded = admin.post("/api/imports", files={"file": ("CDNOW.txt", b"".join(lines))}).json()
    mapping = {column["guess"]: column["name"] for column in uploaded["columns"]}
    plan = {"entity": "orders", "mapping": mapping, "options": {"identifier_type": "user_id"}, "dry_run": False}
    path = f"/api/imports/{uploaded['id']}"
    assert admin.put(path, json=plan).status_code == 200
    kills = 0
    deadline = time.monotonic() + 120
    seen = 0
    while (job := admin.get(path).json())["state"] == "running":
        assert time.monotonic() < deadline, job
        if kills < 2 and job["rows_done"] > seen:
            seen = job["rows_done"]
            server.kill()
            server.restart()
            kills += 1
        time.sleep(0.01)
    assert (job["state"], job["rows_ok"], job["rows_bad"]) == ("done", 20_000, 0)
    assert kills >= 1
    while admin.get("/api/pipeline").json()["backlog"]["events"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    server.stop()
    expected = sum(round(float(line.split()[3]) * 100) for line in lines[1:])
    assert totals(server.data) == (20_000, len({line.split()[0] for line in lines[1:]}), expected)


def test_what_cannot_be_imported_is_said(tmp_path: Path) -> None:
    file = tmp_path / "file.csv"
    file.write_text("x,y\n1,2\n", "utf-8")
    unsure = siyu("import", file, "--data", tmp_path / "data")
    assert unsure.returncode != 0
    assert "--entity" in unsure.stderr
    unmapped = siyu("import", file, "--entity", "orders", "--data", tmp_path / "data")
    assert "/mapping/identifier" in unmapped.stderr
    file.write_bytes(b"")
    empty = siyu("import", file, "--data", tmp_path / "data")
    assert "it is empty" in empty.stderr
    assert not (tmp_path / "data").exists()
