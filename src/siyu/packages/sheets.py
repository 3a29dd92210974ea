"""Persons as the rows of a file: which columns there are, and what stands in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.engine import Connection

from siyu import tags
from siyu.audiences import joined_of
from siyu.catalog import CHANNEL_LABELS, catalog, stage_labels
from siyu.collect import KINDS, current_definitions
from siyu.identity import keys_of
from siyu.kit import mask_identifier, mask_name, person_ref
from siyu.packages.problems import NoColumns, UnknownColumn
from siyu.packages.types import Column, Words
from siyu.privacy import withdrawn
from siyu.profiles import (
    Facts,
    facts_of,
    is_personal,
    mask_trait,
    names_of,
    reachable_channels,
    stage_of,
    traits_of,
    windows_of,
)
from siyu.settings import current_settings
from siyu.store import Store, now_of

Cell = str | int | Decimal | None
_FACTS: dict[str, tuple[str, str]] = {
    "id": ("用户编号", "Person id"),
    "name": ("姓名", "Name"),
    "stage": ("生命周期", "Lifecycle stage"),
    "joined_at": ("进入人群时间", "Entered the audience"),
    "entered_at": ("进入私域时间", "Entered the private domain"),
    "entered_via": ("来源渠道", "Entered via"),
    "created_at": ("首次出现", "First seen"),
    "orders": ("订单数", "Orders"),
    "revenue": ("累计支付（元）", "Revenue (yuan)"),
    "revenue_fen": ("累计支付（分）", "Revenue (fen)"),
    "first_order_at": ("首单时间", "First order"),
    "last_order_at": ("最近下单", "Last order"),
    "channels": ("可触达渠道", "Reachable on"),
}
NUMBERS: dict[str, type[int | Decimal]] = {"orders": int, "revenue": Decimal, "revenue_fen": int}
"""Columns that are no text: whole numbers, and yuan with two decimals."""
_IDENTIFIERS, _TRAITS, _TAGS = "identifiers.", "traits.", "tags."


def columns(store: Store) -> list[Column]:
    """Every column a file may have: facts, identifiers by kind, traits as they have come in, tags by their ids."""
    with store.state.read() as conn:
        kinds, tagged = current_definitions(conn).kinds, tags.listed(conn)
    own = [Column(name, Words(*label), "person", name == "name") for name, label in _FACTS.items()]
    own += [Column(_IDENTIFIERS + kind.name, Words(kind.zh, kind.en), "identifier", True) for kind in kinds]
    for trait in catalog(store).traits:
        label = Words(trait.label.zh, trait.label.en)
        own.append(Column(_TRAITS + trait.name, label, "trait", is_personal(trait.name) or trait.name in KINDS))
    own += [Column(_TAGS + tag, Words(name, name), "tag", personal) for tag, name, personal in tagged]
    return own


def titles(store: Store, names: Sequence[str]) -> list[str]:
    """What columns are called in the shop's language; one that shares its title with another says its name too."""
    with store.state.read() as conn:
        chinese = current_settings(conn).language == "zh-CN"
    known = {one.name: one.label.zh if chinese else one.label.en for one in columns(store)}
    found = [known.get(name) or name.removeprefix(_TRAITS) for name in names]
    return [f"{title} ({name})" if found.count(title) > 1 else title for name, title in zip(names, found, strict=True)]


def check_columns(names: Sequence[str]) -> None:
    """Raises NoColumns, UnknownColumn. A trait may be one that has yet to come in."""
    if not names:
        raise NoColumns
    for name in names:
        rest = name.removeprefix(_IDENTIFIERS).removeprefix(_TRAITS).removeprefix(_TAGS)
        if (name not in _FACTS and rest == name) or not rest:
            raise UnknownColumn(name=name[:100])


def check_tags(conn: Connection, names: Sequence[str]) -> None:
    """Raises UnknownColumn for a tag there is none of."""
    known = {_TAGS + tag for tag, _, _ in tags.listed(conn)}
    for name in names:
        if name.startswith(_TAGS) and name not in known:
            raise UnknownColumn(name=name[:100])


def names_tag(names: Sequence[str], tag: str) -> bool:
    return _TAGS + tag in names


