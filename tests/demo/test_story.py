"""The people of the demo: the same on every run, consistent with their purchases, in the clients' own words."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys

import msgspec
import pytest

from siyu.collect import key_of
from siyu.demo.crowd import Plan, lives
from siyu.demo.wire import DOORS, ITEMS, mark_of, request
from siyu.kit import parse_iso
from tests.demo.telling import Told

NOW = parse_iso("2026-11-23T03:00:00Z")
PLAN = Plan(seed=7, now=NOW, customers=400)


@pytest.fixture(scope="module")
def told() -> Told:
    return Told(PLAN, [])


def _digest(plan: Plan) -> str:
    digest = hashlib.sha256()
    for life in lives(plan):
        for one in life.tell(plan.lately):
            digest.update(msgspec.json.encode(ITEMS[DOORS[one.door].protocol](one)))
    return digest.hexdigest()


def test_the_same_plan_tells_the_same_in_another_process() -> None:
    code = f"from tests.demo.test_story import _digest, Plan; print(_digest(Plan(7, {NOW}, 60)))"
    said = {
        subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert said == {f"{_digest(Plan(7, NOW, 60))}\n".encode()}


def test_another_seed_tells_something_else() -> None:
    assert _digest(Plan(7, NOW, 20)) != _digest(Plan(8, NOW, 20))


def test_nothing_happens_after_now(told: Told) -> None:
    assert max(one.at for one in told.happenings) <= NOW


def test_every_happening_has_a_mark_of_its_own(told: Told) -> None:
    assert len({mark_of(one) for one in told.happenings}) == len(told.happenings)


def test_every_buyer_is_one_person(told: Told) -> None:
    """However many doors they bought at. Who buys for the first time in the last week comes on top."""
    paid = [one for life in lives(PLAN) for one in life.tell(PLAN.lately) if one.event == "order_paid"]
    assert len({told.person_of(one) for one in paid}) == PLAN.buyers


def test_refunds_follow_their_order(told: Told) -> None:
    paid = {one.props["order_id"]: one for one in told.named("order_paid")}
    refunds = told.named("order_refunded")
    assert refunds
    for refund in refunds:
        order = paid[refund.props["order_id"]]
        assert order.at < refund.at
        assert 0 < refund.props["revenue"] <= order.props["revenue"]


def test_whoever_leaves_has_come_before(told: Told) -> None:
    pairs = {"oa_unfollowed": "oa_followed", "wecom_friend_removed": "wecom_friend_added", "group_left": "group_joined"}
    for left, joined in pairs.items():
        came = {told.person_of(one): one.at for one in told.named(joined)}
        assert all(came[told.person_of(one)] < one.at for one in told.named(left))


def test_people_come_in_by_several_doors_and_become_one(told: Told) -> None:
    doors: dict[str, set[str]] = {}
    for one in told.happenings:
        doors.setdefault(told.person_of(one), set()).add(one.door)
    assert sum(len(found) >= 3 for found in doors.values()) > PLAN.people / 5


def test_contacts_are_nobody_s(told: Told) -> None:
    """Mobiles in ranges no operator gives out, mail addresses under .example; and the doors take both."""
    mobiles = {one.traits["phone"] for one in told.happenings if one.traits and "phone" in one.traits}
    mails = {one.traits["email"] for one in told.happenings if one.traits and "email" in one.traits}
    assert mobiles
    assert mails
    assert all(re.fullmatch(r"14[23]\d{8}", mobile) for mobile in mobiles)
    assert all(mail.endswith(".example") for mail in mails)
    assert all(key_of("mobile", mobile) for mobile in mobiles)
    assert all(key_of("email", mail) for mail in mails)


def test_a_form_of_the_mini_program_survives_url_encoding() -> None:
    items = [{"type": "track", "event": "x", "distinct_id": "+/=" * 40, "properties": {}}]
    body = request(DOORS["mini"], "key", items, NOW).body
    assert re.fullmatch(rb"data_list=[\w%]+&gzip=1", body)
