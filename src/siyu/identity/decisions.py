"""What operators decide: link, unlink, merge, split, apart, and undoing each of them.

A decision is a row and what it does to links; the groups it touches are then worked out by the same reference as ever.
The moves wait in the journal for the pipeline's next batch, and a record without an event sees to it that there is one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import count
from typing import NamedTuple

from sqlalchemy.engine import Connection

from siyu.accounts import Operator, audit
from siyu.collect import EmittedEvent, current_definitions, emit, key_of
from siyu.identity import decision_queries as queries
from siyu.identity import ledger_queries as ledger
from siyu.identity import queries as people
from siyu.identity.contested import Gathered, gather, settle
from siyu.identity.partition import Pair, lead, scope
from siyu.identity.types import REMOVED, STANDS, LinkRow, Row
from siyu.identity.views import Decided, IdentifierRef, Verdict
from siyu.kit import NotFound, SiyuError, person_no, person_ref
from siyu.store import now_of


class NotOnePerson(SiyuError):
    """These can't be one person: {detail}"""

    code = "not_one_person"
    status = 409


class NothingToSplit(SiyuError):
    """Choose some of the person's identifiers, and leave some."""

    code = "nothing_to_split"
    status = 422


class AlreadyUndone(SiyuError):
    """This decision was undone before."""

    code = "already_undone"
    status = 409


class Parting(NamedTuple):
    """A person to be split: who stays, who goes, and the links between them."""

    stay: list[Row]
    go: list[Row]
    across: list[LinkRow]


def find(conn: Connection, refs: Sequence[IdentifierRef]) -> list[Row]:
    """The identifiers meant. Raises NotFound for one that is not known."""
    keys = {index: key_of(ref.type, ref.value) or "" for index, ref in enumerate(refs) if ref.id is None}
    by_key = people.known(conn, set(keys.values()) - {""})
    by_id = people.rows_by_id(conn, {ref.id for ref in refs if ref.id is not None})
    found = []
    for index, ref in enumerate(refs):
        row = by_id.get(ref.id) if ref.id is not None else by_key.get(keys[index])
        if row is None:
            raise NotFound(what=f"identifier {ref.id or ref.type}"[:80])
        found.append(row)
    return found


def link_keys(conn: Connection, actor: Operator, one: str, two: str, reason: str) -> Decided:
    """``link`` for two identifier keys. Raises NotFound, or NotOnePerson and then leaves everything as it was."""
    with conn.begin_nested():
        return link(conn, actor, *_by_keys(conn, one, two), reason)


def apart_keys(conn: Connection, actor: Operator, one: str, two: str, reason: str) -> Decided:
    """``apart`` for two identifier keys."""
    return apart(conn, actor, *_by_keys(conn, one, two), reason)


def _by_keys(conn: Connection, one: str, two: str) -> tuple[Row, Row]:
    rows = people.known(conn, {one, two})
    if not {one, two} <= set(rows):
        raise NotFound(what="identifier")
    return rows[one], rows[two]


def _pair(one: Row, two: Row) -> Pair:
    if one.id == two.id:
        raise NotOnePerson(detail="it is the same identifier.")
    return min(one.id, two.id), max(one.id, two.id)


def link(conn: Connection, actor: Operator, one: Row, two: Row, reason: str) -> Decided:
    """Two identifiers are one person. Raises NotOnePerson when a limit stands against them."""
    people.lock(conn)
    pair, now = _pair(one, two), now_of(conn)
    held = ledger.links_at(conn, [pair]).get(pair) or LinkRow(*pair, now, 0, 0)
    held.manual, held.state = now, STANDS
    decision = queries.add_decision(conn, "link", pair, now, actor.name, reason)
    ledger.set_links(conn, [held])
    ledger.add_history(conn, [(*pair, now, "tied", reason, decision)])
    done = _effect(conn, actor, decision, "link", pair)
    rows = people.rows_by_id(conn, pair)
    if rows[pair[0]].person != rows[pair[1]].person or not rows[pair[0]].person:
        raise NotOnePerson(detail="a limit, a decision or a shared identifier stands against it.")
    return done


