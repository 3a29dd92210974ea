"""What events, their properties, traits and stages are called on screen: as operators named them, else as known."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from sqlalchemy.engine import Connection

from siyu.catalog.labels import STAGE_LABELS, word_label
from siyu.catalog.notes import Noted, notes_of
from siyu.catalog.standard import STANDARD
from siyu.catalog.types import Label, Note, PropertyNote
from siyu.settings import PRESETS, current_settings


class Spoken(msgspec.Struct, frozen=True):
    """The names as they hold now."""

    events: Mapping[str, Noted]
    traits: Mapping[str, Noted]
    stages: Mapping[str, Label]

    def event(self, name: str) -> Label:
        known = STANDARD.get(name)
        label = Label(known.zh, known.en) if known else Label(name, name)
        return named(label, self.events[name].note) if name in self.events else label

    def trait(self, name: str) -> Label:
        label = word_label(name)
        return named(label, self.traits[name].note) if name in self.traits else label

    def property(self, event: str, name: str) -> Label:
        note = self.events[event].note.properties.get(name) if event in self.events else None
        return named(word_label(name), note) if note else word_label(name)


def spoken(conn: Connection) -> Spoken:
    return Spoken(notes_of(conn, "event"), notes_of(conn, "trait"), stage_labels(conn))


def stage_labels(conn: Connection) -> dict[str, Label]:
    """Stages as the industry of the settings calls them."""
    own = PRESETS[current_settings(conn).lifecycle.preset].stages
    return {name: Label(own[name].zh, own[name].en) if name in own else label for name, label in STAGE_LABELS.items()}


def named(label: Label, note: Note | PropertyNote) -> Label:
    return Label(note.zh or label.zh, note.en or label.en)
