"""What the warm process has at hand: the house imported and its API compiled, no store, engine or thread begun."""

import litestar.testing  # noqa: F401
import psycopg  # noqa: F401
import sqlalchemy.dialects.postgresql.psycopg  # noqa: F401

import siyu.collect.commands
import siyu.serve
import siyu.store.migrate  # noqa: F401
from siyu.app import _api
from siyu.kit import Settings
from tests import postgres  # noqa: F401

_api(Settings.max_body_bytes)