class Sheet:
    """Reads persons as rows of chosen columns, in the order of the persons; those gone since are left out.

    ``spoken``: stages, channels and values of tags as the console says them, in the shop's language.
    """

    def __init__(
        self, store: Store, conn: Connection, audience: str, wanted: Sequence[str], clear: bool, spoken: bool
    ) -> None:
        self.head = list(wanted)
        self._store = store
        self._audience = audience
        self._clear = clear
        self._zone = ZoneInfo(current_settings(conn).timezone)
        self._words = _words(conn) if spoken else {}
        self._tongue = ("zh" if current_settings(conn).language == "zh-CN" else "en") if spoken else ""
        self._tags = [name.removeprefix(_TAGS) for name in wanted if name.startswith(_TAGS)]
        self._traits = [name.removeprefix(_TRAITS) for name in wanted if name.startswith(_TRAITS)]
        self._kinds = any(name.startswith(_IDENTIFIERS) for name in wanted)

    def rows(self, conn: Connection, people: Sequence[int]) -> Iterator[list[Cell]]:
        known = self._read(conn, people)
        cells = [self._cell(name, known) for name in self.head]
        for person in people:
            if person in known["facts"]:
                yield [cell(person) for cell in cells]

    def _read(self, conn: Connection, people: Sequence[int]) -> dict[str, Any]:
        facts, names = facts_of(conn, people), self.head
        return {
            "facts": facts,
            "stages": _stages(conn, facts) if "stage" in names else {},
            "joined": joined_of(conn, self._audience, people) if "joined_at" in names else {},
            "names": names_of(conn, people) if "name" in names else {},
            "reach": reachable_channels(conn, people, withdrawn(conn, people)) if "channels" in names else {},
            "keys": keys_of(conn, people) if self._kinds else {},
            "traits": traits_of(conn, people, self._traits) if self._traits else {},
            "tags": self._tagged(conn, people) if self._tags else {},
        }

    def _tagged(self, conn: Connection, people: Sequence[int]) -> dict[int, dict[str, Any]]:
        return tags.in_cells(self._store, conn, self._tags, people, self._tongue, clear=self._clear)

    def _cell(self, name: str, known: Mapping[str, Any]) -> Callable[[int], Cell]:
        if name.startswith(_TRAITS):
            trait = name.removeprefix(_TRAITS)
            return lambda person: self._trait(trait, known["traits"].get(person, {}).get(trait))
        if name.startswith(_TAGS):
            tag = name.removeprefix(_TAGS)
            return lambda person: known["tags"].get(person, {}).get(tag)
        if name.startswith(_IDENTIFIERS):
            kind = name.removeprefix(_IDENTIFIERS)
            return lambda person: self._identifiers(kind, known["keys"].get(person, ()))
        given: dict[str, Callable[[int], Cell]] = {
            "id": person_ref,
            "stage": lambda person: self._word(known["stages"][person]),
            "joined_at": lambda person: self._time(known["joined"].get(person, 0)),
            "name": lambda person: self._name(known["names"].get(person)),
            "channels": lambda person: " ".join(map(self._word, known["reach"].get(person, ()))),
            "revenue": lambda person: Decimal(known["facts"][person].revenue).scaleb(-2),
            "revenue_fen": lambda person: known["facts"][person].revenue,
        }
        if name in given:
            return given[name]
        if name.endswith("_at"):
            return lambda person: self._time(getattr(known["facts"][person], name))
        return lambda person: getattr(known["facts"][person], name) or (0 if name in NUMBERS else None)

    def _word(self, name: str) -> str:
        return self._words.get(name, name)

    def _name(self, name: str | None) -> str | None:
        return name if name is None or self._clear else mask_name(name)

    def _time(self, at: int) -> str | None:
        if not at:
            return None
        return datetime.fromtimestamp(at / 1000, UTC).astimezone(self._zone).isoformat(timespec="seconds")

    def _trait(self, name: str, value: Any) -> Cell:
        if value is None:
            return None
        held = value if self._clear else _masked(name, value)
        return held if isinstance(held, str) else msgspec.json.encode(held).decode()

    def _identifiers(self, kind: str, keys: Sequence[str]) -> str | None:
        found = sorted(key.partition(":") for key in keys if key.partition(":")[0].partition(".")[0] == kind)
        values = [value if self._clear else mask_identifier(kind, value) for _, _, value in found]
        return " ".join(values) or None


def _masked(name: str, value: Any) -> Any:
    if name in KINDS and isinstance(value, str):
        return mask_identifier(name, value)
    return mask_trait(name, value)


def _words(conn: Connection) -> dict[str, str]:
    """Stages and channels in the shop's language."""
    chinese = current_settings(conn).language == "zh-CN"
    labels = CHANNEL_LABELS | stage_labels(conn)
    return {name: label.zh if chinese else label.en for name, label in labels.items()}


def _stages(conn: Connection, facts: Mapping[int, Facts]) -> dict[int, str]:
    windows, now = windows_of(conn), now_of(conn)
    return {person: stage_of(one, windows, now)[0] for person, one in facts.items()}
