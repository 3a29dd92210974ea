"""Operators, sessions, keys and the audit as the API shows them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

Role = Literal["viewer", "operator", "admin"]
Scope = Literal["read", "write", "admin"]
Language = Literal["zh-CN", "en"]
Name = Annotated[str, Meta(min_length=1, max_length=80)]
Email = Annotated[str, Meta(min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")]
Password = Annotated[str, Meta(min_length=10, max_length=256)]


class Operator(msgspec.Struct, frozen=True):
    """Who acts: a person of the team, or a program with an API key (then ``email`` is empty)."""

    id: str
    name: str
    email: str
    role: Role
    language: Language = "zh-CN"


class SetUp(msgspec.Struct, frozen=True):
    """The first operator, an administrator."""

    name: Name
    email: Email
    password: Password
    language: Language = "zh-CN"


class SignIn(msgspec.Struct, frozen=True):
    email: Annotated[str, Meta(max_length=254)]
    password: Annotated[str, Meta(max_length=256)]


class SessionView(msgspec.Struct, frozen=True):
    """``csrf`` goes into the header X-CSRF-Token of everything that is not a GET."""

    needs_setup: bool
    operator: Operator | None
    csrf: str
    product_version: str


class NewOperator(msgspec.Struct, frozen=True):
    name: Name
    email: Email
    password: Password
    role: Role
    language: Language = "zh-CN"


class OperatorChange(msgspec.Struct, frozen=True):
    """Fields left out stay as they are."""

    name: Name | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    disabled: bool | UnsetType = UNSET
    password: Password | UnsetType = UNSET
    language: Language | UnsetType = UNSET


class OperatorView(msgspec.Struct, frozen=True):
    id: str
    name: str
    email: str
    role: Role
    language: Language
    disabled: bool
    created_at: str
    version: int


class NewKey(msgspec.Struct, frozen=True):
    """``admin`` includes ``write``, ``write`` includes ``read``."""

    name: Name
    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=3)]


class KeyView(msgspec.Struct, frozen=True):
    """``hint`` are the first characters of the secret."""

    id: str
    name: str
    scopes: list[Scope]
    hint: str
    created_at: str
    used_at: str | None


class MadeKey(msgspec.Struct, frozen=True):
    """``secret`` is shown this once; it goes into ``Authorization: Bearer``."""

    id: str
    name: str
    scopes: list[Scope]
    hint: str
    created_at: str
    used_at: str | None
    secret: str


class AuditEntry(msgspec.Struct, frozen=True):
    id: int
    at: str
    actor: str
    action: str
    object: str
    detail: dict[str, Any]
