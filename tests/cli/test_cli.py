"""The command line, run as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from siyu import __version__
from siyu.cli import COMMANDS
from tests import postgres
from tests.servers import free_port


def siyu(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "siyu", *words]
    environment = postgres.environment(words) | settings
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, check=False)


def test_version() -> None:
    assert siyu("--version").stdout.strip() == f"siyu, version {__version__}"


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself(command: str) -> None:
    answer = siyu(command, "--help")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith(f"Usage: siyu {command}") or f" {command}" in answer.stdout.splitlines()[0]


def test_every_command_is_named() -> None:
    said = siyu("--help").stdout
    assert all(f"  {command} " in said for command in COMMANDS)


def test_openapi_prints_nothing_but_the_description() -> None:
    schema = json.loads(siyu("openapi").stdout)
    assert schema["info"] == schema["info"] | {"title": "Siyu", "version": __version__}
    assert schema["paths"]["/api/audiences/preview"]["post"]["operationId"]


def test_doctor_finds_a_healthy_machine(tmp_path: Path) -> None:
    answer = siyu("doctor", "--data", str(tmp_path / "data"), SIYU_PORT=str(free_port()))
    assert answer.returncode == 0, answer.stdout
    assert "a durable write takes" in answer.stdout
    assert not (tmp_path / "data").exists()


def test_doctor_says_what_to_do(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "secret.key").write_bytes(b"not a key")
    (data / "secret.key").chmod(0o644)
    answer = siyu("doctor", "--data", str(data), SIYU_TIMEZONE="Mars/Olympus")
    assert answer.returncode == 1
    assert f"chmod 600 {data / 'secret.key'}" in answer.stdout
    assert "Asia/Shanghai" in answer.stdout
    assert "the stores do not open" in answer.stdout


def test_a_wrong_setting_is_one_line_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("prot = 80\n")
    answer = siyu("serve", "--data", str(tmp_path))
    assert answer.returncode == 1
    assert answer.stderr.startswith("Error: The setting prot is wrong: there is no such setting.")
    assert "Traceback" not in answer.stderr
