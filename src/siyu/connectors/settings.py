"""A connector's settings: kept as JSON with its secrets sealed, shown with dots, merged when edited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from siyu.connectors.contract import Connector
from siyu.delivery import secrets_of
from siyu.kit import FieldError, Invalid
from siyu.store import Store

DOTS = "•••"


def opened(store: Store, connector: Connector, text: str) -> Any:
    """The settings with secrets opened."""
    values = msgspec.json.decode(text)
    for name in secrets_of(connector.config) & set(values):
        values[name] = store.secrets.open(values[name]) if values[name] else ""
    return msgspec.convert(values, connector.config)


def sealed(store: Store, connector: Connector, config: msgspec.Struct) -> str:
    values = dict(msgspec.to_builtins(config))
    for name in secrets_of(connector.config):
        values[name] = store.secrets.seal(values[name]) if values[name] else ""
    return msgspec.json.encode(values).decode()


def shown(connector: Connector, config: msgspec.Struct) -> dict[str, Any]:
    values: dict[str, Any] = msgspec.to_builtins(config)
    hidden = secrets_of(connector.config)
    return {name: DOTS if name in hidden and value else value for name, value in values.items()}


def merged(connector: Connector, before: Mapping[str, Any], wanted: Mapping[str, Any]) -> msgspec.Struct:
    """Secrets left out stay as they are. Raises Invalid with the fields to mend."""
    hidden = secrets_of(connector.config)
    kept = {name: before[name] for name in hidden & set(before) if wanted.get(name, DOTS) in (DOTS, None)}
    try:
        config: msgspec.Struct = msgspec.convert(dict(wanted) | kept, connector.config)
    except msgspec.ValidationError as error:
        text, _, path = str(error).partition(" - at `$")
        raise Invalid(errors=[FieldError(f"config{path.rstrip('`')}", text)]) from error
    missing = [name for name in connector.needed if not getattr(config, name)]
    if missing:
        raise Invalid(errors=[FieldError(f"config.{name}", "This is needed.", "needed") for name in missing])
    return config
