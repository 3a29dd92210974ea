"""The review (复盘) of a campaign or journey: who was reached, what came of it, and what it changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy.engine import Connection, Row

from siyu.accounts import Operator, audit
from siyu.campaigns import queries, review_queries
from siyu.campaigns.actions import plan_of, row_of
from siyu.campaigns.estimate import reasons
from siyu.campaigns.types import Bilingual, Figures, LinkResult, NextAction, Reason, Review, VariantResult
from siyu.catalog import Label, spoken
from siyu.content import saved
from siyu.delivery import Policies, outcome_counts, policy_table, tallies
from siyu.experiments import Worth, lift, sample_ratio, worth
from siyu.kit import DAY, NotFound, iso, iso_or_none
from siyu.settings import current_settings
from siyu.store import Store

_READ = ("opened", "clicked", "replied", "complained")


class Subject(msgspec.Struct, frozen=True):
    """What is reviewed. ``treated`` and ``held``: person → when they were assigned (epoch ms)."""

    name: str
    since: int
    participants: int
    treated: Mapping[int, int]
    held: Mapping[int, int]
    planned: float
    """Share of the treated as planned; 0 where there is no holdout."""
    goal_event: str = "order_paid"
    goal_days: int = 7


class Parts(msgspec.Struct, frozen=True):
    """What the room needs of its neighbour; ``app.py`` fills it in. ``journey`` answers None for an unknown one."""

    journey: Callable[[Connection, str], Subject | None]


def _subject(conn: Connection, id: str, parts: Parts) -> Subject:
    if not id.startswith("cmp_"):
        found = parts.journey(conn, id)
        if found is None:
            raise NotFound(what=id[:40])
        return found
    row = row_of(conn, id)
    plan = plan_of(row)
    treated, held = queries.arms(conn, id)
    began = row.started_at
    return Subject(
        row.name,
        began,
        len(treated),
        dict.fromkeys(treated, began),
        dict.fromkeys(held, began),
        1 - plan.holdout / 100 if plan.holdout else 0.0,
        plan.goal_event,
        plan.goal_days,
    )


def review(store: Store, id: str, parts: Parts) -> Review:
    """Everything that came of it until now. Raises NotFound."""
    with store.state.read() as conn:
        about = _subject(conn, id, parts)
        days = Policies(policy_table(conn)).attribution_days()
        zone = current_settings(conn).timezone
        rows, links, kept = outcome_counts(conn, id), tallies(conn, id), queries.review_row(conn, id)
        variants = _variants(conn, rows)
        refused, called = queries.refusals(conn, id), spoken(conn)
    now = store.clock.now_ms()
    found = review_queries.figures(store.events, id, about.since, now + 1, days, zone) if about.since else Figures()
    refused = refused or _refused(rows)
    return Review(
        id=id,
        name=about.name,
        kind="campaign" if id.startswith("cmp_") else "journey",
        since=iso_or_none(about.since),
        participants=about.participants,
        holdout=len(about.held),
        reached=_sum(rows, state=("sent",)),
        delivered=_sum(rows, receipt=("delivered", *_READ)),
        opened=_sum(rows, receipt=_READ),
        clicked=sum(int(row.clicked or 0) for row in links),
        replied=_sum(rows, receipt=("replied",)),
        clicks=sum(int(row.clicks or 0) for row in links),
        scans=sum(int(row.scans or 0) for row in links),
        refusals=reasons(refused),
        outcomes=_by_state(rows),
        orders=found.orders,
        units=found.units,
        gmv=found.gmv,
        attribution_days=days,
        goal_event=about.goal_event,
        goal_days=about.goal_days,
        lift=_lift(store, about, now),
        worth=_worth(store, about, now),
        ratio=sample_ratio(len(about.treated), len(about.held), about.planned),
        negative=[Reason(name, _said(called.event(name)), count) for name, count in sorted(found.negative.items())],
        hours=found.hours,
        variants=variants,
        links=[LinkResult(r.page, int(r.made), int(r.clicked), int(r.clicks), int(r.scans)) for r in links],
        next_action=kept.next_action if kept else "",
        decided_by=kept.by if kept else "",
        decided_at=iso(kept.at) if kept else None,
    )


def _sum(rows: Sequence[Row[Any]], **wanted: Sequence[str]) -> int:
    return sum(row.number for row in rows if all(getattr(row, name) in values for name, values in wanted.items()))


def _by_state(rows: Sequence[Row[Any]]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row.state] += row.number
    return dict(counts)


def _refused(rows: Sequence[Row[Any]]) -> list[tuple[str, str, int]]:
    """A journey's refusals are those of its messages."""
    return [(row.reason, "{}", row.number) for row in rows if row.state == "refused"]


def _said(label: Label) -> Bilingual:
    return Bilingual(label.zh, label.en)


def _variants(conn: Connection, rows: Sequence[Row[Any]]) -> list[VariantResult]:
    """What each version of each template brought: results by appeal and incentive."""
    refs = sorted({row.template for row in rows if row.template})
    drafts = saved(conn, refs)
    found = []
    for ref in refs:
        own = [row for row in rows if row.template == ref and row.state == "sent"]
        name = drafts[ref][1].name if ref in drafts else ref
        said = next((row for row in rows if row.template == ref), None)
        incentive, appeal = (said.incentive, said.appeal) if said else ("", "")
        counts = (_sum(own), _sum(own, receipt=_READ), _sum(own, receipt=("clicked", "replied")))
        found.append(VariantResult(ref, name, incentive, appeal, *counts))
    return found


def _lift(store: Store, about: Subject, now: int) -> Any:
    """Persons who reached the goal within its days of being assigned, treated against held out."""
    if not about.held or not about.treated:
        return None
    window = about.goal_days * DAY
    last = max([*about.treated.values(), *about.held.values()])
    done = review_queries.converters(store.events, about.goal_event, about.since, min(now, last + window) + 1)

    def converted(assigned: Mapping[int, int]) -> int:
        return sum(
            any(assigned[person] <= at < assigned[person] + window for at in times)
            for person, times in done.items()
            if person in assigned
        )

    return lift(len(about.treated), len(about.held), converted(about.treated), converted(about.held))


def _worth(store: Store, about: Subject, now: int) -> Worth | None:
    """Fen a person within the goal's days of being assigned, treated against held out; a person counts once those
    days are over, so that what is counted changes no more."""
    window = about.goal_days * DAY
    arms = [{one: at for one, at in arm.items() if at + window <= now} for arm in (about.treated, about.held)]
    if not all(arms):
        return None
    return worth(*review_queries.spending(store.events, arms, window))


def decide(store: Store, actor: Operator, id: str, wanted: NextAction, parts: Parts) -> Review:
    """Write down what follows from it. Raises NotFound."""
    with store.state.write() as conn:
        _subject(conn, id, parts)
        values = {"next_action": wanted.next_action.strip(), "by": actor.name, "at": store.clock.now_ms()}
        queries.put_review(conn, id, values)
        audit(conn, actor, "review.decide", id, {})
    return review(store, id, parts)
