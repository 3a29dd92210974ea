"""Set up, sign in, operators, keys and the audit."""

from __future__ import annotations

import hashlib
from typing import Any, cast

import msgspec
from msgspec import UNSET
from sqlalchemy.engine import Connection, Row

from siyu.accounts import queries
from siyu.accounts.passwords import NOBODY, hash_password, password_fits
from siyu.accounts.types import (
    AuditEntry,
    KeyView,
    MadeKey,
    NewKey,
    NewOperator,
    Operator,
    OperatorChange,
    OperatorView,
    Role,
    Scope,
    SetUp,
    SignIn,
)
from siyu.kit import (
    HOUR,
    MINUTE,
    BadInput,
    NotFound,
    Page,
    SiyuError,
    TooMany,
    check_version,
    iso,
    iso_or_none,
    new_id,
    new_token,
)
from siyu.store import Store, now_of

SESSION_MS = 12 * HOUR
_RENEW_MS = 5 * MINUTE
_WINDOW_MS = 15 * MINUTE
_MOST_ATTEMPTS = 10
_ROLE_OF_SCOPE: dict[str, Role] = {"read": "viewer", "write": "operator", "admin": "admin"}
RANK: dict[Role, int] = {"viewer": 1, "operator": 2, "admin": 3}


class WrongLogin(SiyuError):
    """The email or the password is wrong."""

    code = "wrong_login"
    status = 401


class AlreadySetUp(SiyuError):
    """Siyu has been set up already. Sign in."""

    code = "already_set_up"
    status = 409


class EmailTaken(SiyuError):
    """{email} belongs to somebody already. Use another email."""

    code = "email_taken"
    status = 409


class LastAdmin(SiyuError):
    """At least one working administrator has to remain."""

    code = "last_admin"
    status = 409


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_of(token: str) -> str:
    """The CSRF token that belongs to a cookie's secret: nobody who can't read the cookie can know it."""
    return hashlib.sha256(b"csrf:" + token.encode()).hexdigest()


def audit(conn: Connection, actor: Operator | str, action: str, object: str, detail: dict[str, Any]) -> None:
    """Write down who did what to which object. ``detail`` is JSON and carries no personal data."""
    who, name = (actor.id, actor.name) if isinstance(actor, Operator) else ("", actor)
    text = msgspec.json.encode(detail).decode()
    queries.add_entry(conn, at=now_of(conn), actor_id=who, actor=name, action=action, object=object, detail=text)


def audit_page(conn: Connection, after: str | None, limit: int) -> Page[AuditEntry]:
    """Newest first."""
    if after is not None and not (after.isascii() and after.isdigit()):
        raise BadInput(detail="after is no cursor of this list.")
    rows = queries.list_entries(conn, int(after) if after else None, limit)
    items = [
        AuditEntry(row.id, iso(row.at), row.actor, row.action, row.object, msgspec.json.decode(row.detail))
        for row in rows
    ]
    return Page(items, str(items[-1].id) if len(items) == limit else None)


def needs_setup(conn: Connection) -> bool:
    return not queries.any_operator(conn)


def check_setup(conn: Connection) -> None:
    """Raises AlreadySetUp, before anything is spent on hashing."""
    if queries.any_operator(conn):
        raise AlreadySetUp


def set_up(conn: Connection, wanted: SetUp, password_hash: str) -> tuple[Operator, str]:
    """Make the first administrator and sign them in; answers the session's token. Raises AlreadySetUp."""
    check_setup(conn)
    if not queries.claim_setup(conn, now_of(conn)):
        raise AlreadySetUp
    first = NewOperator(wanted.name, wanted.email, wanted.password, "admin", wanted.language)
    operator = _insert(conn, first, password_hash)
    audit(conn, operator, "accounts.set_up", operator.id, {})
    return operator, open_session(conn, operator.id)


def _insert(conn: Connection, wanted: NewOperator, password_hash: str) -> Operator:
    email = wanted.email.lower()
    made = Operator(new_id("opr"), wanted.name, email, wanted.role, wanted.language)
    values = msgspec.structs.asdict(made) | {"password": password_hash, "created_at": now_of(conn)}
    if not queries.add_operator(conn, **values):
        raise EmailTaken(email=email)
    return made


def open_session(conn: Connection, operator_id: str) -> str:
    """A new session; answers the token for its cookie."""
    token, now = new_token(), now_of(conn)
    queries.add_session(conn, token_hash(token), operator_id, now, now + SESSION_MS)
    return token


def sign_in(store: Store, wanted: SignIn, address: str) -> tuple[Operator, str]:
    """Answers the operator and the session's token. Raises WrongLogin, or TooMany after ten failures in 15 minutes.

    Opens its own transactions, because hashing takes long and must not hold the writer: the attempt is counted first,
    the password checked outside, and the count cleared when it was right.
    """
    email = wanted.email.lower()
    subject = token_hash(f"{email} {address}")
    with store.state.write() as conn:
        _count_attempt(conn, subject)
    with store.state.read() as conn:
        row = queries.operator_by_email(conn, email)
    fits = password_fits(wanted.password, row.password if row else NOBODY)
    if row is None or not fits or row.disabled:
        raise WrongLogin
    with store.state.write() as conn:
        queries.clear_attempts(conn, subject)
        token = open_session(conn, row.id)
        audit(conn, operator_of(row), "accounts.sign_in", row.id, {})
    return operator_of(row), token