def unlink(conn: Connection, actor: Operator, one: Row, two: Row, reason: str) -> Decided:
    """Remove a link; records that say it again don't bring it back."""
    people.lock(conn)
    pair, now = _pair(one, two), now_of(conn)
    held = ledger.links_at(conn, [pair]).get(pair)
    if held is None or held.state == REMOVED:
        raise NotFound(what="link")
    decision = queries.add_decision(conn, "unlink", pair, now, actor.name, reason, [pair])
    _cut(conn, [held], now, decision, reason)
    return _effect(conn, actor, decision, "unlink", pair)


def apart(conn: Connection, actor: Operator, one: Row, two: Row, reason: str) -> Decided:
    """Two identifiers are different people, whatever links say."""
    people.lock(conn)
    pair, now = _pair(one, two), now_of(conn)
    decision = queries.add_decision(conn, "apart", pair, now, actor.name, reason)
    ledger.add_history(conn, [(*pair, now, "set apart", reason, decision)])
    return _effect(conn, actor, decision, "apart", pair)


def merge(conn: Connection, actor: Operator, person: str, other: str, reason: str) -> Decided:
    """Two persons are one: their strongest identifiers are linked. Raises NotOnePerson when a limit is in the way."""
    people.lock(conn)
    definitions = current_definitions(conn)
    ours, theirs = (_identifiers(conn, one) for one in (person, other))
    if ours[0].person == theirs[0].person:
        raise NotOnePerson(detail="they already are.")
    counts: dict[str, int] = {}
    for row in ours + theirs:
        kind = scope(row.key)
        counts[kind] = counts.get(kind, 0) + 1
        if counts[kind] > definitions.of(kind).limit:
            raise NotOnePerson(detail=f"together they would have more than {definitions.of(kind).limit} of {kind}.")
    return link(conn, actor, _strongest(conn, ours), _strongest(conn, theirs), reason)


def split(conn: Connection, actor: Operator, person: str, leaving: Collection[Row], reason: str) -> Decided:
    """Some identifiers of a person are somebody else: links between them and the rest go, and none joins them again."""
    people.lock(conn)
    stay, go, across = parting(conn, person, leaving)
    now, pair = now_of(conn), _pair(_strongest(conn, stay), _strongest(conn, go))
    decision = queries.add_decision(
        conn, "split", pair, now, actor.name, reason, [(held.one, held.two) for held in across]
    )
    ends = {row.id for row in (*stay, *go)}
    _cut(conn, across, now, decision, reason)
    _judge(conn, decision, sorted(ends))
    while more := _joined_again(conn, stay, go):
        _cut(conn, more, now, decision, reason)
        queries.cut_also(conn, decision, [(held.one, held.two) for held in more])
        ends |= {end for held in more for end in (held.one, held.two)}
        _judge(conn, decision, sorted(ends))
    return _effect(conn, actor, decision, "split", sorted(ends))


def _joined_again(conn: Connection, stay: Sequence[Row], go: Sequence[Row]) -> list[LinkRow]:
    """Links through which somebody else's identifier, which had to yield until now, puts the two sides together."""
    now = people.rows_by_id(conn, {row.id for row in (*stay, *go)})
    shared = {now[row.id].person for row in stay} & {now[row.id].person for row in go} - {0}
    away = {row.id for row in go if now[row.id].person in shared}
    ours = {row.id for row in go}
    links = ledger.links_of(conn, away).values() if away else ()
    return [held for held in links if held.state != REMOVED and not {held.one, held.two} <= ours]


def parting(conn: Connection, person: str, leaving: Collection[Row]) -> Parting:
    """How a split would divide a person. Raises NothingToSplit."""
    rows, away = _identifiers(conn, person), {row.id for row in leaving}
    stay = [row for row in rows if row.id not in away]
    go = [row for row in rows if row.id in away]
    if not stay or not go or len(go) != len(away):
        raise NothingToSplit
    left = {row.id for row in stay}
    across = [
        held
        for held in ledger.links_of(conn, away).values()
        if held.state != REMOVED and (held.one in left or held.two in left)
    ]
    return Parting(stay, go, across)


