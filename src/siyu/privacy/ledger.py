"""How statements of consent add up. Pure: the same statements give the same answer in any order and any number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, groupby

import msgspec

from siyu.identity import Joint
from siyu.privacy.types import EVERY_CHANNEL, MARKETING, SETTLED, Answer, Consent, EventColumns

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


def settled(words: Sequence[Consent], joints: Iterable[Joint]) -> list[Consent]:
    """What one person's anchors come to where they became one: of all that was said until then the stricter.

    ``joints``: since when they belong together. Anchors that nothing ties to the others are a side until the last.
    """
    into: dict[int, int] = {}
    said: dict[int, list[Consent]] = {}
    for word in words:
        said.setdefault(word.anchor, []).append(word)
    seals = []
    for at, level in groupby(sorted(joints), key=lambda joint: joint.at):
        for sides in _flow_together(into, level):
            seals += _seal(said, sides, at)
    seals += _seal(said, list(said), max((word.at for word in words), default=0))
    return list(fold(seals).values())


def _flow_together(into: dict[int, int], level: Iterable[Joint]) -> list[list[int]]:
    """Sides that become one at one moment, the one that stands for them first."""
    together: dict[int, list[int]] = {}
    for joint in level:
        one, two = _root(into, joint.one), _root(into, joint.two)
        if one != two:
            into[two] = one
            together[one] = together.pop(one, [one]) + together.pop(two, [two])
    return list(together.values())


def _root(into: dict[int, int], anchor: int) -> int:
    while (above := into.get(anchor)) is not None:
        anchor = above
    return anchor


def _seal(said: dict[int, list[Consent]], sides: Sequence[int], at: int) -> list[Consent]:
    """Make one of several sides; answers what had to be settled."""
    parts = [said.pop(side) for side in sides if side in said]
    if not parts:
        return []
    seal = merge([word for word in part if word.at <= at] for part in parts) if len(parts) > 1 else []
    said[sides[0]] = [*chain(*parts), *seal]
    return seal


def merge(sides: Iterable[Sequence[Consent]]) -> list[Consent]:
    """What holds once several sides became one person: a channel withdrawn by any is withdrawn.

    Where all agreed it says nothing, but for a yes beside a no to all channels. The withdrawal takes the newest time
    of all sides, so that nothing said before the merge can undo it.
    """
    parts = [side for side in sides if side]
    named = sorted({(consent.channel, consent.purpose) for side in parts for consent in side})
    rows = [_strictest(channel, purpose, parts) for channel, purpose in named]
    lost = {row.purpose: row.at for row in rows if row.withdrawn and row.channel == EVERY_CHANNEL}
    return [
        msgspec.structs.replace(_kept(row, lost.get(row.purpose)), anchor=SETTLED)
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
