"""SQL of the ledger: links, decisions, conflicts, moves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from siyu.identity.tables import moves, sources
from siyu.identity.types import LinkRow, Move
from siyu.store import among, bulk

_LINK = "one, two, at, source, event, state, manual"
Pair = tuple[int, int]


def links_of(conn: Connection, ids: Collection[int]) -> dict[Pair, LinkRow]:
    """Every link that touches one of these identifiers."""
    found: dict[Pair, LinkRow] = {}
    for column in ("one", "two"):
        statement = f"SELECT {_LINK} FROM identity_links WHERE {column} IN {{values}}"  # noqa: S608
        for row in among(conn, statement, ids):
            found[row[0], row[1]] = LinkRow(*row)
    return found


def links_at(conn: Connection, pairs: Collection[Pair]) -> dict[Pair, LinkRow]:
    """Those of the links that exist."""
    rows = among(conn, f"SELECT {_LINK} FROM identity_links WHERE (one, two) IN {{values}}", pairs)  # noqa: S608
    return {(row[0], row[1]): LinkRow(*row) for row in rows}


def add_links(conn: Connection, rows: Sequence[LinkRow]) -> None:
    """Add links; one that is known keeps the earlier sighting."""
    bulk(
        conn,
        f"INSERT INTO identity_links ({_LINK}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
        " ON CONFLICT (one, two) DO UPDATE SET at = excluded.at, source = excluded.source, event = excluded.event"
        " WHERE excluded.at < identity_links.at OR identity_links.source = 0",
        [(r.one, r.two, r.at, r.source, r.event, r.state, r.manual) for r in rows],
    )


def set_links(conn: Connection, rows: Iterable[LinkRow]) -> None:
    """Store links as they are now."""
    bulk(
        conn,
        f"INSERT INTO identity_links ({_LINK}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
        " ON CONFLICT (one, two) DO UPDATE SET state = excluded.state, manual = excluded.manual",
        [(r.one, r.two, r.at, r.source, r.event, r.state, r.manual) for r in rows],
    )


def drop_links(conn: Connection, pairs: Iterable[Pair]) -> None:
    bulk(conn, "DELETE FROM identity_links WHERE one = ? AND two = ?", list(pairs))


def source_numbers(conn: Connection, names: Collection[str]) -> dict[str, int]:
    """Small numbers for sources, given out as they come."""
    found = {row.source_id: row.id for row in conn.execute(sa.select(sources))}
    missing = sorted(set(names) - set(found))
    found |= {name: number for number, name in enumerate(missing, max(found.values(), default=0) + 1)}
    bulk(conn, "INSERT INTO identity_sources (id, source_id) VALUES (?, ?)", [(found[name], name) for name in missing])
    return found


def apart(conn: Connection, ids: Collection[int]) -> list[Pair]:
    """Pairs that operators set apart and that touch one of these identifiers."""
    found: set[Pair] = set()
    for column in ("one", "two"):
        statement = (
            "SELECT one, two FROM identity_decisions WHERE undone_at IS NULL AND verb IN ('apart', 'split')"  # noqa: S608
            f" AND {column} IN {{values}}"
        )
        found |= {(row[0], row[1]) for row in among(conn, statement, ids)}
    return sorted(found)


def add_history(conn: Connection, rows: Sequence[tuple[int, int, int, str, str, int]]) -> None:
    """Rows are (one, two, at, step, reason, decision)."""
    bulk(conn, "INSERT INTO identity_history (one, two, at, step, reason, decision) VALUES (?, ?, ?, ?, ?, ?)", rows)


def open_conflicts(conn: Connection, rows: Sequence[tuple[int, int, int, str, str]]) -> None:
    """Rows are (one, two, at, reason, scope). One that was closed by the rules opens again; a decision stays."""
    bulk(
        conn,
        "INSERT INTO identity_conflicts (one, two, at, reason, scope) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (one, two) DO UPDATE SET reason = excluded.reason, scope = excluded.scope, state = 'open',"
        " closed_at = NULL WHERE identity_conflicts.state = 'closed'",
        rows,
    )


def close_conflicts(conn: Connection, pairs: Iterable[Pair], now: int) -> None:
    bulk(
        conn,
        "UPDATE identity_conflicts SET state = 'closed', closed_at = ? WHERE one = ? AND two = ? AND state = 'open'",
        [(now, *pair) for pair in pairs],
    )


def add_moves(conn: Connection, found: Sequence[Move], batch: int, now: int) -> None:
    bulk(
        conn,
        "INSERT INTO identity_moves (batch, at, source, target, anchors) VALUES (?, ?, ?, ?, ?)",
        [
            (batch, now, move.source, move.target, None if move.anchors is None else _text(move.anchors))
            for move in found
        ],
    )


def _text(anchors: tuple[int, ...]) -> str:
    return msgspec.json.encode(anchors).decode()


def claim_moves(conn: Connection, batch: int) -> None:
    """What operators decided since the last batch settles with this one."""
    conn.execute(sa.update(moves).where(moves.c.batch == 0).values(batch=batch))


def last_batch(conn: Connection, person: int) -> int | None:
    """The batch of the newest move about a person, 0 while it waits for one; None when nothing ever moved."""
    about = sa.or_(moves.c.source == person, moves.c.target == person)
    return conn.execute(sa.select(moves.c.batch).where(about).order_by(moves.c.id.desc()).limit(1)).scalar()


def moves_of_batch(conn: Connection, batch: int) -> list[Move]:
    rows = conn.execute(
        sa.select(moves.c.source, moves.c.target, moves.c.anchors).where(moves.c.batch == batch).order_by(moves.c.id)
    )
    return [Move(row[0], row[1], None if row[2] is None else _anchors(row[2])) for row in rows]


_anchors = msgspec.json.Decoder(tuple[int, ...]).decode
