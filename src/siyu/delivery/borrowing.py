"""Channels that send in the name of a connector's account use its credentials: kept once and changed once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from siyu.delivery import queries
from siyu.delivery.channels import channels
from siyu.delivery.channels.contract import Channel
from siyu.kit import FieldError, Invalid, secrets_of

Unseal = Callable[[str], str]


class Offer(msgspec.Struct, frozen=True):
    """A connector that can lend its account."""

    id: str
    kind: str
    name: str


class Lender(msgspec.Struct, frozen=True):
    """Who has accounts to lend. ``lend`` answers settings by our names, without secrets where nobody may unseal them;
    None when the connector is not theirs (any more)."""

    offers: Callable[[Connection], list[Offer]]
    lend: Callable[[Connection, str, Unseal | None], Mapping[str, str] | None]


LENDERS: list[Lender] = []
"""Filled in by ``app.py``: the rooms that have accounts are above this one."""
_ACCOUNT = ("appid", "secret", "corp_id", "callback_token", "encoding_key", "api_url")
"""What is lent; a channel has some of it."""


def offers(conn: Connection, kind: str) -> list[Offer]:
    """The connectors of a kind."""
    return [offer for lender in LENDERS for offer in lender.offers(conn) if kind and offer.kind == kind]


def form_of(conn: Connection, channel: Channel, schema: dict[str, Any]) -> dict[str, Any]:
    """A channel's form with the connectors it may choose from."""
    if not channel.connector:
        return schema
    chosen = [{"value": offer.id, "label": offer.name} for offer in offers(conn, channel.connector)]
    properties = schema["properties"]
    return schema | {"properties": properties | {"connector": properties["connector"] | {"x-options": chosen}}}


def check(conn: Connection, channel: Channel, config: msgspec.Struct) -> None:
    """Raises Invalid for a connector that can't lend to this channel."""
    chosen = getattr(config, "connector", "")
    if chosen and chosen not in {offer.id for offer in offers(conn, channel.connector)}:
        raise Invalid(
            errors=[FieldError("config.connector", "There is no such connector for this channel.", "unknown")]
        )


def borrowed(conn: Connection, channel: Channel, values: Mapping[str, Any], unseal: Unseal | None) -> dict[str, Any]:
    """A channel's settings with the account of the connector it has chosen; with none when that is gone."""
    chosen = values.get("connector", "")
    if not chosen:
        return dict(values)
    lent = next((found for lender in LENDERS if (found := lender.lend(conn, chosen, unseal)) is not None), {})
    names = [name for name in _ACCOUNT if name in channel.config.__struct_fields__]
    found = {name: lent.get(name, "") for name in names}
    return dict(values) | {name: value for name, value in found.items() if value or name != "api_url"}


def borrowers(conn: Connection, connector: str) -> list[str]:
    """What the channels are called that use a connector's account."""
    found = []
    for row in queries.channel_rows(conn):
        channel = channels().get(row.channel)
        if channel and msgspec.json.decode(row.config).get("connector") == connector:
            found.append(f"{channel.zh} ({channel.en})")
    return found


def configs(conn: Connection) -> dict[str, msgspec.Struct]:
    """Settings of the channels that are set up, without their secrets: the gate looks at none."""
    found = {}
    for row in queries.channel_rows(conn):
        if channel := channels().get(row.channel):
            values = borrowed(conn, channel, msgspec.json.decode(row.config), None)
            hidden = secrets_of(channel.config)
            plain = {name: value for name, value in values.items() if name not in hidden}
            found[channel.name] = msgspec.convert(plain, channel.config)
    return found


def own_accounts(conn: Connection) -> dict[str, str]:
    """Owned channel → the kind of identifier that is an address of our own account there (``openid.wx1234``)."""
    found: dict[str, str] = {}
    for name, config in configs(conn).items():
        if kind := channels()[name].identifier(config):
            found.setdefault(channels()[name].family, kind)
    return found
