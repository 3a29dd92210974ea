"""Rows follow their person through any sequence of merges and splits, squashed in between or not."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siyu.store import Store
from siyu.store.grouping import Grouping
from tests.store.crowd import Crowd, check, write_events


def squash(store: Store) -> None:
    while store.events.squash.step(store.clock.now_ms()) is not None:
        pass


@pytest.mark.parametrize("seed", range(2))
def test_rows_follow_their_person(store: Store, seed: int) -> None:
    crowd = Crowd(seed)
    for turn in range(8):
        write_events(store, crowd, turn * 200, 200)
        moves = crowd.moves()
        store.events.regroup(moves, f"batch-{turn}")
        if turn % 5 == 1:
            store.events.regroup(moves, f"batch-{turn}")  # as a batch that is settled again
        if turn % 4 == 3:
            squash(store)
            assert not store.events.has_aliases
        check(store, crowd, (turn + 1) * 200)


def test_there_and_back_and_there_again(store: Store) -> None:
    """The same rows are inserted several times over; none may be taken for a repeat."""
    crowd = Crowd(0)
    write_events(store, crowd, 0, 480)
    for turn in range(6):
        source, target = (3, 50) if turn % 2 == 0 else (50, 3)
        store.events.move(source, target, [3], f"turn-{turn}")
        crowd.owner[3] = target
        check(store, crowd, 480)


def test_a_merge_undone_leaves_what_was(store: Store) -> None:
    crowd = Crowd(0)
    write_events(store, crowd, 0, 480)
    for squashed in (False, True):
        store.events.move(9, 4, None, f"merge-{squashed}")
        crowd.owner[9] = 4
        check(store, crowd, 480)
        if squashed:
            squash(store)
        store.events.move(4, 9, [9], f"split-{squashed}")
        crowd.owner[9] = 9
        check(store, crowd, 480)


def test_a_merge_of_a_merged_person_takes_its_past_along(store: Store) -> None:
    """The dictionary looks one step far, so earlier aliases must point on."""
    crowd = Crowd(0)
    write_events(store, crowd, 0, 480)
    for source, target in ((9, 5), (5, 2)):
        store.events.move(source, target, None, f"{source}")
    crowd.owner |= {9: 2, 5: 2}
    check(store, crowd, 480)


def test_events_without_an_anchor_have_their_persons(store: Store) -> None:
    """As in folders written before anchors were kept; it is what ``anchor_of`` says of the person's number."""
    from siyu.collect import anchor_of

    columns: dict[str, list[Any]] = {
        "person": [77], "time": [1_772_000_000_000], "event": ["tried"], "key": [1], "source": ["s"],
        "received": [1_772_000_000_000], "amount": [0], "props": ["{}"], "context": ["{}"],
    }  # fmt: skip
    store.events.insert("events", columns)
    store.events.move(77, 5, None, "merge")
    squash(store)
    assert store.events.query("SELECT person, anchor FROM events").rows == [(5, anchor_of("person:77"))]


class PowerCut(Exception):
    """The process ends here."""


@pytest.mark.parametrize("work", ["regroup", "squash"])
def test_a_power_cut_changes_nothing(store: Store, monkeypatch: pytest.MonkeyPatch, work: str) -> None:
    """Cut after every single statement; the next start finishes what stands in the journal, and the batch repeats."""
    crowd = Crowd(3)
    write_events(store, crowd, 0, 480)
    cuts = 0
    for statements in range(1, 9):
        moves = crowd.moves(6)
        if work == "squash":
            store.events.regroup(moves, f"before-{statements}")
        with monkeypatch.context() as patch:
            cut_after(patch, store, statements)
            try:
                squash(store) if work == "squash" else store.events.regroup(moves, f"cut-{statements}")
            except PowerCut:
                cuts += 1
        store.events._finish_rewrites()
        if work == "regroup":
            store.events.regroup(moves, f"cut-{statements}")
        check(store, crowd, 480)
    assert cuts > 3


def cut_after(patch: pytest.MonkeyPatch, store: Store, statements: int) -> None:
    """End the process once so many statements that change the engine have run; nothing tidies up after."""
    done = 0
    original, aside, end = store.events.command, store.events.command_aside, store.events._journal.end

    def command(*args: Any) -> None:
        nonlocal done
        if done < statements:
            original(*args)
            done += 1
        if done == statements:
            raise PowerCut

    patch.setattr(store.events, "command", command)
    patch.setattr(store.events, "command_aside", lambda sql: done < statements and aside(sql))
    patch.setattr(store.events._journal, "end", lambda token: done < statements and end(token))


def test_squash_while_events_come_and_persons_split(store: Store) -> None:
    """Nothing is lost or doubled when all three go on at once; a month that was disturbed is done again."""
    crowd = Crowd(5)
    write_events(store, crowd, 0, 2_000)
    ending = threading.Event()
    faults: list[BaseException] = []

    def keep_squashing() -> None:
        try:
            while not ending.is_set():
                store.events.squash.step(store.clock.now_ms())
        except BaseException as error:
            faults.append(error)

    squashing = threading.Thread(target=keep_squashing)
    squashing.start()
    for turn in range(15):
        store.events.regroup(crowd.moves(), f"turn-{turn}")
        write_events(store, crowd, 2_000 + turn * 50, 50)
    ending.set()
    squashing.join()
    assert not faults
    check(store, crowd, 2_000 + 15 * 50)
    squash(store)
    check(store, crowd, 2_000 + 15 * 50)
    assert not store.events.has_aliases


@given(st.integers(0, 10_000))
@settings(max_examples=200, deadline=None)
def test_a_plan_brings_every_row_home_and_is_idempotent(seed: int) -> None:
    """The arithmetic alone, with rows as a set of (number, anchor) and aliases as a dict."""
    crowd = Crowd(seed)
    rows = {(anchor, anchor) for anchor in crowd.owner}
    aliases: dict[int, int] = {}
    for _ in range(8):
        moves = crowd.moves()
        for _ in range(2):
            grouping = Grouping(moves)
            people = set(grouping.persons)
            owner = {person: aliases.get(person, person) for person in people} | {
                number: person for number, person in aliases.items() if person in people
            }
            to_read = set(grouping.to_read(owner))
            plan = grouping.plan(owner, [row for row in rows if row[0] in to_read])
            rows = (rows - {row[:2] for row in plan.rows}) | {(row[2], row[1]) for row in plan.rows}
            aliases |= plan.aliases
            assert {anchor: aliases.get(number, number) for number, anchor in rows} == crowd.owner
        assert plan.rows == []
