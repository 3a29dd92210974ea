"""Lists of identifiers of any kind, as files: who they name, and what is wrong with each row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

import msgspec
from pyroaring import BitMap64
from python_calamine import CalamineError, CalamineWorkbook
from sqlalchemy.engine import Connection

from siyu.audiences.problems import BadList
from siyu.audiences.types import ListError, ListReport
from siyu.collect import KINDS, key_of
from siyu.identity import canonical, exists, find_persons
from siyu.kit import NotFound, mask_identifier, person_no

MAX_BYTES = 10 << 20
_SHOWN = 200
_GUESSED = ("user_id", "unionid", "external_userid", "member_card", "device")
"""What an identifier without a kind is looked up as, when it is neither a mobile nor an email."""
_WORDS = {
    "手机号": "mobile", "手机": "mobile", "phone": "mobile", "邮箱": "email", "mail": "email", "用户id": "user_id",
    "userid": "user_id", "会员卡号": "member_card", "用户": "person", "person": "person", "person_id": "person",
}  # fmt: skip
_TYPE = ("type", "kind", "类型")
_VALUE = ("value", "identifier", "id", "值", "标识", "标识符")


class Row(msgspec.Struct, frozen=True):
    """A line of the file. ``keys``: for each cell the identifiers it may be, the likeliest first."""

    number: int
    shown: str
    keys: list[list[str]]
    person: int | None = None
    fault: str = ""


def read_rows(raw: bytes) -> list[Row]:
    """The lines of a CSV file: one identifier a line, or columns named by kind, or ``type`` and ``value``.

    Raises BadList when it is no text or no table.
    """
    return rows_of(table_of(raw))


def table_of(raw: bytes) -> list[list[str]]:
    """The cells of a CSV file, or of the first sheet of an xlsx file. Raises BadList."""
    if not raw.strip():
        raise BadList(detail="empty")
    if raw.startswith(b"PK"):
        return _sheet(raw)
    lines = csv.reader(_text(raw).splitlines())
    try:
        return [[cell.strip() for cell in line] for line in lines]
    except csv.Error as error:
        raise BadList(detail=str(error)) from error


def _sheet(raw: bytes) -> list[list[str]]:
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_index(0)
        cells = [[_cell(cell) for cell in line] for line in sheet.iter_rows()]
    except (CalamineError, OSError, ValueError) as error:
        raise BadList(detail=str(error)[:200]) from error
    if not cells:
        raise BadList(detail="empty")
    return cells


def _cell(value: object) -> str:
    """Numbers as people typed them: a mobile is no ``1.38e10``."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def rows_of(cells: list[list[str]]) -> list[Row]:
    """The lines of a table, each with the identifiers it names."""
    head = [cell.lower() for cell in cells[0]]
    kinds = [_kind(cell) for cell in head]
    if any(kinds) or set(head) & {*_TYPE, *_VALUE}:
        return list(_named(cells[1:], head, kinds))
    return [_single(number, line) for number, line in enumerate(cells, 1) if any(line)]


def _text(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise BadList(detail="encoding")


def _kind(word: str) -> str:
    name = _WORDS.get(word, word)
    return name if name == "person" or name.partition(".")[0] in KINDS else ""


def _named(lines: Sequence[Sequence[str]], head: Sequence[str], kinds: Sequence[str]) -> Iterator[Row]:
    type_at = next((place for place, word in enumerate(head) if word in _TYPE), None)
    value_at = next((place for place, word in enumerate(head) if word in _VALUE), None)
    for number, line in enumerate(lines, 2):
        if not any(line):
            continue
        if value_at is not None and value_at < len(line):
            kind = _kind(line[type_at].lower()) if type_at is not None and type_at < len(line) else ""
            yield _row(number, [(kind, line[value_at])])
            continue
        yield _row(number, [(kind, cell) for kind, cell in zip(kinds, line, strict=False) if kind and cell])


def _single(number: int, line: Sequence[str]) -> Row:
    return _row(number, [("", cell) for cell in line if cell][:1])


def _row(number: int, cells: Sequence[tuple[str, str]]) -> Row:
    keys = []
    for kind, cell in cells:
        if kind == "person" or (not kind and cell.startswith("per_")):
            try:
                return Row(number, cell[:40], [], person_no(cell))
            except NotFound:
                return Row(number, cell[:40], [], fault="unreadable")
        if found := _keys(kind, cell):
            keys.append(found)
    shown = mask_identifier(cells[0][0] or _likely(cells[0][1]), cells[0][1][:80]) if cells else ""
    return Row(number, shown, keys, fault="" if keys else "unreadable")


def _keys(kind: str, cell: str) -> list[str]:
    prefix, colon, value = cell.partition(":")
    if not kind and colon and _kind(prefix.lower()) not in ("", "person"):
        kind, cell = _kind(prefix.lower()), value
    kinds = [kind] if kind else (["email"] if "@" in cell else ["mobile", *_GUESSED])
    return [key for one in kinds if (key := key_of(one, cell)) is not None]


def _likely(cell: str) -> str:
    return "email" if "@" in cell else "mobile"


def find_listed(conn: Connection, rows: Sequence[Row]) -> tuple[BitMap64, ListReport]:
    """The persons the rows name, and what is wrong with the others."""
    members = BitMap64()
    errors: list[ListError] = []
    faulty = repeated = 0
    for row, (person, fault, _) in zip(rows, named_by(conn, rows), strict=True):
        if person is None:
            faulty += 1
            errors += [ListError(row.number, row.shown, fault)] if len(errors) < _SHOWN else []
        elif person in members:
            repeated += 1
        else:
            members.add(person)
    return members, ListReport(len(rows), len(members), repeated, faulty, errors)


def named_by(conn: Connection, rows: Sequence[Row]) -> list[tuple[int | None, str, str]]:
    """For each row its canonical person and the identifier that named them (empty for their public name), or why none
    is known: (person, fault, key)."""
    owner = find_persons(conn, {key for row in rows for cell in row.keys for key in cell})
    refs = {row.person for row in rows if row.person is not None}
    kept = canonical(conn, refs)
    known = {person: kept.get(person, person) for person in refs if exists(conn, person)}
    keys = [next((key for cell in row.keys for key in cell if key in owner), "") for row in rows]
    return [(*_who(row, owner, known), key) for row, key in zip(rows, keys, strict=True)]


def _who(row: Row, owner: Mapping[str, int], known: Mapping[int, int]) -> tuple[int | None, str]:
    if row.fault:
        return None, row.fault
    if row.person is not None:
        return known.get(row.person), "unknown_person"
    found = {next((owner[key] for key in cell if key in owner), None) for cell in row.keys} - {None}
    if not found:
        return None, "unknown_person"
    return (None, "several_persons") if len(found) > 1 else (found.pop(), "")
