"""How statements of consent add up. Pure: the same statements give the same answer in any order and any number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from siyu.privacy.types import EVERY_CHANNEL, MARKETING, Answer, Consent, EventColumns

STATEMENTS = {"consent_granted": False, "consent_withdrawn": True, "opted_out": True}
"""Event name → does it withdraw?"""

Key = tuple[int, int, str, str]
"""Person, anchor, channel, purpose."""


class _Props(msgspec.Struct):
    channel: str | list[str] | None = None
    purpose: str | None = None
    text_version: str | int | float | None = None


_decode = msgspec.json.Decoder(_Props, strict=False).decode


def statements(events: EventColumns) -> list[Consent]:
    """Every statement of consent among the events, one for each channel it names."""
    return [
        consent
        for row, name in enumerate(events.event)
        if name in STATEMENTS
        for consent in _read(
            (events.person[row], events.anchor[row]), name, events.time[row], events.source[row], events.props[row]
        )
    ]


def _read(who: tuple[int, int], name: str, at: int, source_id: str, text: str) -> list[Consent]:
    withdrawn = STATEMENTS[name]
    try:
        props = _decode(text)
    except (msgspec.DecodeError, msgspec.ValidationError):
        if not withdrawn:
            return []  # A yes that cannot be read is no yes; a no is a no however it is written.
        props = _Props()
    named = [props.channel] if isinstance(props.channel, str) else props.channel or []
    channels = sorted({channel.strip().lower() for channel in named} - {""}) or [EVERY_CHANNEL]
    said: dict[str, object] = {"event": name}
    if props.text_version is not None:
        said["text_version"] = str(props.text_version)
    evidence = msgspec.json.encode(said).decode()
    purpose = (props.purpose or "").strip().lower() or MARKETING
    return [Consent(*who, channel, purpose, withdrawn, at, evidence, source_id) for channel in channels]


def fold(consents: Iterable[Consent]) -> dict[Key, Consent]:
    """The statement that holds by each anchor of a person, for each channel and purpose: the later; at the same time,
    the withdrawal."""
    held: dict[Key, Consent] = {}
    for consent in consents:
        key = (consent.person, consent.anchor, consent.channel, consent.purpose)
        if key not in held or consent.weight > held[key].weight:
            held[key] = consent
    return held


def heaviest(consents: Iterable[Consent], channel: str) -> Consent | None:
    """What holds for one channel, given one person's statements of one purpose: its own or the one for all channels."""
    fitting = [consent for consent in consents if consent.channel in (channel, EVERY_CHANNEL)]
    return max(fitting, key=lambda consent: consent.weight, default=None)


def answer(consents: Iterable[Consent], channel: str) -> Answer:
    held = heaviest(consents, channel)
    if held is None:
        return "unknown"
    return "withdrawn" if held.withdrawn else "granted"


def holding(consents: Iterable[Consent]) -> list[Consent]:
    """One person's statements that hold over all anchors: for each channel and purpose the heaviest."""
    held: dict[tuple[str, str], Consent] = {}
    for consent in consents:
        key = (consent.channel, consent.purpose)
        if key not in held or consent.weight > held[key].weight:
            held[key] = consent
    return list(held.values())


def merge(person: int, anchor: int, sides: Iterable[Sequence[Consent]]) -> list[Consent]:
    """What a seal (``anchor``) says once several sides became ``person``: a channel withdrawn by any is withdrawn.

    Where all agreed it says nothing, but for a yes beside a no to all channels. The withdrawal takes the newest time
    of all sides, so that nothing said before the merge can undo it.
    """
    parts = [side for side in sides if side]
    named = sorted({(consent.channel, consent.purpose) for side in parts for consent in side})
    rows = [_strictest(channel, purpose, parts) for channel, purpose in named]
    lost = {row.purpose: row.at for row in rows if row.withdrawn and row.channel == EVERY_CHANNEL}
    return [
        msgspec.structs.replace(_kept(row, lost.get(row.purpose)), person=person, anchor=anchor)
        for row in rows
        if row.withdrawn or row.purpose in lost
    ]


def _kept(row: Consent, all_lost_at: int | None) -> Consent:
    """A yes to one channel that every side gave stays one beside a no to all: it must not tie with it."""
    if row.withdrawn or all_lost_at is None or row.at > all_lost_at:
        return row
    return msgspec.structs.replace(row, at=all_lost_at + 1)


def _strictest(channel: str, purpose: str, parts: Sequence[Sequence[Consent]]) -> Consent:
    held = [
        found
        for side in parts
        if (found := heaviest((consent for consent in side if consent.purpose == purpose), channel)) is not None
    ]
    at = max(consent.at for consent in held)
    strictest = max(held, key=lambda consent: (consent.withdrawn, consent.weight))
    return msgspec.structs.replace(strictest, channel=channel, at=at)
