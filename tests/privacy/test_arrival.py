"""What persons consented to does not depend on when the house hears of it, nor of who they are."""

from __future__ import annotations

import random
from collections.abc import Sequence

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu import identity, privacy
from siyu.accounts import Operator
from siyu.collect import DEFAULTS, PERSON_KIND
from siyu.identity import decisions
from siyu.identity.decisions import NotOnePerson
from siyu.identity.partition import lead, scope
from siyu.identity.views import Decided
from siyu.kit import person_no, person_ref
from siyu.store import Store
from tests.identity.worlds import Ids, clear, in_order, snapshot
from tests.privacy.test_consent import Batch, Columns

KEYS = ["unionid:0", "unionid:1", "user_id:0", "user_id:1", "mobile:0", "device:0"]
WORDS = {"yes": "consent_granted", "no": "consent_withdrawn", "": "page_viewed"}
ACTOR = Operator("op", "阿云", "yun@example.com", "operator")
CHANNELS = ("email", "sms", "wecom")
NOW = 1_000


class Told(msgspec.Struct, frozen=True):
    """One record: who it names, when, and what it says about which channel (``*``: all of them)."""

    ids: Ids
    at: int
    says: str = ""
    channel: str = "*"


TOLD = st.lists(
    st.builds(
        Told,
        st.sets(st.sampled_from(KEYS), min_size=1, max_size=3).map(in_order),
        st.integers(1, 8),
        st.sampled_from(["yes", "no", "no", ""]),
        st.sampled_from(["*", "email", "sms"]),
    ),
    min_size=2,
    max_size=14,
)


def hear(store: Store, told: Sequence[Told], number: int) -> None:
    """A batch as the pipeline takes it over."""
    with store.state.write() as conn:
        ids, times = [one.ids for one in told], [one.at for one in told]
        found = identity.resolve(conn, ids, times, ["s"] * len(told), number, list(range(len(told))))
        events = Columns(
            found.person,
            found.anchor,
            times,
            [WORDS[one.says] for one in told],
            ["s"] * len(told),
            [f'{{"channel":"{one.channel}"}}' for one in told],
        )
        privacy.on_settled(store, conn, Batch(events, found.moves), found.person)


def hear_all(store: Store, told: Sequence[Told], cuts: Sequence[int] = ()) -> None:
    with store.state.write() as conn:
        conn.exec_driver_sql("DELETE FROM privacy_consents")
    clear(store)
    done = number = 0
    while done < len(told):
        size = cuts[number % len(cuts)] if cuts else len(told)
        number += 1
        hear(store, told[done : done + size], number)
        done += size


def answers(store: Store) -> dict[str, tuple[str, ...]]:
    """Identifier → what its person said of each channel."""
    people = snapshot(store)
    with store.state.read() as conn:
        each = [privacy.consent_of(conn, sorted(set(people.values())), channel) for channel in CHANNELS]
        return {key: tuple(answer[person] for answer in each) for key, person in people.items()}


def expected(store: Store, told: Sequence[Told]) -> dict[str, tuple[str, ...]]:
    """The same by living through it moment by moment, given who is who in the end."""
    people = snapshot(store)
    sides = {key: frozenset({key}) for key in people}
    said: dict[frozenset[str], dict[str, str]] = {side: {} for side in sides.values()}
    for at in sorted({one.at for one in told}):
        now = [one for one in told if one.at == at]
        for one in sorted(now, key=lambda one: one.says == "no"):
            speaker = one.ids[lead([scope(key) for key in one.ids], DEFAULTS)]
            if one.says:
                channels = CHANNELS if one.channel == "*" else (one.channel,)
                said[sides[speaker]] |= dict.fromkeys(channels, "withdrawn" if one.says == "no" else "granted")
        for one in now:
            middle = one.ids[lead([scope(key) for key in one.ids], DEFAULTS)]
            for key in one.ids:
                ours, theirs = sides[middle], sides[key]
                if people[key] == people[middle] and ours != theirs:
                    both = ours | theirs
                    said[both] = {
                        channel: max(said[ours].get(channel, ""), said[theirs].get(channel, ""))
                        for channel in (*said[ours], *said[theirs])
                    }
                    sides |= dict.fromkeys(both, both)
    return {key: tuple(said[sides[key]].get(channel, "unknown") for channel in CHANNELS) for key in people}


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=TOLD, cuts=st.lists(st.integers(1, 4), min_size=1, max_size=3), pick=st.randoms(use_true_random=False))
def test_any_order_of_arrival_gives_the_same_consent(
    store: Store, told: list[Told], cuts: list[int], pick: random.Random
) -> None:
    """Records that tie persons together included; and each side of a merge weighs as if heard in time."""
    hear_all(store, told)
    whole = answers(store)
    assert whole == expected(store, told)
    pick.shuffle(told)
    hear_all(store, told, cuts)
    assert answers(store) == whole


def test_a_record_that_ties_earlier_than_known_counts_though_it_says_nothing(store: Store) -> None:
    spoken = [Told(("unionid:0",), 2, "no"), Told(("device:0",), 4, "yes"), Told(("unionid:0", "device:0"), 6)]
    hear_all(store, spoken)
    assert answers(store)["device:0"] == ("withdrawn",) * 3
    hear(store, [Told(("unionid:0", "device:0"), 3)], 2)
    assert answers(store)["device:0"] == ("granted",) * 3, "they were one person when the yes was said"


def about(done: Decided) -> Told:
    """The record by which a decision sees to it that there is a next batch."""
    return Told((f"{PERSON_KIND}:{person_no(done.persons[0])}",), NOW)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=TOLD, later=TOLD, cut=st.integers(0, 14), pick=st.randoms(use_true_random=False))
def test_a_merge_taken_back_leaves_no_trace(
    store: Store, told: list[Told], later: list[Told], cut: int, pick: random.Random
) -> None:
    hear_all(store, [*told, *later])
    never = answers(store)
    hear_all(store, told)
    one, other = (pick.choice(sorted(set(snapshot(store).values()))) for _ in range(2))
    try:
        with store.state.write() as conn:
            done = decisions.merge(conn, ACTOR, person_ref(one), person_ref(other), "")
    except NotOnePerson:
        return
    hear(store, [about(done), *later[:cut]], 100)
    hear(store, later[cut:], 101)
    with store.state.write() as conn:
        back = decisions.undo(conn, ACTOR, done.id)
    hear(store, [about(back)], 102)
    assert answers(store) == never
