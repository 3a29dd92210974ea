"""The base portrait: who somebody is, read from traits under the names shops really use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from siyu.kit import iso, mask_name
from siyu.profiles.masking import mask_trait
from siyu.profiles.types import Bilingual, Portrait, PortraitField, Trait

Found = tuple[Any, Trait]
Traits = Mapping[str, Trait]


class _Field(msgspec.Struct, frozen=True):
    name: str
    zh: str
    en: str
    traits: tuple[str, ...]


FIELDS = (
    _Field("name", "姓名", "Name", ("name", "$name", "full_name", "姓名", "nickname", "nick_name", "昵称")),
    _Field("gender", "性别", "Gender", ("gender", "sex", "$gender", "性别")),
    _Field("age", "年龄", "Age", ("age", "$age", "年龄")),
    _Field("region", "地区", "Region", ("region", "地区")),
    _Field("education", "学历", "Education", ("education", "degree", "学历")),
    _Field("income", "收入", "Income", ("income", "monthly_income", "income_level", "收入")),
    _Field("skin_type", "肤质", "Skin type", ("skin_type", "skinType", "肤质")),
)
_BIRTHDAYS = ("birthday", "birth_date", "birthdate", "date_of_birth", "$birthday", "生日")
_PROVINCES = ("province", "$province", "state", "省份")
_CITIES = ("city", "$city", "城市")


def traits_behind(field: str) -> list[str]:
    """Every trait a field can be read from, dots for what lies in an object."""
    own = next(one.traits for one in FIELDS if one.name == field)
    return [*own, *_BEHIND.get(field, ())]


def portrait_of(traits: Sequence[Trait], now: int, sources: Mapping[str, str]) -> Portrait:
    """The portrait at ``now`` (epoch ms); ``sources`` names source ids. Names are masked."""
    held = {trait.name: trait for trait in traits if trait.value not in (None, "", [], {})}
    fields = []
    for field in FIELDS:
        found = _first(held, field.traits) or _DERIVED.get(field.name, _underivable)(held, now)
        value, trait = found or (None, None)
        fields.append(
            PortraitField(
                field=field.name,
                label=Bilingual(field.zh, field.en),
                value=mask_name(str(value)) if found and field.name == "name" else mask_trait(field.name, value),
                source=sources.get(trait.source_id, trait.source_id) if trait else None,
                at=iso(trait.at) if trait else None,
            )
        )
    filled = sum(field.value is not None for field in fields)
    return Portrait(fields, round(filled / len(fields), 4))


def name_of(traits: Sequence[Trait]) -> str | None:
    """What to call a person, unmasked, or None."""
    held = {trait.name: trait for trait in traits if trait.value not in (None, "")}
    found = _first(held, FIELDS[0].traits)
    if found:
        return str(found[0])
    parts = [str(held[name].value) for name in ("firstName", "lastName") if name in held]
    return " ".join(parts) or None


def _first(held: Traits, names: Sequence[str]) -> Found | None:
    return next(((held[name].value, held[name]) for name in names if name in held), None)


def _age(held: Traits, now: int) -> Found | None:
    found = _first(held, _BIRTHDAYS)
    born = _date(found[0]) if found else None
    if not found or born is None:
        return None
    today = datetime.fromtimestamp(now / 1000, UTC).date()
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return (age, found[1]) if 0 <= age < 130 else None


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value).strip()[:10].replace("/", "-"))
    except ValueError:
        return None


def _region(held: Traits, _now: int) -> Found | None:
    parts = [found for names in (_PROVINCES, _CITIES) if (found := _first(held, names))]
    if parts:
        return " ".join(dict.fromkeys(str(value) for value, _ in parts)), parts[-1][1]
    address = held.get("address")
    if address is None or not isinstance(address.value, dict):
        return None
    named = [str(address.value[part]) for part in ("state", "province", "city") if address.value.get(part)]
    return (" ".join(named), address) if named else None


def _full_name(held: Traits, _now: int) -> Found | None:
    parts = [held[name] for name in ("firstName", "lastName") if name in held]
    return (" ".join(str(part.value) for part in parts), parts[0]) if parts else None


def _underivable(_held: Traits, _now: int) -> Found | None:
    return None


_DERIVED: dict[str, Callable[[Traits, int], Found | None]] = {"name": _full_name, "age": _age, "region": _region}
_BEHIND = {
    "name": ("firstName", "lastName"),
    "age": _BIRTHDAYS,
    "region": (*_PROVINCES, *_CITIES, "address.state", "address.province", "address.city"),
}