def _count_attempt(conn: Connection, subject: str) -> None:
    now = now_of(conn)
    queries.forget_old(conn, now, now - _WINDOW_MS)
    times = queries.attempt_times(conn, subject, now - _WINDOW_MS)
    if len(times) >= _MOST_ATTEMPTS:
        raise TooMany(retry_after=-(-(times[-_MOST_ATTEMPTS] + _WINDOW_MS - now) // 1000))
    queries.add_attempt(conn, subject, now)


def sign_out(conn: Connection, token: str) -> None:
    queries.end_session(conn, token_hash(token))


def operator_of(row: Row[Any]) -> Operator:
    return Operator(row.id, row.name, row.email, row.role, row.language)


def by_session(store: Store, token: str) -> Operator | None:
    """Who a session's token belongs to; moves its end to twelve hours from now (written every five minutes)."""
    now, hashed = store.clock.now_ms(), token_hash(token)
    with store.state.read() as conn:
        row = queries.session_operator(conn, hashed, now)
    if row is None:
        return None
    if row.expires_at < now + SESSION_MS - _RENEW_MS:
        with store.state.write() as conn:
            queries.extend_session(conn, hashed, now + SESSION_MS)
    return operator_of(row)


def by_key(store: Store, secret: str) -> Operator | None:
    """The program an API key belongs to, with the role of its widest scope."""
    now = store.clock.now_ms()
    with store.state.read() as conn:
        row = queries.key_by_hash(conn, token_hash(secret))
    if row is None:
        return None
    if row.used_at < now - HOUR:
        with store.state.write() as conn:
            queries.mark_key_used(conn, row.id, now)
    role = max((_ROLE_OF_SCOPE[scope] for scope in msgspec.json.decode(row.scopes)), key=RANK.__getitem__)
    return Operator(row.id, row.name, "", role)


def operators_page(conn: Connection) -> Page[OperatorView]:
    return Page([_view(row) for row in queries.list_operators(conn)])


def _view(row: Row[Any]) -> OperatorView:
    return OperatorView(
        row.id, row.name, row.email, row.role, row.language, row.disabled, iso(row.created_at), row.version
    )


def add_operator(conn: Connection, actor: Operator, wanted: NewOperator, password_hash: str) -> OperatorView:
    """Raises EmailTaken."""
    made = _insert(conn, wanted, password_hash)
    audit(conn, actor, "operator.create", made.id, {"role": made.role})
    return operator_view(conn, made.id)


def operator_view(conn: Connection, operator_id: str) -> OperatorView:
    return _view(_find(conn, operator_id))


def _find(conn: Connection, operator_id: str) -> Row[Any]:
    row = queries.operator_by_id(conn, operator_id)
    if row is None:
        raise NotFound(what=operator_id[:40])
    return row


def change_operator(
    conn: Connection, actor: Operator, operator_id: str, wanted: OperatorChange, if_match: str | None, hashed: str
) -> OperatorView:
    """``hashed`` is the hash of the wanted password. A new password or disabling ends the operator's sessions."""
    row = _find(conn, operator_id)
    check_version(if_match, row.version)
    values = {name: value for name, value in msgspec.structs.asdict(wanted).items() if value is not UNSET}
    loses_admin = values.get("disabled") or values.get("role", "admin") != "admin"
    if row.role == "admin" and loses_admin and not queries.other_admins(conn, operator_id):
        raise LastAdmin
    if "password" in values:
        values["password"] = hashed
    queries.change_operator(conn, operator_id, values)
    if "password" in values or values.get("disabled"):
        queries.end_sessions_of(conn, operator_id)
    shown = {name: value for name, value in values.items() if name in ("role", "disabled")}
    audit(conn, actor, "operator.change", operator_id, shown | {"fields": sorted(values)})
    return operator_view(conn, operator_id)


def password_hash_for(wanted: OperatorChange) -> str:
    return hash_password(wanted.password) if isinstance(wanted.password, str) else ""


def keys_page(conn: Connection) -> Page[KeyView]:
    return Page([_key_view(row) for row in queries.list_keys(conn)])


def _key_view(row: Row[Any]) -> KeyView:
    scopes = cast(list[Scope], msgspec.json.decode(row.scopes))
    return KeyView(row.id, row.name, scopes, row.hint, iso(row.created_at), iso_or_none(row.used_at))


def add_key(conn: Connection, actor: Operator, wanted: NewKey) -> MadeKey:
    """A key for a program; only its hash is kept."""
    secret, scopes, now = f"siyu_{new_token()}", sorted(set(wanted.scopes)), now_of(conn)
    made = MadeKey(new_id("key"), wanted.name, scopes, secret[:10], iso(now), None, secret)
    queries.add_key(
        conn,
        id=made.id,
        name=made.name,
        secret_hash=token_hash(secret),
        hint=made.hint,
        scopes=msgspec.json.encode(scopes).decode(),
        created_by=actor.id,
        created_at=now,
    )
    audit(conn, actor, "key.create", made.id, {"name": made.name, "scopes": scopes})
    return made


def delete_key(conn: Connection, actor: Operator, key_id: str) -> None:
    name = queries.delete_key(conn, key_id)
    if name is None:
        raise NotFound(what=key_id[:40])
    audit(conn, actor, "key.delete", key_id, {"name": name})
