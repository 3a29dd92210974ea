"""What the API of this room takes and answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from siyu.collect.importers.errors_file import RowError

SourceKind = Literal["segment", "sensors", "growingio", "webhook", "import", "connector"]
Name = Annotated[str, Meta(min_length=1, max_length=80)]
Category = Annotated[str, Meta(max_length=80, pattern=r"^([^/\s][^/]*(/[^/\s][^/]*)?)?$")]
QuarantineState = Literal["waiting", "replayed", "dropped"]
ImportState = Literal["uploaded", "running", "done", "failed", "dry_run_done"]
Entity = Literal["orders", "persons", "events", "spend"]
Ids = Annotated[list[Annotated[str, Meta(pattern=r"^[0-9]{1,18}$")]], Meta(min_length=1, max_length=1000)]


class NewSource(msgspec.Struct, frozen=True):
    """``category`` has two levels, such as ``search/baidu``."""

    name: Name
    kind: SourceKind
    category: Category = ""


class SourceChange(msgspec.Struct, frozen=True):
    """Fields left out stay as they are."""

    name: Name | UnsetType = UNSET
    category: Category | UnsetType = UNSET
    disabled: bool | UnsetType = UNSET


class SourceView(msgspec.Struct, frozen=True):
    """``count_24h`` are records settled, ``errors_24h`` records that wait in quarantine."""

    id: str
    name: str
    kind: SourceKind
    category: str
    write_key: str
    created_at: str
    disabled: bool
    count_24h: int
    last_at: str | None
    errors_24h: int
    version: int


class Place(msgspec.Struct, frozen=True):
    """A place of the source tree: its path of up to two levels, and the names of the sources there. In the last 365
    days: ``buyers``, those of them who are ``inside`` the private domain by any way, and who ``came`` in from there.
    ``covered`` is false where people buy and nobody ever came in."""

    path: str
    sources: list[str]
    buyers: int
    inside: int
    came: int
    covered: bool


class Unjoined(msgspec.Struct, frozen=True):
    """``events`` of a source in 30 days; ``alone`` are those whose person has no event of another source in them."""

    source_id: str
    events: int
    alone: int


class Snippet(msgspec.Struct, frozen=True):
    """Code to copy: key and address are filled in. ``install`` is empty where nothing is to be installed."""

    sdk: str
    title: str
    language: str
    code: str
    install: str


class MaskedIdentifier(msgspec.Struct, frozen=True):
    type: str
    value: str


class DebuggerEvent(msgspec.Struct, frozen=True):
    """A record as it came in; ``person`` is null until it is resolved. Trait changes are the event ``identify``."""

    id: str
    received_at: str
    time: str
    event: str
    person: str | None
    identifiers: list[MaskedIdentifier]
    source_id: str
    source_name: str
    props: dict[str, Any]
    context: dict[str, Any]


class QuarantineItem(msgspec.Struct, frozen=True):
    """``record`` is the record's JSON text, ``door`` the wire format it came in."""

    id: str
    at: str
    source_id: str
    source_name: str
    reason: str
    detail: str
    record: str
    state: QuarantineState
    door: str


class ReplayRequest(msgspec.Struct, frozen=True):
    """Either ``ids``, or ``all`` that wait (with this ``reason``, of this source)."""

    ids: Ids | None = None
    all: bool = False
    reason: Annotated[str, Meta(max_length=60)] | None = None
    source_id: Annotated[str, Meta(max_length=60)] | None = None


class Replayed(msgspec.Struct, frozen=True):
    """``replayed`` were tried: ``settled`` are in the pipeline now, ``failed`` still can't be taken."""

    replayed: int
    settled: int
    failed: int


class DropRequest(msgspec.Struct, frozen=True):
    ids: Ids


class Dropped(msgspec.Struct, frozen=True):
    dropped: int


class RecordEdit(msgspec.Struct, frozen=True):
    """The record's JSON text, mended."""

    record: Annotated[str, Meta(min_length=2, max_length=65536)]


class StageCount(msgspec.Struct, frozen=True):
    """``lag_ms``: from arrival to the end of this stage, now."""

    stage: str
    count_24h: int
    lag_ms: int
    errors_24h: int


class SourceCount(msgspec.Struct, frozen=True):
    source_id: str
    name: str
    kind: str
    count_24h: int
    last_at: str | None
    errors_24h: int


class Backlog(msgspec.Struct, frozen=True):
    batches: int
    events: int
    bytes: int


class PipelineView(msgspec.Struct, frozen=True):
    stages: list[StageCount]
    sources: list[SourceCount]
    backlog: Backlog
    settled_at: str | None


class FileColumn(msgspec.Struct, frozen=True):
    """``guess`` is the field this column seems to hold."""

    name: str
    samples: list[str]
    guess: str | None


class ImportUpload(msgspec.Struct, frozen=True):
    """``kind`` is what the file seems to hold."""

    id: str
    kind: Entity | None
    columns: list[FileColumn]
    rows_preview: list[dict[str, str]]


class ImportOptions(msgspec.Struct, frozen=True):
    """``date_format`` as Python's strptime takes it; empty: told from the cells."""

    identifier_type: Annotated[str, Meta(max_length=80, pattern=r"^[a-z_]+(\.[\w-]{1,60})?$")] = "auto"
    currency_unit: Literal["yuan", "fen"] = "yuan"
    date_format: Annotated[str, Meta(max_length=60)] | None = None


class ImportPlan(msgspec.Struct, frozen=True):
    """``mapping``: field → column. ``source_id`` is an import source; the standard one when left out."""

    entity: Entity
    mapping: Annotated[dict[str, str], Meta(max_length=500)]
    options: ImportOptions = ImportOptions()
    dry_run: bool = False
    source_id: Annotated[str, Meta(max_length=60)] | None = None


class ImportView(msgspec.Struct, frozen=True):
    """``rows_total`` is an estimate until the end; ``error`` says why an import failed as a whole.

    ``ids_ignored``: identifiers of rows that were taken which name nobody (placeholders, malformed).
    """

    id: str
    file_name: str
    entity: Entity | None
    state: ImportState
    rows_total: int | None
    rows_done: int
    rows_ok: int
    rows_bad: int
    ids_ignored: int
    created_at: str
    started_at: str | None
    finished_at: str | None
    mapping: dict[str, str]
    options: ImportOptions
    dry_run: bool
    first_errors: list[RowError]
    error: str | None
