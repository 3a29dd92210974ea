"""Keeping and asking for consent."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec
from sqlalchemy.engine import Connection

from siyu.catalog import OWNED_CHANNELS
from siyu.collect import anchor_of
from siyu.privacy import ledger, queries
from siyu.privacy.regroup import take
from siyu.privacy.types import MARKETING, Answer, Consent, SettledBatch
from siyu.store import Store


def on_settled(_store: Store, conn: Connection, settled: SettledBatch, seen: Collection[int] = ()) -> set[int]:
    """Take over what a settled batch says about consent, in its transaction. Answers whose consent may be another now.

    ``seen``: everybody the batch's records name. Must run before the mirror of profiles is written, since reach
    depends on consent.
    """
    return take(conn, ledger.statements(settled.events), settled.moves, seen)


def consent_of(conn: Connection, persons: Sequence[int], channel: str, purpose: str = MARKETING) -> dict[int, Answer]:
    """What canonical persons said about a channel; every person asked for is in the answer."""
    held = queries.consents_of(conn, persons)
    return {person: ledger.answer(_for(held.get(person, []), purpose), channel) for person in persons}


def withdrawn(conn: Connection, persons: Sequence[int], purpose: str = MARKETING) -> dict[int, frozenset[str]]:
    """The channels for which consent is withdrawn, for those canonical persons who withdrew any."""
    answer = {}
    for person, rows in queries.consents_of(conn, persons).items():
        fitting = _for(rows, purpose)
        if any(row.withdrawn for row in fitting):
            lost = frozenset(name for name in OWNED_CHANNELS if ledger.answer(fitting, name) == "withdrawn")
            if lost:
                answer[person] = lost
    return answer


def said(conn: Connection, persons: Sequence[int]) -> dict[int, list[str]]:
    """What canonical persons said, for each purpose and channel that is answered: ``marketing/sms=granted``."""
    return {person: sorted(_answers(rows)) for person, rows in queries.consents_of(conn, persons).items()}


def _answers(rows: list[Consent]) -> Iterator[str]:
    for purpose in {row.purpose for row in rows}:
        fitting = _for(rows, purpose)
        for channel in OWNED_CHANNELS:
            found = ledger.answer(fitting, channel)
            if found != "unknown":
                yield f"{purpose}/{channel}={found}"


def withdrawn_sample(conn: Connection, most: int) -> tuple[list[int], float]:
    """About ``most`` of those who withdrew some consent, and how many each of them stands for (1: all are here)."""
    total = queries.count_withdrawn(conn)
    people = queries.some_withdrawn(conn, -(-total // most) if total else 1)
    return people, total / len(people) if people else 1.0


def _for(rows: list[Consent], purpose: str) -> list[Consent]:
    return [row for row in rows if row.purpose == purpose]


def consents(conn: Connection, person: int) -> list[Consent]:
    """Everything that holds for a canonical person, newest first."""
    rows = ledger.holding(queries.consents_of(conn, [person]).get(person, []))
    return sorted(rows, key=lambda row: row.weight, reverse=True)


def withdraw(
    conn: Connection,
    person: int,
    channel: str,
    evidence: Mapping[str, object],
    at: int,
    purpose: str = MARKETING,
    said_by: str = "",
) -> None:
    """Withdraw consent in the caller's transaction, e.g. from an unsubscribe link. ``channel`` may be ``*``.

    ``said_by``: the identifier key it came by, empty when only the person is known. Holds for the next send already.
    The caller emits an ``opted_out`` event beside it, with the same time: that puts it on the timeline and refreshes
    reach.
    """
    text = msgspec.json.encode(evidence).decode()
    anchor = anchor_of(said_by or f"person:{person}")
    take(conn, [Consent(person, anchor, channel, purpose, True, at, text, "siyu")])