def undo(conn: Connection, actor: Operator, decision: int) -> Decided:
    """Take a decision back: the exact inverse."""
    people.lock(conn)
    row, now = queries.decision_of(conn, decision), now_of(conn)
    if row is None:
        raise NotFound(what=f"decision {decision}")
    if row.undone_at is not None:
        raise AlreadyUndone
    queries.undo_decision(conn, decision, now, actor.name)
    pair = (row.one, row.two)
    ends = {*pair}
    if row.verb == "link":
        _untie(conn, pair, now, decision)
    cut = queries.pairs(row.cut)
    for held in ledger.links_at(conn, cut).values():
        held.state = STANDS
        ledger.set_links(conn, [held])
        ends |= {held.one, held.two}
    ledger.add_history(conn, [(*one, now, "restored", "", decision) for one in cut])
    return _effect(conn, actor, decision, "undo", sorted(ends))


def _untie(conn: Connection, pair: Pair, now: int, decision: int) -> None:
    held = ledger.links_at(conn, [pair]).get(pair)
    if held is None or any(other != decision for other in queries.standing(conn, "link", pair)):
        return
    if held.source:
        held.manual = 0
        ledger.set_links(conn, [held])
    else:
        ledger.drop_links(conn, [pair])
    ledger.add_history(conn, [(*pair, now, "untied", "", decision)])


def judge_conflict(conn: Connection, actor: Operator, conflict: int, said: Verdict) -> Decided:
    """Close a conflict: the link that yields is right, or its ends are different people."""
    row = queries.conflict_of(conn, conflict)
    if row is None or row.state != "open":
        raise NotFound(what=f"open conflict {conflict}")
    rows = people.rows_by_id(conn, (row.one, row.two))
    act = link if said.verdict == "accepted" else apart
    queries.close_conflict(conn, conflict, said.verdict, now_of(conn), actor.name)
    return act(conn, actor, rows[row.one], rows[row.two], said.reason)


def _identifiers(conn: Connection, person: str) -> list[Row]:
    number = person_no(person)
    number = people.canonical(conn, [number]).get(number, number)
    rows = people.rows_of(conn, [number])
    if not rows:
        raise NotFound(what=f"person {person}"[:80])
    return rows


def _strongest(conn: Connection, rows: Sequence[Row]) -> Row:
    definitions = current_definitions(conn)
    ranked = sorted(rows, key=lambda row: (row.void, definitions.rank(scope(row.key)), row.first_seen_at, row.key))
    return ranked[lead([scope(row.key) for row in ranked], definitions)]


def _cut(conn: Connection, links: Sequence[LinkRow], now: int, decision: int, reason: str) -> None:
    for held in links:
        held.state = REMOVED
    ledger.set_links(conn, links)
    ledger.close_conflicts(conn, [(held.one, held.two) for held in links], now)
    ledger.add_history(conn, [(held.one, held.two, now, "removed", reason, decision) for held in links])


def _effect(conn: Connection, actor: Operator, decision: int, verb: str, ends: Sequence[int]) -> Decided:
    """Work out the groups concerned; leave the moves for the next batch, and see to it that there is one."""
    now = now_of(conn)
    gathered = _judge(conn, decision, ends)
    persons = sorted({gathered.rows[end].person for end in ends if end in gathered.rows} - {0})
    about = persons[0] if persons else 0
    emit(conn, [EmittedEvent("", about, now, f"identity/{decision}/{verb}")] if about else [], now)
    refs = [person_ref(person) for person in persons]
    audit(conn, actor, f"identity.{verb}", f"decision {decision}", {"persons": refs})
    return Decided(decision, verb, refs)


def _judge(conn: Connection, decision: int, ends: Sequence[int]) -> Gathered:
    """Work out the groups of these identifiers anew; their moves wait in the journal."""
    definitions = current_definitions(conn)
    gathered = gather(conn, ends, definitions, judge=ends)
    settle(conn, gathered, count(people.next_person(conn)), now_of(conn), batch=0, decision=decision)
    return gathered
