"""Accounts: operators and programs, what they may do, and what they did."""

from siyu.accounts.access import OPEN, PUBLIC, Authenticate, provide_operator, requires, signed_in
from siyu.accounts.actions import RANK, audit
from siyu.accounts.idempotency import Idempotent
from siyu.accounts.routes import Audit, Keys, Operators, Sessions
from siyu.accounts.types import Operator, Role

ROUTES = [Sessions, Operators, Keys, Audit]

__all__ = [
    "OPEN",
    "PUBLIC",
    "RANK",
    "ROUTES",
    "Authenticate",
    "Idempotent",
    "Operator",
    "Role",
    "audit",
    "provide_operator",
    "requires",
    "signed_in",
]
