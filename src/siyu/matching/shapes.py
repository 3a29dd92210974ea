"""What a record may say of a person, and how far two records can agree on it."""

from __future__ import annotations

from typing import Literal, get_args

FieldName = Literal[
    "surname", "given_name", "mobile", "birthday", "gender", "id_number", "postcode", "street_number", "address",
    "address_2", "district", "city", "region",
]  # fmt: skip
FIELDS: tuple[FieldName, ...] = get_args(FieldName)
"""Fields that are compared, in the order they are shown."""

Level = Literal["same", "close", "similar", "swapped", "masked", "tail", "different", "missing"]
"""How two values compare. ``masked``: what a masked number shows agrees; ``tail``: only its last digits do."""

COLUMNS = (
    "name", "surname", "given_name", "mobile", "birthday", "gender", "id_number", "postcode", "street_number",
    "address", "address_2", "district", "city", "region",
)  # fmt: skip
"""Text columns of a record as it is handed in, beside its number ``person``. ``name`` is split into two fields."""
