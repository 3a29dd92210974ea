"""Traits of a sensitive class: kept in a table of their own, never in the event engine, shown only with its consent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from siyu.accounts import Operator, audit
from siyu.catalog import forget_examples
from siyu.kit import SiyuError, iso
from siyu.profiles import sensitive_queries as queries
from siyu.profiles.fold import fold
from siyu.profiles.masking import mask_leaf
from siyu.profiles.settle_queries import rules_of, said_of
from siyu.profiles.staff_queries import again
from siyu.profiles.types import ConsentRow, SensitiveClass, SensitiveTrait, SensitiveView
from siyu.store import now_of

APART = "profiles_sensitive_traits"


class NotConsented(SiyuError):
    """This person has not consented to the use of {kind} data, so it stays closed."""

    code = "not_consented"
    status = 403


def masker(conn: Connection) -> Callable[[str, Any, bool], Any]:
    """Masks values by name; of traits kept apart nothing is left."""
    apart = queries.classes(conn)
    return lambda name, value, trait: None if trait and name in apart else mask_leaf(name, value, trait)


def sensitive_traits(conn: Connection) -> list[SensitiveTrait]:
    return [SensitiveTrait(name, kind, iso(at)) for name, (kind, at) in queries.classes(conn).items()]


def classify(conn: Connection, actor: Operator, name: str, kind: SensitiveClass | None) -> list[SensitiveTrait]:
    """Put a trait into a sensitive class, or into none; what is known of it moves with it."""
    held = queries.classes(conn).get(name)
    if (held[0] if held else None) != kind:
        queries.put_class(conn, name, kind, now_of(conn))
        if (held is None) != (kind is None):
            again(conn, queries.move(conn, name, apart=kind is not None))
        forget_examples(conn, "trait", name)
        audit(conn, actor, "trait.classify", name, {"class": kind})
    return sensitive_traits(conn)


def sensitive_of(
    conn: Connection, person: int, consent: Sequence[ConsentRow], sources: Mapping[str, str]
) -> list[SensitiveView]:
    """What is kept apart of a person, without its values."""
    granted = _granted(consent)
    kinds = queries.classes(conn)
    return [
        SensitiveView(name, kind, sources.get(told.source_id, told.source_id), iso(told.at), kind in granted)
        for (_, name), told in sorted(fold(said_of(conn, [person], APART), rules_of(conn)).items())
        if (kind := kinds[name][0] if name in kinds else "")
    ]


def reveal_sensitive(conn: Connection, person: int, consent: Sequence[ConsentRow]) -> dict[str, Any]:
    """Values in clear. Raises NotConsented for the first class this person has not consented to."""
    granted = _granted(consent)
    kinds = queries.classes(conn)
    found = {}
    for (_, name), told in sorted(fold(said_of(conn, [person], APART), rules_of(conn)).items()):
        kind = kinds[name][0] if name in kinds else ""
        if kind not in granted:
            raise NotConsented(kind=kind)
        found[name] = msgspec.json.decode(told.value)
    return found


def _granted(consent: Sequence[ConsentRow]) -> set[str]:
    """Purposes with a consent that no channel takes back."""
    return {row.purpose for row in consent} - {row.purpose for row in consent if row.withdrawn}
