"""Stored rows as the API shows them, personal data masked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from siyu.catalog import Spoken
from siyu.collect import anchor_of
from siyu.identity import Identifier
from siyu.kit import iso, iso_or_none, mask_identifier, mask_name, person_ref
from siyu.profiles.lifecycle import stage_of
from siyu.profiles.masking import mask_json, mask_trait
from siyu.profiles.portrait import name_of, portrait_of
from siyu.profiles.reach import REACH_TEXTS, address_kind
from siyu.profiles.types import (
    Bilingual,
    ConsentRow,
    ConsentView,
    Entered,
    Facts,
    Happening,
    IdentifierView,
    MaskedIdentifier,
    MembershipView,
    Order,
    OrderView,
    PersonPage,
    PersonStaff,
    Reach,
    ReachView,
    SensitiveView,
    StageReasonView,
    StageView,
    TimelineItem,
    Trait,
    TraitView,
    Windows,
)


class Material(msgspec.Struct, frozen=True):
    """What a person page is made of. ``sources`` names source ids."""

    facts: Facts
    traits: list[Trait]
    identifiers: list[Identifier]
    merged: list[int]
    reach: list[Reach]
    sources: Mapping[str, str]


def page(
    material: Material,
    consent: Sequence[ConsentRow],
    audiences: Sequence[MembershipView],
    more: tuple[PersonStaff, list[SensitiveView]],
    windows: Windows,
    now: int,
) -> PersonPage:
    facts, sources = material.facts, material.sources
    name = name_of(material.traits)
    return PersonPage(
        id=person_ref(facts.person),
        name=mask_name(name) if name else None,
        stage=_stage(facts, windows, now),
        created_at=iso(facts.created_at),
        entered=_entered(facts, sources),
        orders=facts.orders,
        revenue_fen=facts.revenue,
        first_order_at=iso_or_none(facts.first_order_at),
        last_order_at=iso_or_none(facts.last_order_at),
        traits=_traits(material),
        identifiers=[_identifier(one, sources) for one in material.identifiers],
        merged_from=[person_ref(person) for person in material.merged],
        reachable=[_reach(reach, material.identifiers) for reach in material.reach],
        consent=[_consent(row) for row in consent],
        audiences=list(audiences),
        portrait=portrait_of(material.traits, now, sources),
        staff=more[0],
        sensitive=more[1],
    )


def _stage(facts: Facts, windows: Windows, now: int) -> StageView:
    stage, why = stage_of(facts, windows, now)
    reason = StageReasonView(why.orders, iso_or_none(why.last_order_at), why.windows)
    return StageView(stage, iso_or_none(why.since), reason)


def _entered(facts: Facts, sources: Mapping[str, str]) -> Entered | None:
    if not facts.entered_at:
        return None
    source = sources.get(facts.entered_source_id, facts.entered_source_id)
    return Entered(iso(facts.entered_at), facts.entered_via, source)


def _traits(material: Material) -> list[TraitView]:
    said_by = {anchor_of(one.key): one for one in material.identifiers}
    return [_trait(trait, material.sources, said_by.get(trait.anchor)) for trait in material.traits]


def _trait(trait: Trait, sources: Mapping[str, str], by: Identifier | None) -> TraitView:
    name = sources.get(trait.source_id, trait.source_id)
    shown = MaskedIdentifier(by.kind, mask_identifier(by.kind.partition(".")[0], by.value)) if by else None
    value = mask_trait(trait.name, trait.value)
    return TraitView(trait.name, value, trait.source_id, name, iso(trait.at), shown)


def _identifier(one: Identifier, sources: Mapping[str, str]) -> IdentifierView:
    masked = mask_identifier(one.kind.partition(".")[0], one.value)
    source = sources.get(one.source_id, one.source_id)
    return IdentifierView(one.kind, masked, iso(one.first_seen_at), None, source)


def _consent(row: ConsentRow) -> ConsentView:
    state = "withdrawn" if row.withdrawn else "granted"
    return ConsentView(row.channel, row.purpose, state, iso(row.at), mask_json(row.evidence))


def _reach(reach: Reach, identifiers: Sequence[Identifier]) -> ReachView:
    seen = min((one.first_seen_at for one in identifiers if one.value == reach.address), default=0)
    return ReachView(
        channel=reach.channel,
        reachable=reach.ok,
        why=reach.why,
        text=Bilingual(**REACH_TEXTS[reach.why]),
        address=mask_identifier(address_kind(reach.channel), reach.address) if reach.address else None,
        since=iso_or_none(reach.since or seen),
    )


def timeline_item(row: Happening, sources: Mapping[str, str], spoken: Spoken) -> TimelineItem:
    label = spoken.event(row.event)
    return TimelineItem(
        key=str(row.key),
        time=iso(row.time),
        received_at=iso(row.received),
        event=row.event,
        label=Bilingual(label.zh, label.en),
        source_name=sources.get(row.source_id, row.source_id),
        amount_fen=row.amount,
        props=mask_json(row.props),
        context=mask_json(row.context),
    )


def order(row: Order, sources: Mapping[str, str]) -> OrderView:
    return OrderView(
        order_id=row.order_id,
        shop=row.shop,
        paid_at=iso_or_none(row.paid_at),
        amount_fen=row.amount,
        refunded_fen=row.refunded,
        currency=row.currency,
        units=row.units,
        source_name=sources.get(row.source_id, row.source_id),
        status=_status(row),
        raw=mask_json(row.raw),
    )


def _status(row: Order) -> str:
    if not row.paid_at:
        return "refund_only"
    if not row.refunded:
        return "paid"
    return "refunded" if row.refunded >= row.amount else "partly_refunded"
