"""How annoyed somebody is with us, 0 to 100, and how often we may still write to them.

Every bad signal has a weight and fades by half in ``half_life_days``; messages in a row that nobody answered add to it.
With raw = Σ weight × faded count + 1.5 × (ignored in a row beyond the rule's), score = 100 × (1 − e^(−raw / 60)).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec
from sqlalchemy.engine import Connection

from siyu.catalog import STANDARD, Label, word_label
from siyu.collect import EmittedEvent, TraitOp, emit
from siyu.delivery import annoyance_queries as queries
from siyu.delivery.policies import AnnoyanceRule, Policies, policy_table
from siyu.delivery.queries import history
from siyu.identity import canonical, exists
from siyu.kit import DAY, NotFound, iso_or_none, person_no
from siyu.pipeline import Settled
from siyu.profiles import traits_of
from siyu.store import Store, chunks, now_of

WEIGHTS: dict[str, float] = {
    "complained": 50.0,
    "blocked": 35.0,
    "opted_out": 30.0,
    "consent_withdrawn": 30.0,
    "wecom_friend_removed": 30.0,
    "app_uninstalled": 20.0,
    "oa_unfollowed": 20.0,
    "group_left": 15.0,
    "muted": 15.0,
}
"""Signal → points, where the guard table says nothing else."""

ANSWERED = "answered"
_ANSWERS = frozenset({"message_opened", "message_clicked", "message_replied", "order_paid", "oa_message_received"})
_BLOCKED = frozenset({"blocked_by_person", "not_friend", "not_following"})
TRAIT = "annoyance"
_STEP = 3
"""A change smaller than this is not worth writing a person anew."""

_AT_ONCE = 2_000
PER_IGNORED = 1.5
_SPREAD = 60.0


class SignalView(msgspec.Struct, frozen=True):
    """``points``: what it adds to the raw sum now."""

    signal: str
    label: Label
    times: int
    last_at: str | None
    points: float


class AnnoyanceView(msgspec.Struct, frozen=True):
    """``weekly``: messages this person may get in seven days, of ``usual`` by the cap. ``ignored``: messages in a row
    without an answer."""

    score: int
    weekly: int
    usual: int
    ignored: int
    half_life_days: int
    tighten: int
    stop: int
    signals: list[SignalView]


def take(conn: Connection, settled: Settled) -> None:
    """Take over the signals of a settled batch, in its transaction."""
    queries.follow_moves(conn, settled.moves)
    rule = Policies(policy_table(conn)).annoyance()
    happened: dict[tuple[int, int, str], list[int]] = defaultdict(list)
    for person, anchor, signal, at in _signals(settled):
        happened[person, anchor, signal].append(at)
    queries.add(conn, happened, rule.half_life_days * DAY)


def _signals(settled: Settled) -> Iterator[tuple[int, int, str, int]]:
    events = settled.events
    columns = zip(events.person, events.anchor, events.event, events.time, events.props, strict=True)
    for person, anchor, event, at, props in columns:
        if event in WEIGHTS:
            yield person, anchor, event, at
        elif event in _ANSWERS:
            yield person, anchor, ANSWERED, at
        elif event == "message_failed" and any(f'"{code}"' in props for code in _BLOCKED):
            yield person, anchor, "blocked", at


def _points(rows: Collection[queries.Signal], rule: AnnoyanceRule, now: int) -> dict[str, float]:
    """Signal → points now."""
    found: dict[str, float] = defaultdict(float)
    for row in rows:
        weight = rule.weights.get(row.signal, WEIGHTS.get(row.signal, 0.0))
        found[row.signal] += weight * row.weight * 0.5 ** (max(0, now - row.at) / (rule.half_life_days * DAY))
    return found


def score_of(points: float, ignored: int, rule: AnnoyanceRule) -> float:
    """0 to 100."""
    raw = points + PER_IGNORED * max(0, ignored - rule.ignored)
    return 100.0 * (1.0 - math.exp(-raw / _SPREAD))


def scores(
    conn: Connection, persons: Sequence[int], sent: Mapping[int, Sequence[int]], rule: AnnoyanceRule, now: int
) -> dict[int, float]:
    """The score of canonical persons; 0 is left out. ``sent``: when each was written to lately."""
    held: dict[int, list[queries.Signal]] = defaultdict(list)
    for row in queries.signals_of(conn, persons):
        held[row.person].append(row)
    found = {}
    for person in persons:
        rows = held.get(person, [])
        ignored = _ignored(rows, sent.get(person, ()))
        if rows or ignored > rule.ignored:
            found[person] = score_of(sum(_points(rows, rule, now).values()), ignored, rule)
    return found


def _ignored(rows: Collection[queries.Signal], sent: Sequence[int]) -> int:
    since = max((row.at for row in rows if row.signal == ANSWERED), default=0)
    return sum(at > since for at in sent)


def tell(store: Store) -> None:
    """Keep the trait ``annoyance`` up with the score, which fades by itself; audiences and journeys read it there."""
    with store.state.read() as conn:
        people = queries.people(conn)
    for part in chunks(people, _AT_ONCE):
        with store.state.write() as conn:
            _tell(conn, part, store.clock.now_ms())


def _tell(conn: Connection, people: Sequence[int], now: int) -> None:
    sent: dict[int, list[int]] = defaultdict(list)
    for person, _, at, *_ in history(conn, people, now - 32 * DAY):
        sent[person].append(at)
    found = scores(conn, people, sent, Policies(policy_table(conn)).annoyance(), now)
    known = traits_of(conn, people, [TRAIT])
    changed = []
    for person in people:
        score, before = round(found.get(person, 0.0)), known.get(person, {}).get(TRAIT, 0)
        if score != before and (abs(score - before) >= _STEP or not score):
            op = TraitOp("set", TRAIT, str(score))
            changed.append(EmittedEvent("", person, now, f"annoyance {person} {now}", traits=(op,)))
    emit(conn, changed, now)


def weekly(usual: int, score: float, rule: AnnoyanceRule) -> int:
    """Messages in seven days: the usual cap up to ``tighten``, shrinking to none at ``stop``."""
    if score < rule.tighten:
        return usual
    share = max(0.0, (rule.stop - score) / (rule.stop - rule.tighten))
    return math.ceil((usual or 7) * share)


def explain(conn: Connection, ref: str) -> AnnoyanceView:
    """The score of one person and what it is made of. Raises NotFound."""
    number = person_no(ref)
    if not exists(conn, number):
        raise NotFound(what=ref[:40])
    person, now = canonical(conn, [number])[number], now_of(conn)
    policies = Policies(policy_table(conn))
    rule, usual = policies.annoyance(), policies.cap().days_7
    rows = queries.signals_of(conn, [person])
    points = _points(rows, rule, now)
    ignored = _ignored(rows, queries.sent_times(conn, person, now - 32 * DAY))
    score = score_of(sum(points.values()), ignored, rule)
    return AnnoyanceView(
        score=round(score),
        weekly=weekly(usual, score, rule),
        usual=usual,
        ignored=ignored,
        half_life_days=rule.half_life_days,
        tighten=rule.tighten,
        stop=rule.stop,
        signals=[
            SignalView(
                signal,
                _label(signal),
                sum(row.times for row in rows if row.signal == signal),
                iso_or_none(max(row.at for row in rows if row.signal == signal)),
                round(value, 1),
            )
            for signal, value in sorted(points.items(), key=lambda pair: -pair[1])
            if signal != ANSWERED
        ],
    )


def _label(signal: str) -> Label:
    known = STANDARD.get(signal)
    return Label(known.zh, known.en) if known else word_label(signal)
