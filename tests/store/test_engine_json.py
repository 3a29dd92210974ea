"""Text inside JSON comes back as the text it was."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from siyu.store import BadRows, Store

TEXTS = [
    "1772409600000",
    "2026/01/05",
    "2026-01-05",
    "2026-01-05T10:00:00Z",
    "13912345678",
    "20260105",
    "12:30:00",
    "007",
]


def insert(store: Store, props: list[str]) -> None:
    number = len(props)
    columns: dict[str, list[Any]] = {
        "person": [1] * number,
        "time": [1_772_409_600_000] * number,
        "event": ["tried"] * number,
        "key": list(range(number)),
        "source": ["s"] * number,
        "received": [1_772_409_600_000] * number,
        "amount": [0] * number,
        "props": props,
        "context": ["{}"] * number,
    }
    store.events.insert("events", columns)


def test_text_stays_text(store: Store) -> None:
    insert(store, [msgspec.json.encode({"x": text, "in": [text]}).decode() for text in TEXTS])
    rows = store.events.query(
        "SELECT dynamicType(props.x), props.x.:String, toString(props) FROM events ORDER BY key"
    ).rows
    assert [(row[0], row[1]) for row in rows] == [("String", text) for text in TEXTS]
    assert [msgspec.json.decode(row[2]) for row in rows] == [{"x": text, "in": [text]} for text in TEXTS]


def test_a_name_said_twice_does_not_lose_the_record(store: Store) -> None:
    insert(store, ['{"a":1,"a":2}', '{"a.b":1,"a":{"b":2}}'])
    assert store.events.query("SELECT count() FROM events").one() == (2,)


def test_what_is_no_json_is_refused(store: Store) -> None:
    for props in ('{"x":1e999}', "[1]", "{"):
        with pytest.raises(BadRows):
            insert(store, [props])
    assert store.events.query("SELECT count() FROM events").one() == (0,)
