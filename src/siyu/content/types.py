"""What is to be said: texts with variables, saved templates and their versions, and a text filled in."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

Incentive = Literal["discount", "coupon", "gift", "points", "privilege", "service", "knowledge", "care"]
Appeal = Literal["self", "altruistic"]
PROMOTIONS = frozenset({"discount", "coupon", "gift", "points"})
"""Incentives that are money in some form: they count as promotion."""

Language = Literal["zh", "en"]


class Template(msgspec.Struct, frozen=True):
    """What is to be said, with ``{{variables}}``. ``html`` empty: made from ``text``.

    ``template_id`` is the vendor's approved template and ``fields`` its variables, where a channel sends by template.
    ``ref`` names the saved template and its version (``tpl_…@2``), empty where the text stands by itself.
    """

    subject: str
    text: str
    html: str = ""
    coupon: str = ""
    template_id: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    link: str = ""
    ref: str = ""
    incentive: str = ""
    appeal: str = ""

    def texts(self) -> list[str]:
        """Every text that may hold variables."""
        return [self.subject, self.text, self.html, self.link, *(value for _, value in self.fields)]

    @property
    def promotes(self) -> bool:
        """Whether it offers money in some form."""
        return self.incentive in PROMOTIONS or (not self.incentive and bool(self.coupon))


class Content(msgspec.Struct, frozen=True):
    """A message with every variable filled in."""

    subject: str = ""
    text: str = ""
    html: str = ""
    coupon: str = ""
    unsubscribe: str = ""
    masked: str = ""
    """The subject for operators' lists: what is personal in it is masked."""
    template_id: str = ""
    fields: dict[str, str] = {}
    link: str = ""


Short = Annotated[str, msgspec.Meta(max_length=120)]


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One language of a template."""

    subject: Annotated[str, msgspec.Meta(max_length=500)] = ""
    text: Annotated[str, msgspec.Meta(max_length=20_000)] = ""
    html: Annotated[str, msgspec.Meta(max_length=100_000)] = ""
    coupon: Annotated[str, msgspec.Meta(max_length=60)] = ""
    template_id: Annotated[str, msgspec.Meta(max_length=100)] = ""
    fields: Annotated[dict[Short, Annotated[str, msgspec.Meta(max_length=500)]], msgspec.Meta(max_length=30)] = {}
    link: Annotated[str, msgspec.Meta(max_length=2000)] = ""


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A template as an operator writes it. ``says``: language → text; a person gets theirs, else the Chinese one,
    else whatever there is."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    channel: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    incentive: Incentive
    appeal: Appeal
    says: Annotated[dict[Language, Said], msgspec.Meta(min_length=1)]


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a text: a code of ``texts.FAULTS`` and what fills it."""

    code: str
    params: dict[str, Any] = {}


class FaultView(msgspec.Struct, frozen=True):
    """``field`` is ``says.zh.text``; ``text`` is ``{zh, en}``."""

    field: str
    code: str
    text: dict[str, str]


class TemplateView(msgspec.Struct, frozen=True):
    """``version`` is both what an edit must name and the newest version; older ones stay for whoever uses them."""

    id: str
    name: str
    channel: str
    incentive: Incentive
    appeal: Appeal
    says: dict[Language, Said]
    version: int
    archived: bool
    updated_at: str
    updated_by: str


class VersionView(msgspec.Struct, frozen=True):
    version: int
    at: str
    by: str
    incentive: Incentive
    appeal: Appeal
    says: dict[Language, Said]


class PreviewRequest(msgspec.Struct, frozen=True):
    """A draft as some person would get it; without one, with its defaults."""

    draft: Draft
    person: Annotated[str, msgspec.Meta(max_length=40)] = ""
    language: Language | None = None


class Preview(msgspec.Struct, frozen=True):
    """``length`` counts the characters of the text, ``limit`` is the channel's. Personal data is masked."""

    language: Language
    subject: str
    text: str
    html: str
    fields: dict[str, str]
    link: str
    length: int
    limit: int
    faults: list[FaultView]


class TryRequest(msgspec.Struct, frozen=True):
    """A test send: to an address, filled in as for a person."""

    address: Annotated[str, msgspec.Meta(min_length=1, max_length=320)]
    person: Annotated[str, msgspec.Meta(max_length=40)] = ""
    language: Language | None = None


class TryResult(msgspec.Struct, frozen=True):
    """What the peer said to a test message."""

    state: str
    code: str
    text: dict[str, str]
