"""How statements of consent add up. Pure: the same statements give the same answer in any order and any number."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from siyu.privacy.types import EVERY_CHANNEL, MARKETING, Answer, Consent, EventColumns

STATEMENTS = {"consent_granted": False, "consent_withdrawn": True, "opted_out": True}
"""Event name → does it withdraw?"""

Key = tuple[int, str, str]
"""Person, channel, purpose."""


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
        for consent in _read(events.person[row], name, events.time[row], events.source[row], events.props[row])
    ]


def _read(person: int, name: str, at: int, source_id: str, text: str) -> list[Consent]:
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
    return [Consent(person, channel, purpose, withdrawn, at, evidence, source_id) for channel in channels]


def fold(consents: Iterable[Consent]) -> dict[Key, Consent]:
    """The statement that holds for each person, channel and purpose: the later; at the same time, the withdrawal."""
    held: dict[Key, Consent] = {}
    for consent in consents:
        key = (consent.person, consent.channel, consent.purpose)
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


def merge(person: int, sides: Iterable[list[Consent]]) -> list[Consent]:
    """Consent of ``person`` after several persons became one: a channel withdrawn by any of them is withdrawn.

    The withdrawal takes the newest time of all sides, so that nothing said before the merge can undo it.
    """
    parts = [side for side in sides if side]
    named = sorted({(consent.channel, consent.purpose) for side in parts for consent in side})
    rows = [_strictest(person, channel, purpose, parts) for channel, purpose in named]
    lost = {row.purpose: row.at for row in rows if row.withdrawn and row.channel == EVERY_CHANNEL}
    return [_kept(row, lost.get(row.purpose)) for row in rows]


def _kept(row: Consent, all_lost_at: int | None) -> Consent:
    """A yes to one channel that every side gave stays one beside a no to all: it must not tie with it."""
    if row.withdrawn or all_lost_at is None or row.at > all_lost_at:
        return row
    return msgspec.structs.replace(row, at=all_lost_at + 1)


def _strictest(person: int, channel: str, purpose: str, parts: list[list[Consent]]) -> Consent:
    held = [
        found
        for side in parts
        if (found := heaviest((consent for consent in side if consent.purpose == purpose), channel)) is not None
    ]
    at = max(consent.at for consent in held)
    strictest = max(held, key=lambda consent: (consent.withdrawn, consent.weight))
    return msgspec.structs.replace(strictest, person=person, channel=channel, at=at)
