"""FEBRL through the pipeline, a run and the queue: what an operator would see, against the truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from litestar.testing import TestClient

from siyu.app import House
from siyu.bench import febrl
from siyu.bench.suggestions import take
from siyu.matching import FIELDS

Client = TestClient[Any]
WorkOff = Callable[[], dict[str, Any]]


def queue(client: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        page = client.get("/api/suggestions", params={"limit": 200} | ({"after": after} if after else {})).json()
        found += page["items"]
        after = page["next"]
    return found


def groups(items: list[dict[str, Any]]) -> dict[str, str]:
    """Person → the person that stands for its group, were everything accepted."""
    into: dict[str, str] = {}

    def root(person: str) -> str:
        while into.setdefault(person, person) != person:
            person = into[person]
        return person

    for item in items:
        into[root(item["a"]["id"])] = root(item["b"]["id"])
    return {person: root(person) for person in list(into)}


def names_of(client: Client, app: House) -> dict[str, str]:
    """Person → the record it was made from."""
    from siyu.kit import person_ref

    with app.store.state.read() as conn:
        rows = conn.exec_driver_sql("SELECT person_id, key FROM identity_identifiers").all()
    return {person_ref(person): key.removeprefix("device:") for person, key in rows}


@pytest.mark.parametrize(("number", "without", "least"), [(4, {"id_number"}, 0.998), (3, {"id_number"}, 0.995)])
def test_those_who_are_one_are_found(
    admin: Client, app: House, work_off: WorkOff, number: int, without: set[str], least: float
) -> None:
    rows = febrl.read(number)
    take(app, rows)
    fields = [name for name in FIELDS if name not in without]
    assert admin.post("/api/suggestions/runs", json={"fields": fields, "threshold": 0.9}).status_code == 201
    run = work_off()["run"]
    assert (run["state"], run["persons"], run["learned"]) == ("done", len(rows), True)
    assert without.isdisjoint(run["fields"])
    name = names_of(admin, app)
    found = febrl.pairs_of({name[person]: group for person, group in groups(queue(admin)).items()})
    precision, recall, f1 = febrl.accuracy(found, febrl.true_pairs(rows))
    assert f1 >= least, (precision, recall, f1)
