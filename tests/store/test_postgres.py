"""What is only so when the state is in PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from litestar.testing import TestClient

from siyu.app import House
from siyu.kit import Unavailable, load_settings
from siyu.store import DatabaseInUse, Store
from tests import postgres
from tests.conftest import MakeStore
from tests.servers import free_port

INSERT = "INSERT INTO settings_values (key, value, version, changed_at) VALUES ('n', '0', 1, 0)"
pytestmark = pytest.mark.skipif(not postgres.ON, reason="SIYU_STATE=postgres runs these")


def ask(store: Store, question: str, *values: object) -> list[Any]:
    """Ask another database of the same server, beside the product."""
    with postgres.connected() as conn:
        return conn.execute(question, (store.state.engine.url.database, *values)).fetchall()


def end_connections(store: Store) -> None:
    """As when the server restarts."""
    ask(store, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s")


def test_every_text_column_compares_by_bytes(store: Store) -> None:
    with store.state.read() as conn:
        found = conn.exec_driver_sql(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'"
        ).all()
    assert found == []


def test_the_inbox_stands_apart(store: Store) -> None:
    with store.inbox.read() as conn:
        assert conn.exec_driver_sql("SELECT current_schema()").scalar_one() == "siyu_inbox"


def test_one_process_works_on_a_database(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("siyu.store.postgres._PATIENCE", 0.1)
    with pytest.raises(DatabaseInUse):
        Store(load_settings(tmp_path / "other", state=store.settings.state, events=store.settings.events))
    store.hold()


def test_a_lost_connection_is_made_again(store: Store, app: House) -> None:
    assert app.missing() == []
    end_connections(store)
    with store.state.write() as conn:
        conn.exec_driver_sql(INSERT)
    store.hold()
    assert app.pipeline.step() is False


def test_a_database_that_somebody_took_meanwhile_is_left_to_them(store: Store) -> None:
    end_connections(store)
    with psycopg.connect(store.settings.state.replace("+psycopg", ""), autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(hashtext('siyu'), hashtext('working'))")
        with pytest.raises(DatabaseInUse):
            store.hold()
    store.hold()


def test_a_transaction_whose_connection_dies_is_no_success(store: Store) -> None:
    def write() -> None:
        with store.state.write() as conn:
            conn.exec_driver_sql(INSERT)
            end_connections(store)

    with pytest.raises(Unavailable):
        write()
    with store.state.read() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM settings_values").scalar_one() == 0


def test_a_server_that_is_away_is_said_and_comes_back(store: Store, admin: TestClient[Any]) -> None:
    key = admin.post("/api/sources", json={"name": "shop", "kind": "segment"}).json()["write_key"]
    event = {"batch": [{"type": "track", "event": "Tried", "userId": "u1", "messageId": "m1"}]}
    name = store.state.engine.url.database
    with postgres.connected() as conn:
        conn.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        end_connections(store)
        asked = [admin.get("/api/operators"), admin.post("/v1/batch", json=event, auth=(key, "")), admin.get("/readyz")]
        conn.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    assert [answer.status_code for answer in asked] == [503, 503, 503]
    assert all(int(answer.headers["retry-after"]) > 0 for answer in asked)
    assert admin.get("/api/operators").status_code == 200
    assert admin.post("/v1/batch", json=event, auth=(key, "")).status_code == 200
    assert admin.get("/readyz").status_code == 200


def test_a_server_that_does_not_wait_for_the_disk_is_made_to(make_store: MakeStore) -> None:
    store = make_store()
    with postgres.connected() as conn:
        conn.execute(f'ALTER DATABASE "{store.state.engine.url.database}" SET synchronous_commit = off')
    store.close()
    store = make_store()
    for database in (store.state, store.inbox):
        with database.read() as reader:
            assert reader.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"
    said = doctor(store.settings.data, store.settings.state)
    assert "synchronous_commit = on" in said.stdout


def test_the_doctor_knows_the_database(tmp_path: Path) -> None:
    said = doctor(tmp_path, postgres.address(tmp_path))
    assert said.returncode == 0, said.stdout
    assert "state: PostgreSQL 1" in said.stdout


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("postgresql://nobody@/?host=/nowhere", "The state database can't be opened"),
        ("mysql://localhost/siyu", "The setting state is wrong: mysql is not known"),
        ("postgres", "The setting state is wrong: it is no address"),
    ],
)
def test_an_address_that_leads_nowhere_is_one_line(tmp_path: Path, address: str, text: str) -> None:
    command = [sys.executable, "-m", "siyu", "serve", "--data", str(tmp_path / "data"), "--port", str(free_port())]
    environment = os.environ | {"SIYU_STATE": address}
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert said.returncode == 1
    assert said.stderr.startswith(f"Error: {text}")
    assert "Traceback" not in said.stderr


def doctor(folder: Path, state: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "siyu", "doctor", "--data", str(folder / "doctor")]
    environment = os.environ | {"SIYU_STATE": state, "SIYU_PORT": str(free_port())}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
