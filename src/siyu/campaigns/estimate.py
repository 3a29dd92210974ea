"""Before a campaign is sent: whom it would reach, whom the gate would refuse, and whether it suits these people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
from sqlalchemy.engine import Connection

from siyu.audiences import members_of
from siyu.campaigns import fit_queries, queries
from siyu.campaigns.requests import Way, arm, requests, way_of
from siyu.campaigns.types import HOLDOUT, Bilingual, Clash, Estimate, FitLine, Member, Plan, Reason
from siyu.content import PROMOTIONS, Draft, known_of, saved, variables
from siyu.delivery import Decision, day_start, reason_text, rehearse, sent_between, zone_named
from siyu.kit import DAY, iso, parse_iso
from siyu.settings import current_settings
from siyu.store import Store

_AT_MOST = 100_000
"""Members that are put to the gate, some five seconds of work."""
_SAMPLE = 2_000
_SMS_PART = 67


def estimate(store: Store, conn: Connection, id: str, name: str, plan: Plan) -> Estimate:
    """Everybody in the audience goes through the gate as it would answer at the start; nothing is written.

    Of a large audience every n-th does, and the counts are scaled up.
    """
    now = store.clock.now_ms()
    at = max(parse_iso(plan.starts_at), now) if plan.starts_at else now
    people = list(members_of(store, conn, plan.audience))
    arms = {person: arm(id, plan, person) for person in people}
    treated = [Member(person, arms[person], "") for person in people if arms[person] != HOLDOUT]
    way = way_of(conn, plan)
    codes: Counter[str] = Counter()
    told: dict[str, str] = {}
    asked = treated[:: -(-len(treated) // _AT_MOST)] if treated else []
    for decision in _rehearsed(conn, id, name, plan, way, asked, at):
        codes[decision.code] += 1
        told.setdefault(decision.code, msgspec.json.encode(decision.params).decode())
    codes = Counter({code: round(count * len(treated) / len(asked)) for code, count in codes.items()})
    reach = codes.pop("allowed", 0)
    drafts = [draft for _, draft in saved(conn, [variant.template for variant in plan.variants]).values()]
    pace = plan.per_minute or reach or 1
    return Estimate(
        made_at=iso(now),
        at=iso(at),
        audience=len(people),
        holdout=len(people) - len(treated),
        reach=reach,
        units=reach * _parts(drafts, way),
        minutes=-(-reach // pace),
        sampled=len(asked) if len(asked) < len(treated) else 0,
        refusals=reasons([(code, told[code], count) for code, count in codes.items()]),
        fit=_fit(store, conn, drafts, treated, codes, reach, now),
        clashes=clashes(store, conn, id, plan, people, at),
    )


def _rehearsed(
    conn: Connection, id: str, name: str, plan: Plan, way: Way | None, treated: Sequence[Member], at: int
) -> Iterator[Decision]:
    if way is None:
        yield from (Decision(False, "template_missing") for _ in treated)
        return
    yield from rehearse(conn, requests(conn, id, name, plan, way, treated), at)


def reasons(counted: Sequence[tuple[str, str, int]]) -> list[Reason]:
    """Refusals from (code, params of one as JSON text, count), the most frequent first."""
    most_first = sorted(counted, key=lambda one: -one[2])
    return [
        Reason(code, bilingual(reason_text(code, msgspec.json.decode(params))), count)
        for code, params, count in most_first
    ]


def bilingual(text: dict[str, str]) -> Bilingual:
    return Bilingual(text["zh"], text["en"])


def _parts(drafts: Sequence[Draft], way: Way | None) -> int:
    """What one message counts for: an SMS is billed in parts of 67 characters."""
    if way is None or not way.channel.startswith("sms"):
        return 1
    longest = max((len(said.text) for draft in drafts for said in draft.says.values()), default=0)
    return max(1, -(-longest // _SMS_PART))


def clashes(store: Store, conn: Connection, id: str, plan: Plan, people: Sequence[int], at: int) -> list[Clash]:
    """Other campaigns planned for that day with persons in common, and what has gone to these persons that day."""
    zone = zone_named(current_settings(conn).timezone, "Asia/Shanghai")
    since, until = day_start(at, zone), day_start(at, zone, 1)
    mine = members_of(store, conn, plan.audience)
    found = {}
    for row in queries.between(conn, since, until):
        if row.id == id or row.state == "draft":
            continue
        theirs = members_of(store, conn, msgspec.json.decode(row.plan, type=Plan).audience)
        if shared := len(mine & theirs):
            found[row.id] = Clash(row.id, row.name, row.state, shared)
    for other, title, count in sent_between(conn, people, since, until):
        if other != id and other not in found:
            found[other] = Clash(other, title, "sent", count)
    return sorted(found.values(), key=lambda clash: -clash.persons)


def _fit(
    store: Store,
    conn: Connection,
    drafts: Sequence[Draft],
    treated: Sequence[Member],
    codes: Counter[str],
    reach: int,
    now: int,
) -> list[FitLine]:
    """What speaks for and against saying this to these people, read from a sample of them."""
    if not treated or not drafts:
        return []
    step = max(1, len(treated) // _SAMPLE)
    sample = [member.person for member in treated[::step]][:_SAMPLE]
    lines = [_share("reach", reach / len(treated), 0.6, 0.3)]
    lines += _known_variables(store, conn, drafts, sample)
    habits = fit_queries.habits(store.events, store.events.numbers_of(sample), now - 90 * DAY, now - 7 * DAY)
    lines.append(_share("answered", habits.answered / len(sample), 0.2, 0.05))
    if any(draft.incentive in PROMOTIONS for draft in drafts):
        lines.append(_share("just_bought", habits.bought_lately / len(sample), 0.1, 0.3, bad_above=True))
    annoyed = (codes["annoyed"] + codes["promo_share"]) / len(treated)
    lines.append(_share("annoyed", annoyed, 0.02, 0.1, bad_above=True))
    return lines


def _known_variables(
    store: Store, conn: Connection, drafts: Sequence[Draft], sample: Sequence[int]
) -> Iterator[FitLine]:
    """For each variable: how many have it, so that not everybody gets the default."""
    names = {
        one.name
        for draft in drafts
        for said in draft.says.values()
        for text in (said.subject, said.text, said.html, said.link, *said.fields.values())
        for one in variables(text)
    } - {"brand", "coupon", "unsubscribe_url"}
    known = known_of(store, conn, names, sample)
    for name in sorted(names):
        have = sum(bool(traits.get(name)) for traits in known.values())
        yield _share("variable", have / len(sample), 0.5, 0.1, name=name)


_TEXTS = {
    "reach": ("{share} 的目标用户现在能收到", "{share} of those meant can get it now"),
    "variable": ("{share} 的人有「{name}」，其余用默认值", "{share} have “{name}”, the rest get the default"),
    "answered": ("{share} 的人 90 天内打开、点击过消息或下过单", "{share} opened, clicked or bought within 90 days"),
    "just_bought": ("{share} 的人 7 天内刚买过，看到优惠可能后悔", "{share} bought within 7 days and may regret it"),
    "annoyed": ("{share} 的人已嫌打扰或促销过多", "{share} are annoyed or have had too many offers"),
}


def _share(code: str, share: float, good: float, bad: float, *, bad_above: bool = False, name: str = "") -> FitLine:
    if bad_above:
        level = "good" if share <= good else "bad" if share > bad else "warn"
    else:
        level = "good" if share >= good else "bad" if share < bad else "warn"
    zh, en = (text.format(share=f"{share:.0%}", name=name) for text in _TEXTS[code])
    return FitLine(code, level, Bilingual(zh, en))  # type: ignore[arg-type]


def day_of(at: int, timezone: str) -> str:
    """``2026-03-02``, by the shop's clock."""
    return datetime.fromtimestamp(at / 1000, zone_named(timezone, "Asia/Shanghai")).date().isoformat()
