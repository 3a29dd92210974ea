"""Lends the accounts of connectors to the channels that send in their name."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from sqlalchemy.engine import Connection

from siyu.connectors import queries
from siyu.connectors.registry import connectors
from siyu.delivery import borrowing, secrets_of

_NAMES = {"token": "callback_token"}
"""What a channel calls by another name."""


def _offers(conn: Connection) -> list[borrowing.Offer]:
    rows = [row for row in queries.all_installs(conn) if row.connector in connectors()]
    return [borrowing.Offer(row.id, row.connector, row.name) for row in rows]


def _lend(conn: Connection, install: str, unseal: borrowing.Unseal | None) -> Mapping[str, str] | None:
    row = queries.install_row(conn, install)
    if row is None or row.connector not in connectors():
        return None
    hidden, found = secrets_of(connectors()[row.connector].config), {}
    for name, value in msgspec.json.decode(row.config).items():
        if name not in hidden:
            found[_NAMES.get(name, name)] = value
        elif unseal is not None:
            found[_NAMES.get(name, name)] = unseal(value) if value else ""
    return {name: value for name, value in found.items() if isinstance(value, str)}


LENDER = borrowing.Lender(_offers, _lend)
