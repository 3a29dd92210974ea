"""Asking the engine about persons takes longer than a transaction should: it is done before, and checked inside."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from pyroaring import BitMap64
from sqlalchemy.engine import Connection

from siyu.audiences import plan
from siyu.audiences.membership import LiveAudience
from siyu.audiences.queries.leaves import Found, Population, find
from siyu.audiences.queries.terms import Moment
from siyu.settings import current_settings
from siyu.store import Store


class Looked(msgspec.Struct, frozen=True):
    """What was found about ``people`` for ``audiences``."""

    audiences: list[LiveAudience]
    people: BitMap64
    found: Found


def look(
    store: Store,
    audiences: Sequence[LiveAudience],
    people: BitMap64,
    moment: Moment,
    max_threads: int | None = None,
) -> Looked:
    """Compute ``audiences`` for ``people`` in one question. Raises QueryTooSlow or QueryTooBig."""
    if not audiences or not people:
        return Looked(list(audiences), people, Found(BitMap64(), {}))
    probes = plan.probes(one.rule for one in audiences)
    found = find(store.events, probes, Population(people=tuple(people)), moment, max_threads)
    return Looked(list(audiences), people, found)


def moment_of(conn: Connection, now: int) -> Moment:
    settings = current_settings(conn)
    return Moment(now, settings.timezone, settings.lifecycle)
