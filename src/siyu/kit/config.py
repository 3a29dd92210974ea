"""Settings: defaults, then ``<data>/config.toml``, then ``SIYU_*`` in the environment."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from siyu.kit.errors import SiyuError


class BadSettings(SiyuError):
    """The setting {name} is wrong: {detail}. Mend {where}."""

    code = "bad_settings"
    status = 500


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an engineer who hosts Siyu may change. Every field is also ``SIYU_<FIELD>`` in the environment.

    Sizes are bytes, times are seconds unless the name says otherwise.
    """

    data: Path = Path("siyu-data")
    host: str = "127.0.0.1"
    port: int = 8300
    public_url: str = "http://127.0.0.1:8300"
    state: str = ""
    """Database address of the state; empty means SQLite in the data folder."""
    events: str = ""
    """Address of the event engine; empty means the embedded engine in the data folder."""
    events_database: str = "siyu"
    timezone: str = "Asia/Shanghai"
    log_level: str = "info"
    log_json: bool = False
    max_body_bytes: int = 4 << 20
    max_unpacked_bytes: int = 16 << 20
    max_event_bytes: int = 64 << 10
    max_depth: int = 32
    max_import_bytes: int = 512 << 20
    max_backlog_bytes: int = 256 << 20
    """Door answers 503 when more than this waits to be settled."""
    settle_rows: int = 10_000
    """Most events settled in one batch."""
    query_seconds: float = 30.0
    query_memory_bytes: int = 3 << 30
    allow_private_outbound: bool = False
    """Let webhooks and mail go to loopback and private addresses (tests, mail relays in the same network)."""


def load_settings(data: Path | None = None, **overrides: Any) -> Settings:
    """Read the settings for a data folder. Later sources win: file, environment, ``overrides``."""
    folder = data or Path(os.environ.get("SIYU_DATA", str(Settings().data)))
    values: dict[str, Any] = {}
    file = folder / "config.toml"
    if file.is_file():
        values |= _from_file(file)
    for name in Settings.__struct_fields__:
        if (text := os.environ.get(f"SIYU_{name.upper()}")) is not None:
            values[name] = text
    values |= overrides
    values["data"] = str(folder)
    if "public_url" not in values:
        values["public_url"] = f"http://{values.get('host', '127.0.0.1')}:{values.get('port', 8300)}"
    return _convert(values)


def _from_file(file: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(name="(file)", detail=str(error), where=str(file)) from error
    unknown = sorted(set(found) - set(Settings.__struct_fields__))
    if unknown:
        raise BadSettings(name=unknown[0], detail="there is no such setting", where=str(file))
    return found


def _convert(values: dict[str, Any]) -> Settings:
    folder = Path(values.pop("data"))
    try:
        return msgspec.structs.replace(msgspec.convert(values, Settings, strict=False), data=folder)
    except msgspec.ValidationError as error:
        raise BadSettings(
            name=str(error).rpartition("$.")[2] or "?", detail=str(error), where="config.toml or SIYU_*"
        ) from error
