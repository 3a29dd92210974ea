"""Phases of a long measurement, each in a folder and a database of its own; a kept folder remembers what is done."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import psycopg
import sqlalchemy as sa
import xxhash

from siyu.kit import load_settings

Figures = dict[str, float]


class Phases:
    """``figures`` of all phases measured so far. With ``SIYU_STATE`` set, each phase has a database of its own on that
    server (its user must be allowed to make some), dropped once it is measured."""

    def __init__(self, folder: Path, asked: Figures, progress: Callable[[str], None]) -> None:
        self._folder = folder
        self._progress = progress
        self._address = load_settings(folder).state
        self._file = folder / f"{'postgresql' if self.on_postgresql else 'sqlite'}.json"
        self._asked = asked
        held = json.loads(self._file.read_bytes()) if self._file.exists() else {}
        self._done: dict[str, Figures] = held["done"] if held.get("asked") == asked else {}

    @property
    def on_postgresql(self) -> bool:
        return bool(self._address)

    @property
    def figures(self) -> Figures:
        return {name: value for figures in self._done.values() for name, value in figures.items()}

    def measure(self, phase: str, work: Callable[[Path, str], Figures]) -> None:
        """Do ``work(folder, state)`` unless it is done already."""
        if phase in self._done:
            self._progress(f"{phase}: measured before")
            return
        self._progress(phase)
        where = self._folder / phase
        shutil.rmtree(where, ignore_errors=True)
        where.mkdir(parents=True)
        self._done[phase] = work(where, self._database(phase))
        self._file.write_text(json.dumps({"asked": self._asked, "done": self._done}))
        self._drop(phase)
        shutil.rmtree(where, ignore_errors=True)

    def _name(self, phase: str) -> str:
        return f"bench_{phase}_{xxhash.xxh3_64_hexdigest(str(self._folder.resolve()).encode())}"

    def _database(self, phase: str) -> str:
        """The address of a new database; empty for SQLite, which has its file in the folder."""
        if not self._address:
            return ""
        self._drop(phase)
        self._command(f'CREATE DATABASE "{self._name(phase)}" TEMPLATE template0 ENCODING UTF8')
        return self._url().set(database=self._name(phase)).render_as_string(hide_password=False)

    def _drop(self, phase: str) -> None:
        if self._address:
            self._command(f'DROP DATABASE IF EXISTS "{self._name(phase)}" WITH (FORCE)')

    def _command(self, statement: str) -> None:
        with psycopg.connect(self._url().render_as_string(hide_password=False), autocommit=True) as conn:
            conn.execute(statement.encode())

    def _url(self) -> sa.URL:
        return sa.make_url(self._address).set(drivername="postgresql")
