"""From what is known of persons to the columns that matching compares."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy.engine import Connection

from siyu.identity import keys_of
from siyu.kit import mask_middle, mask_name
from siyu.matching import FieldName, mobile_parts, split_name
from siyu.profiles import traits_of

# fmt: off
_TRAITS: dict[str, tuple[str, ...]] = {
    "name": ("name", "$name", "full_name", "real_name", "realName", "receiver_name",
             "姓名", "真实姓名", "收货人", "收件人"),
    "surname": ("surname", "last_name", "lastName", "family_name", "姓"),
    "given_name": ("given_name", "givenName", "first_name", "firstName", "名"),
    "mobile": (
        "mobile", "phone", "mobile_tail", "phone_tail", "mobile_masked", "phone_masked", "receiver_phone",
        "receiver_mobile", "手机号", "手机", "电话", "联系电话", "手机尾号", "收货人手机",
    ),
    "birthday": ("birthday", "birth_date", "birthdate", "date_of_birth", "dob", "$birthday", "生日", "出生日期"),
    "gender": ("gender", "sex", "$gender", "性别"),
    "id_number": ("id_number", "id_card", "idCard", "id_card_no", "national_id", "soc_sec_id",
                  "身份证", "身份证号", "证件号"),
    "postcode": ("postcode", "postal_code", "zip", "zip_code", "zipcode", "邮编", "邮政编码"),
    "street_number": ("street_number", "house_number", "door_number", "门牌号"),
    "address": (
        "address", "address_1", "address1", "street", "detail_address", "receiver_address", "shipping_address",
        "地址", "详细地址", "收货地址",
    ),
    "address_2": ("address_2", "address2", "address_line_2", "小区"),
    "district": ("district", "suburb", "county", "receiver_district", "区", "区县"),
    "city": ("city", "$city", "town", "receiver_city", "城市", "市"),
    "region": ("region", "province", "$province", "state", "receiver_state", "省份", "省"),
}
# fmt: on
"""Column → the traits it is read from, the best first."""

TRAIT_NAMES = frozenset(name for names in _TRAITS.values() for name in names)

_PUBLIC = ("gender", "postcode", "district", "city", "region")


def columns_of(conn: Connection, people: Collection[int]) -> dict[int, dict[str, str]]:
    """Person → the columns that are known. A whole mobile number among the identifiers counts as one known."""
    held = traits_of(conn, people, TRAIT_NAMES)
    keys = keys_of(conn, people)
    return {person: _columns(held.get(person, {}), keys.get(person, set())) for person in people}


def _columns(traits: Mapping[str, Any], keys: Collection[str]) -> dict[str, str]:
    found = {}
    for column, names in _TRAITS.items():
        text = next((text for name in names if (text := _text(traits.get(name)))), "")
        if text:
            found[column] = text
    mobiles = sorted(key.partition(":")[2] for key in keys if key.startswith("mobile:"))
    if mobiles:
        found["mobile"] = mobiles[0].removeprefix("+86")
    return found


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def shown(columns: Mapping[str, str], field: FieldName) -> str | None:
    """What a record says in a field, in clear."""
    if field in ("surname", "given_name") and field not in columns:
        surname, given = split_name(columns.get("name"))
        return surname if field == "surname" else given
    return columns.get(field)


def masked(field: FieldName, value: str | None) -> str | None:
    """What operators see of a field until they reveal it; what names no single person stays as it is."""
    if value is None or field in _PUBLIC:
        return value
    if field == "surname":
        return mask_name(value)
    if field == "mobile":
        _, head, tail = mobile_parts(value)
        return f"{head or ''}****{tail}" if tail else mask_middle(value)
    if field == "birthday":
        return f"{value[:4]}****"
    if field == "id_number":
        return mask_middle(value)
    return mask_middle(value, 4, 0) if field in ("address", "address_2") else "**"
