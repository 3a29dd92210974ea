"""``siyu doctor``: is this machine fit to run Siyu, and if not, what to do about it.

Heavy rooms are imported where they are asked, so that ``siyu --help`` stays quick.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
import time
import zoneinfo
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

import click

from siyu.cli import data_option
from siyu.kit import Settings, SiyuError, load_settings

_ENOUGH_BYTES = 5 << 30
_LEAST_BYTES = 1 << 30
_SLOW_FSYNC_MS = 20.0
_MARKS = {"good": ("✓", "green"), "poor": ("!", "yellow"), "bad": ("✗", "red")}


class Finding(NamedTuple):
    """``advice`` is empty when all is well."""

    state: Literal["good", "poor", "bad"]
    what: str
    advice: str = ""


def _python(_settings: Settings) -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.maxsize < 1 << 32:
        return Finding("bad", f"Python {version}, 32 bits", "The event engine needs a 64-bit Python.")
    return Finding("good", f"Python {version}")


def _folder(settings: Settings) -> Finding:
    folder = settings.data.resolve()
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        return Finding("bad", f"data folder {folder}", f"{existing} can't be written; change its owner or use --data.")
    return Finding("good", f"data folder {folder}" + ("" if existing == folder else " (will be made)"))


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(_nearest(settings.data)).free
    text = f"free disk space: {free / (1 << 30):.1f} GiB"
    if free < _LEAST_BYTES:
        return Finding("bad", text, "Below 1 GiB Siyu may have to refuse events. Free some space or move the folder.")
    if free < _ENOUGH_BYTES:
        return Finding("poor", text, "A hundred million events take about 4 GiB; plan for more space.")
    return Finding("good", text)


def _nearest(folder: Path) -> Path:
    return next(parent for parent in (folder.resolve(), *folder.resolve().parents) if parent.is_dir())


def _fsync(settings: Settings) -> Finding:
    file = _nearest(settings.data) / f".siyu-doctor-{os.getpid()}"
    took = []
    try:
        with file.open("wb", buffering=0) as out:
            for _ in range(30):
                began = time.perf_counter()
                out.write(b"0" * 4096)
                os.fsync(out.fileno())
                took.append((time.perf_counter() - began) * 1000)
    except OSError as error:
        return Finding("bad", "writing to disk", f"{error.strerror}; look at the disk and the folder's rights.")
    finally:
        file.unlink(missing_ok=True)
    middle = sorted(took)[len(took) // 2]
    if middle > _SLOW_FSYNC_MS:
        return Finding("poor", f"a durable write takes {middle:.1f} ms", "Use a local SSD: all senders wait.")
    return Finding("good", f"a durable write takes {middle:.2f} ms")


def _secret_key(settings: Settings) -> Finding:
    file = settings.data / "secret.key"
    if not file.exists():
        return Finding("good", "secret.key will be made at the first start")
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        return Finding("poor", f"secret.key can be read by others ({mode:o})", f"Run: chmod 600 {file}")
    return Finding("good", "secret.key is readable by its owner only")


def _engine(settings: Settings) -> Finding:
    if not settings.data.is_dir():
        return Finding("good", "stores will be made at the first start")
    from siyu.store import DatabaseInUse, FolderInUse, Store

    began = time.perf_counter()
    try:
        store = Store(settings)
        version = store.events.query("SELECT version()").one()[0]
        store.close()
    except (FolderInUse, DatabaseInUse):
        return Finding("good", "a running Siyu holds the stores open")
    except SiyuError as error:
        return Finding("bad", "the stores do not open", str(error))
    except Exception as error:
        return Finding("bad", "the stores do not open", f"{type(error).__name__}: {str(error)[:300]}")
    return Finding("good", f"both stores open in {time.perf_counter() - began:.1f} s (engine {version})")


def _database(settings: Settings) -> Finding:
    if not settings.state:
        return Finding("good", "state: SQLite in the data folder")
    from siyu.store import examine_postgres

    try:
        version, weak = examine_postgres(settings.state)
    except SiyuError as error:
        return Finding("bad", "state: PostgreSQL", str(error))
    if weak:
        return Finding("poor", f"state: PostgreSQL {version}", f"Siyu sets {weak} for itself. Set it on the server.")
    return Finding("good", f"state: PostgreSQL {version}, durable")


def _port(settings: Settings) -> Finding:
    from siyu.serve import PortTaken, check_port

    try:
        check_port(settings.host, settings.port)
    except PortTaken as error:
        return Finding("poor", f"port {settings.port} on {settings.host} is in use", f"Fine if Siyu runs. {error}")
    return Finding("good", f"port {settings.port} on {settings.host} is free")


def _console(_settings: Settings) -> Finding:
    from siyu.console import bundle_folder

    if not (bundle_folder() / "index.html").is_file():
        return Finding("poor", "the console is not built", "Run: make setup (in the source folder).")
    return Finding("good", "the console is built")


def _clock(settings: Settings) -> Finding:
    now = datetime.now(UTC)
    if settings.timezone not in zoneinfo.available_timezones():
        return Finding("bad", f"time zone {settings.timezone}", "Set timezone to an IANA name such as Asia/Shanghai.")
    files = [file for file in (settings.data / "state.db", settings.data / "inbox.db") if file.exists()]
    newest = max((file.stat().st_mtime for file in files), default=0.0)
    if newest > now.timestamp() + 60:
        return Finding("bad", f"the clock says {now:%Y-%m-%d %H:%M:%S} UTC", "The data is newer. Set the clock (NTP).")
    local = now.astimezone(zoneinfo.ZoneInfo(settings.timezone))
    return Finding("good", f"clock {local:%Y-%m-%d %H:%M:%S} {settings.timezone}")


CHECKS: tuple[Callable[[Settings], Finding], ...] = (
    _python, _folder, _disk, _fsync, _secret_key, _database, _engine, _port, _console, _clock,
)  # fmt: skip


def examine(settings: Settings) -> Iterator[Finding]:
    for check in CHECKS:
        yield check(settings)


@click.command()
@data_option
def doctor(data: Path | None) -> None:
    """Check this machine and the data folder, and say what to do. Exit code 1 when something must be mended."""
    findings = []
    for finding in examine(load_settings(data)):
        findings.append(finding)
        mark, colour = _MARKS[finding.state]
        click.secho(f"{mark} {finding.what}", fg=colour)
        if finding.advice:
            click.echo(f"  {finding.advice}")
    if any(finding.state == "bad" for finding in findings):
        raise SystemExit(1)
