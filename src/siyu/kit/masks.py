"""How personal data is shown until somebody reveals it."""

from __future__ import annotations


def mask_name(name: str) -> str:
    """``张小美`` → ``张*``; ``Ann Lee`` → ``A*``."""
    return f"{name[0]}*" if name else ""


def mask_middle(value: str, head: int = 3, tail: int = 4) -> str:
    """``13812348888`` → ``138****8888``; short values keep only their first character."""
    if len(value) <= head + tail:
        return f"{value[:1]}****" if value else ""
    return f"{value[:head]}****{value[len(value) - tail :]}"


def mask_email(value: str) -> str:
    """``meihua@example.com`` → ``m****@example.com``."""
    local, at, domain = value.partition("@")
    return f"{local[:1]}****{at}{domain}"


def mask_identifier(kind: str, value: str) -> str:
    """The masked form of an identifier of this kind."""
    if kind == "email":
        return mask_email(value)
    if kind == "mobile":
        return mask_middle(value.removeprefix("+86"))
    return mask_middle(value)
