"""Read and change the product's settings."""

from __future__ import annotations

import zoneinfo
from functools import lru_cache

import msgspec
from sqlalchemy.engine import Connection

from siyu.accounts import Operator, audit
from siyu.kit import FieldError, Invalid, check_version
from siyu.settings import queries
from siyu.settings.types import Lifecycle, ProductSettings, SettingsView
from siyu.store import now_of

_KEY = "product"


def current_settings(conn: Connection) -> ProductSettings:
    """The settings now: one row by its key, decoded only when it has changed."""
    row = queries.read_value(conn, _KEY)
    return _decoded(row[0]) if row else ProductSettings()


@lru_cache(maxsize=4)
def _decoded(text: str) -> ProductSettings:
    return msgspec.json.decode(text, type=ProductSettings)


def settings_view(conn: Connection) -> SettingsView:
    """Version 0 is what Siyu comes with."""
    row = queries.read_value(conn, _KEY)
    return _view(_decoded(row[0]), row[1]) if row else _view(ProductSettings(), 0)


def _view(settings: ProductSettings, version: int) -> SettingsView:
    return SettingsView(
        settings.lifecycle,
        settings.timezone,
        settings.language,
        settings.brand_name,
        settings.quiet_hours,
        version,
    )


def change_settings(conn: Connection, actor: Operator, wanted: ProductSettings, if_match: str | None) -> SettingsView:
    """Replace the settings. Raises Invalid with the fields to mend, or StaleEdit."""
    before = settings_view(conn)
    check_version(if_match, before.version)
    if errors := _problems(wanted):
        raise Invalid(errors)
    text, version = msgspec.json.encode(wanted).decode(), before.version + 1
    queries.write_value(conn, _KEY, text, version, now_of(conn))
    audit(conn, actor, "settings.change", "settings", {"to": msgspec.to_builtins(wanted)})
    return _view(wanted, version)


def _problems(wanted: ProductSettings) -> list[FieldError]:
    errors = []
    if wanted.timezone not in zoneinfo.available_timezones():
        errors.append(FieldError("timezone", f"{wanted.timezone} is no IANA time zone", "unknown_timezone"))
    return errors + window_problems(wanted.lifecycle)


def window_problems(wanted: Lifecycle) -> list[FieldError]:
    """What is wrong with windows: they must follow each other."""
    errors = []
    if wanted.silent_days >= wanted.churned_days:
        errors.append(FieldError("lifecycle.churned_days", "must be more than silent_days", "windows_order"))
    if wanted.new_days >= wanted.churned_days:
        errors.append(FieldError("lifecycle.new_days", "must be less than churned_days", "windows_order"))
    return errors
