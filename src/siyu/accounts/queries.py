"""SQL of accounts."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from siyu.accounts.tables import answers, attempts, entries, keys, operators, sessions, setup
from siyu.store import insert_for


def any_operator(conn: Connection) -> bool:
    return conn.execute(sa.select(sa.literal(1)).select_from(operators).limit(1)).first() is not None


def claim_setup(conn: Connection, at: int) -> bool:
    """Whether this caller is the one who sets Siyu up."""
    new = insert_for(conn)(setup).values(id=1, at=at).on_conflict_do_nothing()
    return conn.execute(new.returning(setup.c.id)).first() is not None


def add_operator(conn: Connection, **values: Any) -> bool:
    """False when the email is taken."""
    new = insert_for(conn)(operators).values(**values).on_conflict_do_nothing()
    return conn.execute(new.returning(operators.c.id)).first() is not None


def change_operator(conn: Connection, operator_id: str, values: dict[str, Any]) -> None:
    stepped = values | {"version": operators.c.version + 1}
    conn.execute(sa.update(operators).where(operators.c.id == operator_id).values(stepped))


def operator_by_email(conn: Connection, email: str) -> Row[Any] | None:
    return conn.execute(sa.select(operators).where(operators.c.email == email)).first()


def operator_by_id(conn: Connection, operator_id: str) -> Row[Any] | None:
    return conn.execute(sa.select(operators).where(operators.c.id == operator_id)).first()


def list_operators(conn: Connection) -> list[Row[Any]]:
    return list(conn.execute(sa.select(operators).order_by(operators.c.created_at, operators.c.id)))


def other_admins(conn: Connection, operator_id: str) -> int:
    """How many administrators there would be without this one."""
    found = sa.select(sa.func.count()).where(
        operators.c.role == "admin", operators.c.disabled.is_(False), operators.c.id != operator_id
    )
    return int(conn.execute(found).scalar_one())


def add_session(conn: Connection, token_hash: str, operator_id: str, now: int, expires_at: int) -> None:
    row = {"token_hash": token_hash, "operator_id": operator_id, "created_at": now, "expires_at": expires_at}
    conn.execute(sa.insert(sessions).values(row))


def session_operator(conn: Connection, token_hash: str, now: int) -> Row[Any] | None:
    """The operator of a session that still holds, with ``expires_at``."""
    joined = sessions.join(operators, operators.c.id == sessions.c.operator_id)
    found = sa.select(operators, sessions.c.expires_at).select_from(joined)
    holds = (sessions.c.token_hash == token_hash, sessions.c.expires_at > now, operators.c.disabled.is_(False))
    return conn.execute(found.where(*holds)).first()


def extend_session(conn: Connection, token_hash: str, expires_at: int) -> None:
    conn.execute(sa.update(sessions).where(sessions.c.token_hash == token_hash).values(expires_at=expires_at))


def end_session(conn: Connection, token_hash: str) -> None:
    conn.execute(sa.delete(sessions).where(sessions.c.token_hash == token_hash))


def end_sessions_of(conn: Connection, operator_id: str) -> None:
    conn.execute(sa.delete(sessions).where(sessions.c.operator_id == operator_id))


def forget_old(conn: Connection, now: int, attempts_before: int) -> None:
    """Drop sessions and attempts that no longer matter."""
    conn.execute(sa.delete(sessions).where(sessions.c.expires_at <= now))
    conn.execute(sa.delete(attempts).where(attempts.c.at <= attempts_before))


def attempt_times(conn: Connection, subject: str, since: int) -> list[int]:
    """Attempts after ``since``, oldest first."""
    found = sa.select(attempts.c.at).where(attempts.c.subject == subject, attempts.c.at > since)
    return list(conn.execute(found.order_by(attempts.c.at)).scalars())


def add_attempt(conn: Connection, subject: str, now: int) -> None:
    conn.execute(sa.insert(attempts).values(subject=subject, at=now))


def clear_attempts(conn: Connection, subject: str) -> None:
    conn.execute(sa.delete(attempts).where(attempts.c.subject == subject))


def add_key(conn: Connection, **values: Any) -> None:
    conn.execute(sa.insert(keys).values(**values))


def key_by_hash(conn: Connection, secret_hash: str) -> Row[Any] | None:
    return conn.execute(sa.select(keys).where(keys.c.secret_hash == secret_hash)).first()


def mark_key_used(conn: Connection, key_id: str, now: int) -> None:
    conn.execute(sa.update(keys).where(keys.c.id == key_id).values(used_at=now))


def list_keys(conn: Connection) -> list[Row[Any]]:
    return list(conn.execute(sa.select(keys).order_by(keys.c.created_at, keys.c.id)))


def delete_key(conn: Connection, key_id: str) -> str | None:
    """The name of the key that was deleted."""
    name = conn.execute(sa.select(keys.c.name).where(keys.c.id == key_id)).scalar()
    conn.execute(sa.delete(keys).where(keys.c.id == key_id))
    return name


def add_entry(conn: Connection, **values: Any) -> None:
    conn.execute(sa.insert(entries).values(**values))


def list_entries(conn: Connection, before: int | None, limit: int) -> list[Row[Any]]:
    """Newest first."""
    found = sa.select(entries).order_by(entries.c.id.desc()).limit(limit)
    return list(conn.execute(found if before is None else found.where(entries.c.id < before)))


def answer_of(conn: Connection, key_hash: str) -> Row[Any] | None:
    return conn.execute(sa.select(answers).where(answers.c.key_hash == key_hash)).first()


def claim_answer(conn: Connection, key_hash: str, request_hash: str, now: int) -> None:
    conn.execute(sa.insert(answers).values(key_hash=key_hash, request_hash=request_hash, at=now))


def store_answer(conn: Connection, key_hash: str, status: int, body: str) -> None:
    conn.execute(sa.update(answers).where(answers.c.key_hash == key_hash).values(status=status, body=body))


def drop_answer(conn: Connection, key_hash: str) -> None:
    conn.execute(sa.delete(answers).where(answers.c.key_hash == key_hash))


def drop_answers_before(conn: Connection, at: int) -> None:
    conn.execute(sa.delete(answers).where(answers.c.at <= at))
