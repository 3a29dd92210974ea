"""Can this person be reached on this channel? Computed from facts, and able to say why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec
from sqlalchemy.engine import Connection

from siyu.identity import keys_of
from siyu.profiles import queries
from siyu.profiles.types import Known, Reach

Withdrawn = Mapping[int, frozenset[str]]
"""Person → channels for which consent is withdrawn, as ``privacy.withdrawn`` answers it."""

NOBODY: Withdrawn = MappingProxyType({})

PUSH_TOKEN = "push_token"  # noqa: S105 - the name of a trait


class _Rule(msgspec.Struct, frozen=True):
    """``addresses``: families that hold an address, best first; ``joined``: an event must have switched it on."""

    addresses: tuple[str, ...]
    joined: bool = False
    needs_address: bool = True


_ANY = (
    "user_id",
    "unionid",
    "mobile",
    "email",
    "member_card",
    "external_userid",
    "openid",
    "buyer_id",
    "custom",
    "device",
)

_RULES: dict[str, _Rule] = {
    "email": _Rule(("email",)),
    "sms": _Rule(("mobile",)),
    "official_account": _Rule(("openid",), joined=True),
    "wecom_friend": _Rule(("external_userid",), joined=True),
    "wecom_group": _Rule(("external_userid",), joined=True, needs_address=False),
    "mini_program": _Rule(("openid",), joined=True),
    "app": _Rule((PUSH_TOKEN,)),
    "website": _Rule(("device",)),
    "webhook": _Rule(_ANY),
}
CHANNELS: tuple[str, ...] = tuple(_RULES)

REACH_TEXTS: dict[str, dict[str, str]] = {
    "reachable": {"zh": "可触达", "en": "Reachable"},
    "no_address": {"zh": "没有可用的地址或账号", "en": "No address or account is known"},
    "not_joined": {"zh": "尚未关注、加好友或使用", "en": "Has not followed, added or used it yet"},
    "left": {"zh": "已取关、删除、退出或卸载", "en": "Has unfollowed, removed, left or uninstalled"},
    "consent_withdrawn": {"zh": "已退订或撤回同意", "en": "Opted out or withdrew consent"},
    "unknown_channel": {"zh": "没有这个渠道", "en": "There is no such channel"},
}
"""Every ``Reach.why`` in words."""


def reach_of(known: Known, channel: str, withdrawn: frozenset[str] = frozenset()) -> Reach:
    """Decide one channel. Order of reasons: left, not joined, no address, consent."""
    rule = _RULES.get(channel)
    if rule is None:
        return Reach(channel, False, "unknown_channel")
    state = known.states.get(channel)
    address = next((known.addresses[family] for family in rule.addresses if family in known.addresses), None)
    since = state[1] if state else 0
    if state and not state[0]:
        return Reach(channel, False, "left", address, since)
    if rule.joined and not state:
        return Reach(channel, False, "not_joined", address, 0)
    if rule.needs_address and not address:
        return Reach(channel, False, "no_address", None, 0)
    if channel in withdrawn or "*" in withdrawn:
        return Reach(channel, False, "consent_withdrawn", address, since)
    return Reach(channel, True, "reachable", address, since)


def address_kind(channel: str) -> str:
    """The kind of address a channel uses, for masking."""
    rule = _RULES.get(channel)
    return rule.addresses[0] if rule else ""


def reachable(conn: Connection, person: int, channel: str, withdrawn: Withdrawn = NOBODY) -> Reach:
    """Reach of one canonical person on one channel. ``withdrawn`` comes from ``privacy.withdrawn``."""
    return reachable_many(conn, [person], channel, withdrawn)[person]


def reachable_many(
    conn: Connection, persons: Sequence[int], channel: str, withdrawn: Withdrawn = NOBODY
) -> dict[int, Reach]:
    """Reach of many canonical persons on one channel; every person asked for is in the answer."""
    known = queries.known_of(conn, persons)
    return {person: reach_of(known[person], channel, withdrawn.get(person, frozenset())) for person in persons}


def at_account(reach: Reach, keys: set[str], kind: str) -> Reach:
    """Reach where the address must be one of our own account: ``kind`` is ``openid.wx1``. An openid that came without
    its account is taken to be ours.
    """
    mine = sorted(key.partition(":")[2] for key in keys if key.partition(":")[0] == kind)
    plain = sorted(key.partition(":")[2] for key in keys if key.partition(":")[0] == kind.partition(".")[0])
    address = next(iter((*mine, *plain)), None)
    if address or not reach.ok:
        return msgspec.structs.replace(reach, address=address)
    return msgspec.structs.replace(reach, ok=False, why="no_address", address=None)


def reach_list(
    conn: Connection, person: int, withdrawn: Withdrawn = NOBODY, accounts: Mapping[str, str] = MappingProxyType({})
) -> list[Reach]:
    """Reach of one canonical person on every channel. ``accounts``: channel → the kind of address of our account."""
    known, keys = queries.known_of(conn, [person])[person], keys_of(conn, [person]).get(person, set())
    rows = [reach_of(known, channel, withdrawn.get(person, frozenset())) for channel in CHANNELS]
    return [at_account(row, keys, accounts[row.channel]) if row.channel in accounts else row for row in rows]


def channels_of_known(known_of: Mapping[int, Known], withdrawn: Withdrawn = NOBODY) -> dict[int, list[str]]:
    """The channels each person can be reached on now, from facts at hand."""
    answer: dict[int, list[str]] = {}
    shared: dict[tuple[object, ...], list[str]] = {}
    for person, known in known_of.items():
        lost = withdrawn.get(person, frozenset())
        # What decides is which facts exist, not their values: most of a batch falls into a handful of patterns.
        pattern = (*known.addresses, None, *((name, state[0]) for name, state in known.states.items()), None, lost)
        if pattern not in shared:
            shared[pattern] = [name for name in CHANNELS if reach_of(known, name, lost).ok]
        answer[person] = shared[pattern]
    return answer


def reachable_channels(conn: Connection, persons: Sequence[int], withdrawn: Withdrawn = NOBODY) -> dict[int, list[str]]:
    """The channels each canonical person can be reached on now; every person asked for is in the answer."""
    return channels_of_known(queries.known_of(conn, persons), withdrawn)
