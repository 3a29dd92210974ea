"""What operators do with templates: write, change, look at as somebody, try, put away."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy.engine import Connection, Row

from siyu.accounts import Operator, audit
from siyu.audiences import Use
from siyu.content import language, queries
from siyu.content.knowing import known_of, tongues_of
from siyu.content.texts import fault_text
from siyu.content.types import (
    Content,
    Draft,
    Fault,
    FaultView,
    Language,
    Preview,
    PreviewRequest,
    Said,
    Template,
    TemplateView,
    TryRequest,
    TryResult,
    VersionView,
)
from siyu.identity import canonical, exists
from siyu.kit import BadInput, Conflict, FieldError, Invalid, NotFound, Page, check_version, iso, new_id, person_no
from siyu.profiles import mask_trait
from siyu.settings import current_settings
from siyu.store import Store, now_of

Check = Callable[[Connection, str, Template], Sequence[Fault]]
"""(conn, channel, text) → what the channel and the guard table have against it."""


class Parts(msgspec.Struct, frozen=True):
    """What the room needs of those above it; ``app.py`` fills it in. ``limit``: channel → most characters.

    ``send`` hands a filled-in text to an address now, outside gate and outbox.
    """

    check: Check
    limit: Callable[[Connection, str], int]
    send: Callable[[Store, str, Content, str], TryResult]


def template_of(draft: Draft, tongue: Language, ref: str = "") -> Template:
    """One language of a draft as it is sent."""
    said = draft.says[tongue]
    return Template(
        said.subject,
        said.text,
        said.html,
        said.coupon,
        said.template_id,
        tuple(said.fields.items()),
        said.link,
        ref,
        draft.incentive,
        draft.appeal,
    )


def faults_of(conn: Connection, draft: Draft, check: Check) -> list[FaultView]:
    """Everything that keeps a draft from being saved."""
    return [
        FaultView(f"says.{tongue}.{field}", fault.code, fault_text(fault))
        for tongue, said in draft.says.items()
        for field, fault in [
            *_faults_of_texts(said),
            *(("text", fault) for fault in check(conn, draft.channel, template_of(draft, tongue))),
        ]
    ]


def _faults_of_texts(said: Said) -> Iterator[tuple[str, Fault]]:
    texts = {"subject": said.subject, "text": said.text, "html": said.html, "link": said.link}
    texts |= {f"fields.{name}": value for name, value in said.fields.items()}
    for field, text in texts.items():
        for code, name in language.template_faults(text):
            yield field, Fault(code, {"name": name})
        for fault in language.size_faults(text):
            yield field, fault
    if piece := language.unsafe_html(said.html):
        yield "html", Fault("unsafe_html", {"piece": piece})
    if language.bad_link(said.link):
        yield "link", Fault("bad_link")


def _sound(conn: Connection, draft: Draft, parts: Parts) -> None:
    if found := faults_of(conn, draft, parts.check):
        raise Invalid(errors=[FieldError(one.field, f"{one.text['zh']} · {one.text['en']}", one.code) for one in found])


def create(conn: Connection, actor: Operator, draft: Draft, parts: Parts) -> TemplateView:
    """Raises Invalid with every fault."""
    _sound(conn, draft, parts)
    id, now = new_id("tpl"), now_of(conn)
    values = {"id": id, "name": draft.name.strip(), "channel": draft.channel, "version": 1, "created_at": now}
    queries.insert(conn, values)
    _add_version(conn, id, 1, draft, actor)
    audit(conn, actor, "template.create", id, {"channel": draft.channel})
    return view(conn, id)


def change(
    conn: Connection, actor: Operator, id: str, draft: Draft, if_match: str | None, parts: Parts
) -> TemplateView:
    """Write the next version; whoever uses an older one keeps it. Raises Invalid, StaleEdit, Conflict."""
    row = _row(conn, id)
    check_version(if_match, row.version)
    if row.channel != draft.channel:
        raise Conflict(detail="A template stays with its channel; make another one for the other channel.")
    _sound(conn, draft, parts)
    queries.update(conn, id, {"name": draft.name.strip(), "version": row.version + 1, "archived": False})
    _add_version(conn, id, row.version + 1, draft, actor)
    audit(conn, actor, "template.change", id, {"version": row.version + 1})
    return view(conn, id)


def archive(conn: Connection, actor: Operator, id: str) -> TemplateView:
    """Nothing new can use it; what is under way goes on."""
    _row(conn, id)
    queries.update(conn, id, {"archived": True})
    audit(conn, actor, "template.archive", id, {})
    return view(conn, id)


def _add_version(conn: Connection, id: str, number: int, draft: Draft, actor: Operator) -> None:
    text = msgspec.json.encode(draft).decode()
    values = {"template_id": id, "number": number, "draft": text, "at": now_of(conn), "by": actor.name}
    queries.add_version(conn, values)


def uses(conn: Connection, name: str) -> list[Use]:
    """Templates that name a tag: its id, or ``tag.`` and its name."""
    return [Use(row.id, row.name) for row in queries.holding(conn, name) if language.mentions(row.draft, name)]


def _row(conn: Connection, id: str) -> Row[Any]:
    row = queries.newest(conn, id)
    if row is None:
        raise NotFound(what="template")
    return row


def view(conn: Connection, id: str) -> TemplateView:
    return _view(_row(conn, id))


def _view(row: Row[Any]) -> TemplateView:
    draft = msgspec.json.decode(row.draft, type=Draft)
    return TemplateView(
        id=row.id,
        name=row.name,
        channel=row.channel,
        incentive=draft.incentive,
        appeal=draft.appeal,
        says=draft.says,
        version=row.version,
        archived=bool(row.archived),
        updated_at=iso(row.at),
        updated_by=row.by,
    )


def list_templates(
    conn: Connection, channel: str | None, archived: bool, after: str | None, limit: int
) -> Page[TemplateView]:
    """Newest first."""
    at, _, id = (after or "").partition("~")
    if after is not None and not (at.isascii() and at.isdigit() and len(at) < 19 and id):
        raise BadInput(detail="after is no cursor of this list.")
    rows = queries.list_newest(conn, channel, archived, (int(at), id) if after else None, limit)
    return Page([_view(row) for row in rows], f"{rows[-1].created_at}~{rows[-1].id}" if len(rows) == limit else None)


def versions(conn: Connection, id: str) -> Page[VersionView]:
    """Every version, newest first."""
    _row(conn, id)
    found = []
    for row in queries.version_rows(conn, id):
        draft = msgspec.json.decode(row.draft, type=Draft)
        found.append(VersionView(row.number, iso(row.at), row.by, draft.incentive, draft.appeal, draft.says))
    return Page(found)


def split_ref(ref: str) -> tuple[str, int]:
    """``tpl_x@3`` is version 3; without a number it is the newest (0)."""
    id, _, number = ref.partition("@")
    return id, int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 0


def saved(conn: Connection, refs: Collection[str]) -> dict[str, tuple[str, Draft]]:
    """Reference → (its exact version, draft); what does not exist, or is archived, is not in the answer."""
    wanted = {ref: split_ref(ref) for ref in refs}
    texts = queries.drafts(conn, {id for id, _ in wanted.values()})
    newest = queries.newest_numbers(conn, {id for id, _ in wanted.values()})
    return {
        ref: (f"{id}@{number or newest[id]}", msgspec.json.decode(texts[id, number], type=Draft))
        for ref, (id, number) in wanted.items()
        if (id, number) in texts
    }


def for_persons(conn: Connection, ref: str, persons: Sequence[int]) -> dict[int, Template]:
    """A saved template as each person gets it, in their language; empty when there is no such template."""
    found = saved(conn, [ref]).get(ref)
    if found is None:
        return {}
    exact, draft = found
    ready = {tongue: template_of(draft, tongue, exact) for tongue in draft.says}
    tongues = tongues_of(conn, persons) if len(ready) > 1 else {}
    return {person: ready[_spoken(draft, tongues.get(person, ""))] for person in persons}


def _spoken(draft: Draft, tongue: str) -> Language:
    wanted: list[Language] = ["en", "zh"] if tongue == "en" else ["zh", "en"]
    return next(one for one in wanted if one in draft.says)


def preview(store: Store, conn: Connection, wanted: PreviewRequest, parts: Parts) -> Preview:
    """A draft as one person would get it, personal data masked. Raises NotFound for an unknown person."""
    draft = wanted.draft
    values, tongue = _values(store, conn, wanted.person, draft, wanted.language)
    content = language.render(template_of(draft, tongue), values, "https://…/u/…")
    return Preview(
        language=tongue,
        subject=content.subject,
        text=content.text,
        html=content.html,
        fields=content.fields,
        link=content.link,
        length=len(content.text),
        limit=parts.limit(conn, draft.channel),
        faults=faults_of(conn, draft, parts.check),
    )


def _values(
    store: Store, conn: Connection, ref: str, draft: Draft, wanted: Language | None
) -> tuple[Mapping[str, Any], Language]:
    """What is known of a person, personal data masked, and the language they get the draft in."""
    if not ref:
        brand = {"brand": current_settings(conn).brand_name}
        return brand, wanted if wanted in draft.says else _spoken(draft, "")
    number = person_no(ref)
    if not exists(conn, number):
        raise NotFound(what="person")
    person = canonical(conn, [number])[number]
    tongue = wanted if wanted in draft.says else _spoken(draft, tongues_of(conn, [person]).get(person, ""))
    names = {one.name for text in template_of(draft, tongue).texts() for one in language.variables(text)}
    known = known_of(store, conn, names, [person])[person]
    return {name: mask_trait(name, value) for name, value in known.items()}, tongue


def prepare_try(store: Store, conn: Connection, actor: Operator, id: str, wanted: TryRequest) -> tuple[str, Content]:
    """The channel and the newest version filled in for a test send, which is audited. Personal data stays masked."""
    draft = msgspec.json.decode(_row(conn, id).draft, type=Draft)
    values, tongue = _values(store, conn, wanted.person, draft, wanted.language)
    audit(conn, actor, "template.try", id, {"channel": draft.channel})
    return draft.channel, language.render(template_of(draft, tongue), values, "")
