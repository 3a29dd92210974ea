"""What operators do with packages."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from pyroaring import BitMap64
from sqlalchemy.engine import Connection, Row

from siyu.accounts import Operator, audit
from siyu.audiences import Schedule, Use, members_of, names_of, next_time
from siyu.kit import BadInput, Forbidden, NotFound, Page, check_version, iso, iso_or_none, new_id, new_token
from siyu.packages import queries
from siyu.packages.platforms import PLATFORMS
from siyu.packages.problems import FileGone, HashNotTaken, RunUnderWay, SecretNeeded, WebhookTakesRows
from siyu.packages.sheets import check_columns, check_tags, columns, names_tag
from siyu.packages.types import (
    Choices,
    Content,
    Destination,
    File,
    Hook,
    PackageDraft,
    PackageView,
    PlatformView,
    RunView,
)
from siyu.settings import current_settings
from siyu.store import Store

_text = msgspec.json.Encoder().encode
read_content = msgspec.json.Decoder(Content).decode
read_destination = msgspec.json.Decoder(Destination | None).decode
_read_schedule = msgspec.json.Decoder(Schedule | None).decode
_read_files = msgspec.json.Decoder(list[File]).decode


def folder_of(store: Store, run_id: str) -> Path:
    """Where the files of a run are."""
    return store.settings.data / "packages" / run_id


def choices(store: Store) -> Choices:
    """The columns a package may have, and the ad platforms there are."""
    takes = {name: {of: dict(hashes) for of, hashes in one.takes.items()} for name, one in PLATFORMS.items()}
    return Choices(columns(store), [PlatformView(name, one.label, takes[name]) for name, one in PLATFORMS.items()])


def page(store: Store, audience: str | None, after: str | None, limit: int) -> Page[PackageView]:
    """Packages, the newest first."""
    with store.state.read() as conn:
        rows = queries.page(conn, audience, _cursor(after), limit + 1)
        items = _views(store, conn, rows[:limit])
    return Page(items, _place(rows[limit - 1]) if len(rows) > limit else None)


def show(store: Store, package_id: str, secret: str | None = None) -> PackageView:
    with store.state.read() as conn:
        return msgspec.structs.replace(_views(store, conn, [_row(conn, package_id)])[0], secret=secret)


def create(store: Store, operator: Operator, draft: PackageDraft) -> PackageView:
    """Make a package; nothing is made of it until it is asked for, or its time comes."""
    draft = _checked(operator, draft)
    secret, shown = _secret(draft, "", None)
    package_id = new_id("pkg")
    with store.state.write() as conn:
        members_of(store, conn, draft.audience)
        now = store.clock.now_ms()
        values = {"id": package_id, "created_at": now, "version": 1, "base": None}
        values["secret"] = store.secrets.seal(secret) if secret else ""
        queries.add(conn, values | _columns(conn, operator, draft, now))
        audit(conn, operator, "package.create", package_id, _told(draft))
    return show(store, package_id, shown)


def change(store: Store, operator: Operator, package_id: str, draft: PackageDraft, if_match: str | None) -> PackageView:
    """Replace a package's definition. What has been delivered counts on for the next difference, unless the audience or
    the kind of contents has changed. Raises StaleEdit."""
    draft = _checked(operator, draft)
    with store.state.write() as conn:
        row = _row(conn, package_id)
        check_version(if_match, row.version)
        _check_role(operator, read_content(row.content))
        members_of(store, conn, draft.audience)
        secret, shown = _secret(draft, row.secret, read_destination(row.destination))
        before = read_content(row.content)
        same = (row.audience_id, before.ad, before.delta) == (draft.audience, draft.content.ad, draft.content.delta)
        values = _columns(conn, operator, draft, store.clock.now_ms()) | {"version": row.version + 1}
        values["base"] = row.base if same else None
        values["secret"] = store.secrets.seal(secret) if secret else row.secret if draft.destination else ""
        queries.update(conn, package_id, values)
        audit(conn, operator, "package.change", package_id, _told(draft))
    return show(store, package_id, shown)


def delete(store: Store, operator: Operator, package_id: str) -> None:
    """Remove a package with its files."""
    with store.state.write() as conn:
        row = _row(conn, package_id)
        gone = queries.drop(conn, package_id)
        audit(conn, operator, "package.delete", package_id, {"name": row.name})
    drop_files(store, gone)


def drop_files(store: Store, runs: Sequence[str]) -> None:
    for run_id in runs:
        shutil.rmtree(folder_of(store, run_id), ignore_errors=True)


def ask(store: Store, operator: Operator, package_id: str) -> RunView:
    """Make a package now, in the background. Raises RunUnderWay."""
    with store.state.write() as conn:
        row = _row(conn, package_id)
        _check_role(operator, read_content(row.content))
        if queries.is_under_way(conn, package_id):
            raise RunUnderWay
        run_id = add_run(conn, row, "asked", store.clock.now_ms())
        audit(conn, operator, "package.run", package_id, {"run": run_id})
        return _run_view(_run(conn, package_id, run_id))


def add_run(conn: Connection, package: Row[Any], why: str, now: int) -> str:
    content = read_content(package.content)
    run_id = new_id("run")
    values = {"id": run_id, "package_id": package.id, "why": why, "state": "waiting", "created_at": now, "due_at": now}
    queries.add_run(conn, values | {"clear": content.clear})
    return run_id


def runs_page(store: Store, package_id: str, after: str | None, limit: int) -> Page[RunView]:
    """Every time a package was made, the newest first."""
    with store.state.read() as conn:
        _row(conn, package_id)
        rows = queries.runs_of(conn, package_id, _cursor(after), limit + 1)
    return Page([_run_view(row) for row in rows[:limit]], _place(rows[limit - 1]) if len(rows) > limit else None)


def file(store: Store, operator: Operator, package_id: str, run_id: str, number: int) -> tuple[Path, str]:
    """Where a file of a run is, and its name. Who took it is written into the audit. Raises FileGone."""
    with store.state.write() as conn:
        row = _run(conn, package_id, run_id)
        if row.clear and operator.role != "admin":
            raise Forbidden(role="admin")
        files = _read_files(row.files)
        if not 0 <= number < len(files):
            raise NotFound(what=f"file {number}")
        path = folder_of(store, run_id) / files[number].name
        if not row.expires_at or not path.is_file():
            raise FileGone
        detail = {"package": package_id, "file": path.name, "rows": files[number].rows, "clear": row.clear}
        audit(conn, operator, "package.download", run_id, detail)
    return path, path.name


def users_of(conn: Connection, audience_id: str) -> list[Use]:
    """The packages made of an audience."""
    return [Use(name, label) for name, label in queries.using(conn, audience_id)]


def users_of_tag(conn: Connection, tag: str) -> list[Use]:
    """The packages with a column for a tag, by its id."""
    rows = queries.saying(conn, tag)
    return [Use(row.id, row.name) for row in rows if names_tag(read_content(row.content).columns, tag)]


def _checked(operator: Operator, draft: PackageDraft) -> PackageDraft:
    """The draft with what follows from it. Raises Forbidden where clear data needs another role."""
    content = draft.content
    _check_role(operator, content)
    if content.ad is None:
        check_columns(content.columns)
        content = msgspec.structs.replace(content, columns=list(dict.fromkeys(content.columns)))
    else:
        _check_hash(content)
        content = msgspec.structs.replace(content, columns=[], clear=False, format="csv")
    if isinstance(draft.destination, Hook) and (content.ad is not None or content.format != "jsonl"):
        raise WebhookTakesRows
    return msgspec.structs.replace(draft, content=content)


def _check_role(operator: Operator, content: Content) -> None:
    if content.clear and operator.role != "admin":
        raise Forbidden(role="admin")


def _check_hash(content: Content) -> None:
    assert content.ad is not None
    ad = content.ad
    known = PLATFORMS[ad.platform].takes.get(ad.identifier, {})
    if ad.hash not in known or (ad.platform != "other" and ad.digits != "national"):
        platform, taken = PLATFORMS[ad.platform].label.en, ", ".join(known) or "—"
        raise HashNotTaken(platform=platform, identifier=ad.identifier, hash=ad.hash, known=taken)


def _secret(draft: PackageDraft, kept: str, before: Destination | None) -> tuple[str, str | None]:
    """The secret to keep now ("": as it was, or none), and one to show once. Another peer needs its own secret."""
    if draft.destination is None:
        return "", None
    if draft.secret:
        return draft.secret, None
    if kept and before is not None and _peer(before) == _peer(draft.destination):
        return "", None
    if isinstance(draft.destination, Hook):
        made = f"whsec_{new_token()}"
        return made, made
    raise SecretNeeded


def _peer(destination: Destination) -> tuple[Any, ...]:
    """Whom a secret is for: it is never sent to another."""
    names = ("endpoint", "bucket", "key_id", "host", "port", "user", "url")
    return (type(destination), *(getattr(destination, name, None) for name in names))


def _columns(conn: Connection, operator: Operator, draft: PackageDraft, now: int) -> dict[str, Any]:
    check_tags(conn, draft.content.columns)
    zone = current_settings(conn).timezone
    return {
        "name": draft.name.strip(),
        "audience_id": draft.audience,
        "content": _text(draft.content).decode(),
        "destination": _text(draft.destination).decode(),
        "schedule": _text(draft.schedule).decode(),
        "next_at": next_time(draft.schedule, now, zone),
        "owner_id": operator.id,
        "owner": operator.name,
    }


def _told(draft: PackageDraft) -> dict[str, Any]:
    """What the audit says of a package."""
    content, to = draft.content, draft.destination
    return {
        "audience": draft.audience,
        "columns": content.columns,
        "clear": content.clear,
        "platform": content.ad.platform if content.ad else None,
        "to": msgspec.to_builtins(to)["kind"] if to else None,
    }


def _row(conn: Connection, package_id: str) -> Row[Any]:
    row = queries.one(conn, package_id)
    if row is None:
        raise NotFound(what=f"package {package_id[:40]}")
    return row


def _run(conn: Connection, package_id: str, run_id: str) -> Row[Any]:
    row = queries.run(conn, package_id, run_id)
    if row is None:
        raise NotFound(what=f"run {run_id[:40]}")
    return row


def _views(store: Store, conn: Connection, rows: Sequence[Row[Any]]) -> list[PackageView]:
    names, last = names_of(conn), queries.last_runs(conn, [row.id for row in rows])
    return [
        PackageView(
            id=row.id,
            name=row.name,
            audience=row.audience_id,
            audience_name=names.get(row.audience_id, row.audience_id),
            audience_size=len(members_of(store, conn, row.audience_id)) if row.audience_id in names else 0,
            content=read_content(row.content),
            schedule=_read_schedule(row.schedule),
            destination=read_destination(row.destination),
            has_secret=bool(row.secret),
            next_at=iso_or_none(row.next_at),
            owner=row.owner,
            created_at=iso(row.created_at),
            version=row.version,
            last=_run_view(last[row.id]) if row.id in last else None,
        )
        for row in rows
    ]


def _run_view(row: Row[Any]) -> RunView:
    return RunView(
        id=row.id,
        why=row.why,
        state=row.state,
        created_at=iso(row.created_at),
        due_at=iso(row.due_at) if row.state in queries.OPEN else None,
        ended_at=iso_or_none(row.ended_at),
        attempts=row.attempts,
        done=row.done,
        total=row.total,
        persons=len(BitMap64.deserialize(row.members)) if row.members else 0,
        refused=row.refused,
        files=_read_files(row.files),
        clear=row.clear,
        delta=row.delta,
        answer=row.answer,
        expires_at=iso_or_none(row.expires_at),
    )


def _place(row: Row[Any]) -> str:
    return f"{row.created_at}.{row.id}"


def _cursor(after: str | None) -> tuple[int, str] | None:
    if after is None:
        return None
    at, _, name = after.partition(".")
    if not (at.isascii() and at.isdigit() and len(at) < 19):
        raise BadInput(detail="after is no cursor of this list.")
    return int(at), name
