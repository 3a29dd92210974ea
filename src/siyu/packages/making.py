"""Making the files of a run: who is in them, and their rows."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
from pyroaring import BitMap64
from sqlalchemy.engine import Connection

from siyu.audiences import members_of
from siyu.identity import keys_of
from siyu.packages.platforms import hashed
from siyu.packages.sheets import NUMBERS, Cell, Sheet, titles
from siyu.packages.types import Ad, Content, File
from siyu.packages.writers import opened
from siyu.privacy import consent_of
from siyu.profiles import traits_of
from siyu.settings import current_settings
from siyu.store import Store

_AT_ONCE = 2_000
ADVERTISING = "advertising"
"""The purpose a person has to have agreed to, and the channel, before an ad platform is told of them."""
AD_CHANNEL = "ads"
Progress = Callable[[int, int], None]
"""Told (done, total) persons now and then."""


class Made(msgspec.Struct, frozen=True):
    """``members``: who was in it; ``refused``: members left out since they have not agreed."""

    files: list[File]
    members: BitMap64
    refused: int


def make(
    store: Store, audience: str, name: str, content: Content, base: BitMap64 | None, folder: Path, progress: Progress
) -> Made:
    """Write the files of an audience as it is now into ``folder``. With ``base``, who entered and who left since."""
    spoken = content.format in ("csv", "xlsx") and not content.ad  # read by people, the others by programs
    with store.state.read() as conn:
        members = members_of(store, conn, audience).copy()
        sheet = Sheet(store, conn, audience, content.columns, content.clear, spoken)
        zone = ZoneInfo(current_settings(conn).timezone)
    everyone, head = len(members), titles(store, content.columns) if spoken else content.columns
    if content.ad is not None:
        members = _agreed(store, members)
    parts: list[tuple[Literal["all", "entered", "left"], BitMap64]] = [("all", members)]
    if base is not None:
        parts = [("entered", members - base), ("left", base - members)]
    at = datetime.fromtimestamp(store.clock.now_ms() / 1000, UTC).astimezone(zone)
    stem = f"{_slug(name)}-{at:%Y%m%d-%H%M%S}"
    total, done = sum(len(people) for _, people in parts), 0
    files = []
    for part, people in parts:
        suffix = "" if part == "all" else f"-{part}"
        file = folder / f"{stem}{suffix}.{'txt' if content.ad else content.format}"
        rows = _write(store, file, content, head, sheet, people, partial(_tell, progress, done, total))
        files.append(File(file.name, part, rows, file.stat().st_size, sha256_of(file)))
        done += len(people)
    progress(total, total)
    return Made(files, members, everyone - len(members))


def _tell(progress: Progress, before: int, total: int, count: int) -> None:
    progress(before + count, total)


def _slug(name: str) -> str:
    return re.sub(r"[^\w一-鿿-]+", "_", name).strip("_")[:60] or "package"


def _write(
    store: Store,
    file: Path,
    content: Content,
    head: Sequence[str],
    sheet: Sheet,
    people: BitMap64,
    progress: Callable[[int], None],
) -> int:
    count = done = 0

    def counted(rows: Iterator[list[Cell]]) -> Iterator[list[Cell]]:
        nonlocal count
        for row in rows:
            count += 1
            yield row

    with opened(file, "txt" if content.ad else content.format, head, NUMBERS) as write:
        for some in _batches(people):
            with store.state.read() as conn:
                write(counted(_ids(conn, content.ad, some) if content.ad else sheet.rows(conn, some)))
            done += len(some)
            progress(done)
    return count


def _batches(people: BitMap64) -> Iterator[list[int]]:
    rest = iter(people)
    while some := list(islice(rest, _AT_ONCE)):
        yield some


def _agreed(store: Store, members: BitMap64) -> BitMap64:
    """Those who have said yes to being told to ad platforms; who has said nothing has not."""
    allowed = BitMap64()
    for some in _batches(members):
        with store.state.read() as conn:
            said = consent_of(conn, some, AD_CHANNEL, ADVERTISING)
        allowed.update(person for person, answer in said.items() if answer == "granted")
    return allowed


def _ids(conn: Connection, ad: Ad, people: Sequence[int]) -> Iterator[list[Cell]]:
    """Hashed identifiers, from identifiers of that kind (``custom.idfa`` too) and from a trait of that name."""
    keys = keys_of(conn, people)
    traits = traits_of(conn, people, [ad.identifier])
    kinds = (ad.identifier, f"custom.{ad.identifier}")
    for person in people:
        pairs = (key.partition(":") for key in keys.get(person, ()))
        values = [value for kind, _, value in pairs if kind in kinds]
        told = traits.get(person, {}).get(ad.identifier)
        if isinstance(told, str) and ad.identifier != "mobile":
            values.append(told)
        for digest in hashed(ad, values):
            yield [digest]


def sha256_of(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
