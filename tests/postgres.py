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
    if ON and _SERVER not in os.environ:
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


_lent: dict[Path, str] = {}
_free: list[str] = []


def lend(template: Path, folder: Path) -> None:
    """Give ``folder`` a database like that of ``template``: one that was given back, or else a copy (a fifth of a
    second)."""
    if _SERVER in os.environ:
        name = _free.pop() if _free else _name(folder)
        _make(name, _name(template))
        _lent[folder] = name


def give_back(template: Path, folder: Path) -> None:
    """Empty a lent database for the next who asks; one that is no longer like the template is dropped."""
    if _SERVER not in os.environ:
        return
    name = _lent.pop(folder)
    with connected(name) as conn:
        conn.execute(_EMPTY)
        like = conn.execute(_SHAPE).fetchone() == _shape(_name(template))
    if like:
        _free.append(name)
        return
    with connected() as conn:
        conn.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


_TABLES = "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE nspname IN ('public', 'siyu_inbox')"
_EMPTY = f"""
DO $$ DECLARE one record; filled boolean; BEGIN
    FOR one IN SELECT c.oid::regclass AS name, relkind {_TABLES} AND relkind IN ('r', 'S')
      AND relname <> 'alembic_version' LOOP
        IF one.relkind = 'S' THEN
            EXECUTE format('ALTER SEQUENCE %s RESTART', one.name);
        ELSE
            EXECUTE format('SELECT EXISTS (SELECT FROM %s)', one.name) INTO filled;
            IF filled THEN EXECUTE format('DELETE FROM %s', one.name); END IF;
        END IF;
    END LOOP;
END $$
"""
_SHAPE = f"""
SELECT (SELECT md5(string_agg(concat(c.relname, attname, atttypid), ',' ORDER BY c.relname, attnum)) {_TABLES}
        AND relkind = 'r'),
    (SELECT count(*) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
     WHERE datname = current_database()),
    (SELECT string_agg(version_num, ',') FROM alembic_version)
""".replace("JOIN pg_namespace", "JOIN pg_attribute a ON a.attrelid = c.oid AND attnum > 0 JOIN pg_namespace", 1)


@cache
def _shape(template: str) -> tuple[object, ...] | None:
    """Tables and settings of the template. It must be empty, or what it begins with would be lost here."""
    with connected(template) as conn:
        conn.execute(_EMPTY.replace("EXECUTE format('DELETE FROM %s', one.name)", "RAISE 'rows in %', one.name"))
        return conn.execute(_SHAPE).fetchone()


def inbox_rows(folder: Path) -> int:
    """How many rows have ever come into the inbox of a folder's database; 0 while there is none."""
    with psycopg.connect(address(folder).replace("+psycopg", "")) as conn:
        counter = "SELECT last_value FROM pg_sequences WHERE schemaname = 'siyu_inbox' AND sequencename = %s"
        found = conn.execute(counter, ("collect_inbox_id_seq",)).fetchone()
    return int(str(found[0] or 0)) if found else 0


def _name(folder: Path) -> str:
    return _lent.get(folder) or "t" + hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:20]


def connected(name: str = "") -> psycopg.Connection[tuple[object, ...]]:
    """A connection to the server, beside the databases of the tests, or to one of them."""
    plain = url_of(os.environ[_SERVER]).set(drivername="postgresql")
    plain = plain.set(database=name) if name else plain
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
        _let_all_write(Path(os.devnull))
    run = {"user": user, "group": None, "extra_groups": []} if user else {}
    initdb = [str(programs / "initdb"), "-D", str(data), "-U", "siyu", "--auth=trust", "--encoding=UTF8", "--no-sync"]
    made = subprocess.run([*initdb, "--locale=C.UTF-8"], check=False, capture_output=True, text=True, cwd="/", **run)
    assert made.returncode == 0, f"initdb: {made.stdout[-2000:]}{made.stderr[-2000:]}"
    log = (folder / "log").open("wb")
    command = [str(programs / "postgres"), "-D", str(data), "-k", str(data), *_OPTIONS.split()]
    server = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", start_new_session=True, **run)
    atexit.register(_stop, server, folder)
    return _when_ready(f"postgresql://siyu@/postgres?host={data}", server)


def _let_all_write(null: Path) -> None:
    """Some machines have a plain file of root's there, and initdb writes to it as whoever runs it."""
    if not null.is_char_device():
        null.chmod(0o666)


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
    assert found is not None, "the package pgserver is not installed"
    assert found.submodule_search_locations
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
