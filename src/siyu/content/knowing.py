"""What fills the variables of texts: the brand, a person's traits, and tags (``{{tag.会员等级|普通}}``)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy.engine import Connection

from siyu import tags
from siyu.profiles import traits_of
from siyu.settings import current_settings
from siyu.store import Store

_TONGUES = ("language", "locale")
"""Traits that tell which language a person reads."""
_TAG = "tag."


def known_of(
    store: Store, conn: Connection, names: Collection[str], persons: Sequence[int]
) -> dict[int, dict[str, Any]]:
    """Canonical person → variable → value; a tag goes by its name or its id."""
    tagged = {name.removeprefix(_TAG) for name in names if name.startswith(_TAG)}
    traits = traits_of(conn, persons, sorted(names)) if names else {}
    values = _tags_of(store, conn, sorted(tagged), persons) if tagged else {}
    brand = {"brand": current_settings(conn).brand_name}
    return {person: brand | traits.get(person, {}) | values.get(person, {}) for person in persons}


def _tags_of(store: Store, conn: Connection, names: Sequence[str], persons: Sequence[int]) -> dict[int, dict[str, str]]:
    """Values of tags as a person reads them in their language."""
    tongues = tongues_of(conn, persons)
    said = tags.in_words(store, conn, names, persons)
    return {
        person: {f"{_TAG}{name}": words.en if tongues.get(person) == "en" else words.zh for name, words in held.items()}
        for person, held in said.items()
    }


def tongues_of(conn: Connection, persons: Sequence[int]) -> dict[int, str]:
    """What persons read, as far as that is known: ``en``, ``zh`` …"""
    known = traits_of(conn, persons, _TONGUES)
    return {
        person: str(next((traits[name] for name in _TONGUES if traits.get(name)), ""))[:2].lower()
        for person, traits in known.items()
    }
