"""The global holdout: a share of all persons who get no marketing at all, so that its whole worth can be seen."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta
from sqlalchemy.engine import Connection

from siyu.accounts import Operator, audit
from siyu.kit import check_version
from siyu.settings import queries
from siyu.store import now_of

_KEY = "global_holdout"


class HoldoutWish(msgspec.Struct, frozen=True):
    """``percent`` 0 switches it off. Another ``salt`` draws other persons; a larger share keeps those who are in."""

    percent: Annotated[float, Meta(ge=0, le=50)] = 0.0
    salt: Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[\w-]+$")] = "1"


class GlobalHoldout(HoldoutWish, frozen=True):
    """``since``: when it last began or changed (epoch ms), from where the report counts."""

    since: int = 0
    version: int = 0


def global_holdout(conn: Connection) -> GlobalHoldout:
    row = queries.read_value(conn, _KEY)
    return msgspec.json.decode(row[0], type=GlobalHoldout) if row else GlobalHoldout()


def change_global_holdout(
    conn: Connection, actor: Operator, wanted: HoldoutWish, if_match: str | None
) -> GlobalHoldout:
    """Set it from now on. Raises StaleEdit."""
    before = global_holdout(conn)
    check_version(if_match, before.version)
    now = now_of(conn)
    same = (wanted.percent, wanted.salt) == (before.percent, before.salt)
    made = GlobalHoldout(wanted.percent, wanted.salt, before.since if same else now, before.version + 1)
    queries.write_value(conn, _KEY, msgspec.json.encode(made).decode(), made.version, now)
    audit(conn, actor, "holdout.change", _KEY, {"percent": wanted.percent, "salt": wanted.salt})
    return made
