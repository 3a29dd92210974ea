"""Staff and test accounts: told by a rule, by a list of identifiers or by hand, and left out of every figure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from siyu.accounts import Operator, audit
from siyu.collect import anchor_of, key_of
from siyu.identity import find_persons, identifiers_of, keys_of, person_anchor
from siyu.kit import SECOND, FieldError, Invalid, check_version, iso_or_none, mask_identifier, person_ref
from siyu.profiles import staff_queries as queries
from siyu.profiles.settle_queries import bump
from siyu.profiles.types import ListedIdentifier, PersonStaff, StaffDraft, StaffView, StaffWhy
from siyu.store import Store, now_of

AT_ONCE = 2_000
MOST_LISTED = 10_000
_EVERY, _SOON = 20, 2.0

Matching = Callable[[Store, Any], Iterable[int]]
"""Everybody a rule (JSON) holds for, staff included; the audiences room answers it."""


def staff_view(conn: Connection) -> StaffView:
    """Version 0 is no rule yet."""
    row = queries.rule_row(conn)
    return StaffView(
        rule=msgspec.json.decode(row.rule) if row else None,
        identifiers=[_listed(key) for key in queries.keys(conn)],
        persons=queries.count_staff(conn),
        ruled=len(queries.ruled(conn)),
        followed_at=iso_or_none(row.followed_at) if row else None,
        version=row.version if row else 0,
    )


def _listed(key: str) -> ListedIdentifier:
    kind, _, value = key.partition(":")
    return ListedIdentifier(str(anchor_of(key)), kind, mask_identifier(kind.partition(".")[0], value))


def change_staff(conn: Connection, actor: Operator, wanted: StaffDraft, if_match: str | None) -> StaffView:
    """Replace the rule; add identifiers to the list and take some off. Raises Invalid or StaleEdit.

    Who is on the list counts at once, the rule is followed within half a minute.
    """
    row = queries.rule_row(conn)
    version = row.version if row else 0
    check_version(if_match, version)
    held = {str(anchor_of(key)): key for key in queries.keys(conn)}
    came = _keys(wanted)
    went = [held[one] for one in wanted.remove if one in held]
    if len(held) + len(came) - len(went) > MOST_LISTED:
        raise Invalid(errors=[FieldError("add", f"No more than {MOST_LISTED} identifiers.", "too_many")])
    queries.put_keys(conn, came, went)
    queries.put_rule(conn, msgspec.json.encode(wanted.rule).decode(), version + 1)
    queries.again(conn, set(find_persons(conn, [*came, *went]).values()))
    what = {"rule": wanted.rule, "added": len(came), "removed": len(went)}
    audit(conn, actor, "staff.change", "staff", what)
    return staff_view(conn)


def _keys(wanted: StaffDraft) -> list[str]:
    found = [key_of(one.type, one.value) for one in wanted.add]
    errors = [
        FieldError(f"add/{place}", "This is no identifier of that kind.", "bad_identifier")
        for place, key in enumerate(found)
        if key is None
    ]
    if errors:
        raise Invalid(errors)
    return [key for key in found if key is not None]


def say_staff(conn: Connection, actor: Operator, person: int, wanted: bool | None) -> PersonStaff:
    """Set by hand whether a canonical person is staff; None leaves it to rule and list again."""
    anchors = {anchor_of(one.key) for one in identifiers_of(conn, person)} | {person_anchor(person)}
    queries.say(conn, person, sorted(anchors), wanted, now_of(conn))
    queries.again(conn, [person])
    audit(conn, actor, "person.staff", person_ref(person), {"staff": wanted})
    return staff_of(conn, person)


def staff_of(conn: Connection, person: int) -> PersonStaff:
    """Whether a canonical person is staff now, and by what."""
    said = queries.said_among(conn, [person]).get(person)
    staff = person in queries.staff_among(conn, {person: keys_of(conn, [person]).get(person, ())})
    why: StaffWhy | None = None
    if said is not None:
        why = "hand"
    elif staff:
        why = "rule" if queries.ruled_among(conn, [person]) else "list"
    return PersonStaff(staff, why)


def staff_step(store: Store, matching: Matching) -> float:
    """A step of the background loop: a rule that was changed is followed soon, the same one every so often."""
    with store.state.read() as conn:
        row = queries.rule_row(conn)
    if row is None or (row.followed_at and store.clock.now_ms() < row.followed_at + _EVERY * SECOND):
        return _SOON
    return min(follow_staff(store, matching), _SOON)


def follow_staff(store: Store, matching: Matching) -> float:
    """Who fits the rule now is staff, who does no more is not."""
    with store.state.read() as conn:
        row = queries.rule_row(conn)
        idle = row is None or (row.rule == "null" and not queries.ruled(conn))
    if row is None or idle:
        return _EVERY
    rule = msgspec.json.decode(row.rule)
    found = set(matching(store, rule)) if rule is not None else set()
    with store.state.write() as conn:
        now = queries.rule_row(conn)
        if now is None or now.version != row.version:
            return 0.0
        before = queries.ruled(conn)
        queries.change_ruled(conn, found - before, before - found)
        queries.again(conn, found ^ before)
        queries.followed(conn, row.version, now_of(conn))
    return _EVERY


def any_unmirrored(conn: Connection) -> bool:
    """Does anybody wait to be written to the event engine anew?"""
    return bool(queries.waiting(conn, 1))


def next_unmirrored(conn: Connection, now: int) -> list[int]:
    """The next persons who wait for it. They get a new version of their own; call ``mirrored`` when it is done."""
    people = queries.waiting(conn, AT_ONCE)
    bump(conn, people, now)
    return people


def mirrored(conn: Connection, people: Sequence[int]) -> None:
    queries.done(conn, people)
