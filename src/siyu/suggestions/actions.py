"""What operators do with suggestions: have them worked out, look, accept, reject."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from siyu import identity
from siyu.accounts import Operator, audit
from siyu.kit import BadInput, Conflict, NotFound, SiyuError, iso, iso_or_none, new_id, person_ref
from siyu.matching import FieldName, Level, installed
from siyu.profiles import PersonItem, person_items
from siyu.store import now_of
from siyu.suggestions import queries
from siyu.suggestions.reading import columns_of, masked, shown
from siyu.suggestions.types import (
    Band,
    BulkAccept,
    BulkAccepted,
    Desk,
    Evidence,
    Revealed,
    RunRequest,
    RunView,
    SuggestionPage,
    SuggestionView,
)

_Stored = list[tuple[FieldName, Level, float]]


class MatchingMissing(SiyuError):
    """Suggestions need an extra that is not installed. Install it with: pip install "siyu[suggest]"."""

    code = "matching_missing"
    status = 409


class CountChanged(SiyuError):
    """{count} suggestions wait at or above this score by now. Look again, then confirm that number."""

    code = "count_changed"
    status = 409


class AlreadyDecided(SiyuError):
    """Somebody has decided about this already, or the two have become one person in another way."""

    code = "already_decided"
    status = 409


def desk(conn: Connection) -> Desk:
    """What the page shows around the queue."""
    row = queries.latest_run(conn)
    bands = queries.bands(conn)
    return Desk(
        ready=installed(),
        run=run_view(row) if row else None,
        waiting=bands[0][1],
        bands=[Band(score, count) for score, count in bands],
        accepting=queries.count_accepting(conn),
    )


def run_view(row: Any) -> RunView:
    return RunView(
        id=row.id,
        state=row.state,
        stage=row.stage,
        progress=round(row.progress, 3),
        fields=msgspec.json.decode(row.fields),
        threshold=row.threshold,
        learned=row.learned,
        persons=row.persons,
        found=row.found,
        failure=row.failure or None,
        created_at=iso(row.created_at),
        finished_at=iso_or_none(row.finished_at),
    )


def start_run(conn: Connection, operator: Operator, wanted: RunRequest) -> RunView:
    """Ask for a run. Raises MatchingMissing, and Conflict while another goes on."""
    if not installed():
        raise MatchingMissing
    if queries.open_run(conn) is not None:
        raise Conflict(detail="A run is going on. Wait for it or cancel it.")
    run_id = new_id("sgr")
    queries.add_run(
        conn,
        {
            "id": run_id,
            "state": "waiting",
            "wanted": msgspec.json.encode(wanted.fields).decode(),
            "threshold": wanted.threshold,
            "started_by": operator.id,
            "created_at": now_of(conn),
        },
    )
    audit(conn, operator, "suggestions.run", run_id, {"fields": wanted.fields, "threshold": wanted.threshold})
    return show_run(conn, run_id)


def show_run(conn: Connection, run_id: str) -> RunView:
    """Raises NotFound."""
    row = queries.run(conn, run_id)
    if row is None:
        raise NotFound(what=run_id)
    return run_view(row)


def cancel_run(conn: Connection, operator: Operator, run_id: str) -> RunView:
    """Stop a run; what was suggested before stays. Raises NotFound, and Conflict when it has ended."""
    if show_run(conn, run_id).state not in ("waiting", "running"):
        raise Conflict(detail="This run has ended.")
    queries.change_run(conn, run_id, {"state": "cancelled", "finished_at": now_of(conn), "leased_until": 0})
    audit(conn, operator, "suggestions.cancel", run_id, {})
    return show_run(conn, run_id)


def queue(conn: Connection, min_score: float, after: str | None, limit: int) -> SuggestionPage:
    """What waits, the surest first, personal data masked."""
    rows = queries.waiting(conn, min_score, _place(after) if after else None, limit + 1)
    more = len(rows) > limit
    items = _views(conn, rows[:limit])
    return SuggestionPage(items, _cursor(rows[limit - 1]) if more else None, queries.count_waiting(conn, min_score))


def _cursor(row: Any) -> str:
    return f"{row.weight!r}~{row.id}"


def _place(cursor: str) -> tuple[float, str]:
    weight, _, pair_id = cursor.partition("~")
    try:
        return float(weight), pair_id
    except ValueError:
        raise BadInput(detail="after is no cursor of this list.") from None


def _views(conn: Connection, rows: Sequence[Any]) -> list[SuggestionView]:
    people = sorted({person for row in rows for person in (row.person_a, row.person_b)})
    items = {item.id: item for item in person_items(conn, people)}
    columns = columns_of(conn, people)
    return [
        _view(row, items[person_ref(row.person_a)], items[person_ref(row.person_b)], columns)
        for row in rows
        if person_ref(row.person_a) in items and person_ref(row.person_b) in items
    ]


def _view(row: Any, a: PersonItem, b: PersonItem, columns: dict[int, dict[str, str]]) -> SuggestionView:
    left, right = columns[row.person_a], columns[row.person_b]
    evidence = [
        Evidence(field, level, weight, masked(field, shown(left, field)), masked(field, shown(right, field)))
        for field, level, weight in msgspec.json.decode(row.evidence, type=_Stored)
    ]
    return SuggestionView(row.id, row.score, row.weight, row.group_size, iso(row.created_at), a, b, evidence)


def _open(conn: Connection, pair_id: str) -> Any:
    """A suggestion that waits for a decision. Raises NotFound, AlreadyDecided."""
    row = queries.one(conn, pair_id)
    if row is None:
        raise NotFound(what=pair_id)
    if row.state != "waiting" or row.person_a == row.person_b:
        raise AlreadyDecided
    return row


def reveal(conn: Connection, operator: Operator, pair_id: str) -> Revealed:
    """The compared values in clear; who looked is written into the audit first."""
    row = _open(conn, pair_id)
    about = [person_ref(row.person_a), person_ref(row.person_b)]
    audit(conn, operator, "suggestion.reveal", pair_id, {"persons": about})
    columns = columns_of(conn, [row.person_a, row.person_b])
    fields = [field for field, _, _ in msgspec.json.decode(row.evidence, type=_Stored)]
    a, b = (
        {field: value for field in fields if (value := shown(columns[person], field)) is not None}
        for person in (row.person_a, row.person_b)
    )
    return Revealed(a, b)


def accept(conn: Connection, operator: Operator, pair_id: str) -> None:
    """Make two persons one. Raises NotFound, AlreadyDecided, and NotOnePerson when limits forbid it."""
    row = _open(conn, pair_id)
    identity.link_keys(conn, operator, row.key_a, row.key_b, reason_of(row))
    _write_down(conn, operator, row, "accepted", "suggestion.accept")


def reject(conn: Connection, operator: Operator, pair_id: str) -> None:
    """Remember for ever that these are two persons. Raises NotFound, AlreadyDecided."""
    row = _open(conn, pair_id)
    identity.apart_keys(conn, operator, row.key_a, row.key_b, reason_of(row))
    _write_down(conn, operator, row, "rejected", "suggestion.reject")


def reason_of(row: Any) -> str:
    """What identity's history says of a decision about a suggestion."""
    return f"suggestion {row.id}, score {row.score:.3f}"


def _write_down(conn: Connection, operator: Operator, row: Any, state: str, action: str) -> None:
    queries.decide(conn, row.id, state, operator, now_of(conn))
    about = [person_ref(row.person_a), person_ref(row.person_b)]
    audit(conn, operator, action, row.id, {"score": row.score, "persons": about})


def accept_all(conn: Connection, operator: Operator, wanted: BulkAccept) -> BulkAccepted:
    """Accept everything at or above a score; carried out in the background. Raises CountChanged."""
    waiting = queries.count_waiting(conn, wanted.min_score)
    if waiting != wanted.count:
        raise CountChanged(count=waiting)
    count = queries.decide_all(conn, wanted.min_score, operator, now_of(conn))
    audit(conn, operator, "suggestions.accept_all", "", {"min_score": wanted.min_score, "count": count})
    return BulkAccepted(count)


def count_waiting(conn: Connection) -> int:
    """Suggestions that wait for somebody to look."""
    return queries.count_waiting(conn)
