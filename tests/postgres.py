"""PostgreSQL for the suite: a real server of this run, and a database of its own for every data folder.

``SIYU_STATE=postgres`` starts one out of the package pgserver; ``SIYU_STATE=postgresql://…`` takes a server that runs,
whose user may create databases. Processes that tests start find it by the same variable.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import psycopg

from siyu.store.postgres import url_of

_STATE = os.environ.get("SIYU_STATE", "")
ON = _STATE.startswith("postgres")
"""Whether this run keeps its state in PostgreSQL."""

_SERVER = "SIYU_TEST_POSTGRES"
_OPTIONS = "-c listen_addresses= -c max_connections=200 -c shared_buffers=256MB -c max_wal_size=2GB"


def begin() -> None:
    """Start the server unless one is named, before any test. What asks no folder's address must not find one."""
    if ON:
        os.environ[_SERVER] = _STATE if "://" in _STATE else _start()
        os.environ["SIYU_STATE"] = "postgresql://nobody@/?host=/nowhere"


def address(folder: Path) -> str:
    """What SIYU_STATE must be for a data folder: its own database, made when first asked for; empty for SQLite."""
    if _SERVER not in os.environ:
        return ""
    name = _name(folder)
    _make(name, "template0")
    return url_of(os.environ[_SERVER]).set(database=name).render_as_string(hide_password=False)


def environment(words: Sequence[object]) -> dict[str, str]:
    """The environment for a command that names its folder after ``--data``."""
    given = [str(word) for word in words]
    if _SERVER not in os.environ or "--data" not in given:
        return dict(os.environ)
    return os.environ | {"SIYU_STATE": address(Path(given[given.index("--data") + 1]))}


def copy(template: Path, folder: Path) -> None:
    """Make ``folder``'s database a copy of that of ``template``."""
    if _SERVER in os.environ:
        _make(_name(folder), _name(template))


def drop(folder: Path) -> None:
    if _SERVER in os.environ:
        with connected() as conn:
            conn.execute(f'DROP DATABASE IF EXISTS "{_name(folder)}" WITH (FORCE)')
        _make.cache_clear()


def inbox_bytes(folder: Path) -> int:
    """How large the inbox of a folder's database is; 0 while there is none."""
    with psycopg.connect(address(folder).replace("+psycopg", "")) as conn:
        found = conn.execute("SELECT pg_total_relation_size(to_regclass('siyu_inbox.collect_inbox'))").fetchone()
    return int(str(found[0] or 0)) if found else 0


def _name(folder: Path) -> str:
    return "t" + hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:20]


def connected() -> psycopg.Connection[tuple[object, ...]]:
    """A connection to the server, beside the databases of the tests."""
    plain = url_of(os.environ[_SERVER]).set(drivername="postgresql")
    return psycopg.connect(plain.render_as_string(hide_password=False), autocommit=True)


@cache
def _make(name: str, template: str) -> None:
    with connected() as conn:
        if not conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            conn.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def _start() -> str:
    """A server in a folder of its own, on a socket there; ended with this process."""
    folder = Path(tempfile.mkdtemp(prefix="siyu-pg-"))
    folder.chmod(0o755)
    programs, user = _programs(folder)
    data = folder / "data"
    data.mkdir()
    if user:
        shutil.chown(data, user)
    run = {"user": user, "group": None, "extra_groups": []} if user else {}
    initdb = [str(programs / "initdb"), "-D", str(data), "-U", "siyu", "--auth=trust", "--encoding=UTF8", "--no-sync"]
    subprocess.run([*initdb, "--locale=C.UTF-8"], check=True, capture_output=True, cwd="/", **run)
    log = (folder / "log").open("wb")
    command = [str(programs / "postgres"), "-D", str(data), "-k", str(data), *_OPTIONS.split()]
    server = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", start_new_session=True, **run)
    atexit.register(_stop, server, folder)
    return _when_ready(f"postgresql://siyu@/postgres?host={data}", server)


def _when_ready(url: str, server: subprocess.Popen[bytes]) -> str:
    for _ in range(600):
        assert server.poll() is None, "PostgreSQL did not start"
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(url).close()
            return url
        time.sleep(0.05)
    raise AssertionError("PostgreSQL isn't ready after 30 seconds")


def _programs(folder: Path) -> tuple[Path, str | None]:
    """Where PostgreSQL's programs are, and who runs them. It refuses to run as root, and whoever runs it instead may
    have no way into root's folders: then it gets a copy."""
    found = find_spec("pgserver")
    assert found and found.submodule_search_locations, "the package pgserver isn't installed"
    package = Path(found.submodule_search_locations[0])
    if os.geteuid() != 0:
        return package / "pginstall" / "bin", None
    for part in (package / "pginstall", package.parent / "pgserver.libs"):
        shutil.copytree(part, folder / part.relative_to(package.parent))
    return folder / "pgserver" / "pginstall" / "bin", "nobody"


def _stop(server: subprocess.Popen[bytes], folder: Path) -> None:
    server.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        server.wait(5)
    server.kill()
    server.wait()
    shutil.rmtree(folder, ignore_errors=True)
