"""The stage on any date is the one that follows from what had happened by then, whatever came in when."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from litestar.testing import TestClient

from siyu.kit import DAY, HOUR, parse_iso
from siyu.lifecycle.actions import flowed, flows, history, stages_of
from siyu.profiles.reach import NOBODY
from siyu.settings.types import Lifecycle, ProductSettings
from siyu.store import Store
from tests.conftest import NOW
from tests.profiles.shop import Shop

Client = TestClient[Any]
STAGES = ("new", "first_order", "repeat", "silent", "churned")


@pytest.fixture
def shop(store: Store) -> Iterator[Shop]:
    made = Shop(store)
    yield made
    made.close()


class Told:
    """What one human did, as the test knows it."""

    def __init__(self) -> None:
        self.created = 0
        self.entered: list[int] = []
        self.paid: list[int] = []

    def stage(self, windows: Lifecycle, now: int) -> str:
        """The slow, obvious reading of the rules, from the events up to ``now`` alone."""
        paid = [at for at in self.paid if at <= now]
        entered = [min(self.entered)] if self.entered and min(self.entered) <= now else []
        created = [self.created] if self.created <= now else []
        if not paid and not entered and not created:
            return ""
        begun = max(paid) if paid else (entered or created)[0]
        age = (now - begun) / DAY
        if age >= windows.churned_days:
            return "churned"
        if age >= (windows.silent_days if paid else windows.new_days):
            return "silent"
        return "new" if not paid else "first_order" if len(paid) == 1 else "repeat"


WINDOWS = Lifecycle(10, 20, 45)


def _end(day: date, zone: str) -> int:
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), ZoneInfo(zone))
    return min(NOW, int(midnight.timestamp() * 1000) - 1)


def _set(client: Client, lifecycle: dict[str, Any], zone: str = "Asia/Shanghai") -> None:
    version = client.get("/api/settings").json()["version"]
    body = {"lifecycle": lifecycle, "timezone": zone}
    answer = client.put("/api/settings", json=body, headers={"If-Match": f'"{version}"'})
    assert answer.status_code == 200, answer.text


def _crowd(shop: Shop, pick: random.Random, people: int) -> dict[str, Told]:
    """Everybody's life, sent out of order and in pieces; some of them turn out to be one person in the end."""
    told: dict[str, Told] = {}
    calls: list[dict[str, Any]] = []
    for number in range(people):
        user, one = f"u{number}", Told()
        told[user] = one
        edge = [0, -1, 1, HOUR, 8 * HOUR, 16 * HOUR]
        moments = [NOW - pick.randint(0, 120) * DAY - pick.choice(edge) for _ in range(pick.randint(1, 6))]
        moments = [min(at, NOW) for at in moments]
        for at in moments:
            kind = pick.choice(["page_viewed", "order_paid", "order_paid", "member_registered"])
            if kind == "order_paid":
                one.paid.append(at)
                calls.append(_call(shop, number, kind, at, order_id=f"o{user}-{len(one.paid)}", total=10))
            else:
                calls.append(_call(shop, number, kind, at))
            if kind == "member_registered":
                one.entered.append(at)
    pick.shuffle(calls)
    for start in range(0, len(calls), 25):
        shop.send(*calls[start : start + 25])
    return told


def _call(shop: Shop, number: int, event: str, at: int, **props: Any) -> dict[str, Any]:
    """One of five is a visitor at first, who signs in later as the user before."""
    call = shop.track(f"u{number}", event, at, **props)
    return call | {"userId": None, "anonymousId": f"u{number}"} if number % 5 == 1 else call


def _merge(shop: Shop, told: dict[str, Told]) -> None:
    for number in range(0, len(told), 5):
        one, other = f"u{number}", f"u{number + 1}"
        shop.send(shop.identify(one, NOW, anonymous=other))
        told[one].paid += told[other].paid
        told[one].entered += told[other].entered
        del told[other]


def _born(client: Client, shop: Shop, told: dict[str, Told]) -> None:
    """When somebody was first seen depends on the order of arrival, so it is read, not guessed."""
    for user, one in told.items():
        page = client.get(f"/api/persons/{shop.person(f'user_id:{user}')}").json()
        one.created = parse_iso(page["created_at"])


@pytest.mark.parametrize(("seed", "zone"), [(1, "Asia/Shanghai"), (2, "America/New_York"), (3, "Europe/London")])
def test_history_is_what_the_events_up_to_then_say(
    admin: Client, shop: Shop, store: Store, seed: int, zone: str
) -> None:
    pick = random.Random(seed)
    _set(admin, {"new_days": 10, "silent_days": 20, "churned_days": 45}, zone)
    told = _crowd(shop, pick, 60)
    _merge(shop, told)
    _born(admin, shop, told)
    today = datetime.fromtimestamp(NOW / 1000, ZoneInfo(zone)).date()
    first = today - timedelta(days=130)
    found = history(store, first, today).days
    assert len(found) == 131
    for day in found:
        moment = _end(date.fromisoformat(day.date), zone)
        counted = Counter(one.stage(WINDOWS, moment) for one in told.values())
        assert day.stages == {stage: counted[stage] for stage in STAGES}, day.date
    for _ in range(12):
        start, end = sorted(first + timedelta(days=pick.randint(0, 130)) for _ in range(2))
        ways = Counter(
            (one.stage(WINDOWS, _end(start, zone)), one.stage(WINDOWS, _end(end, zone))) for one in told.values()
        )
        answer = flows(store, start, end)
        assert {(flow.source, flow.target): flow.persons for flow in answer.flows} == {
            way: count for way, count in ways.items() if way[1]
        }
        assert answer.moved + answer.stayed + answer.came == answer.persons
    overview = admin.get("/api/overview").json()["lifecycle"]
    assert {row["stage"]: row["persons"] for row in overview} == found[-1].stages


def test_a_person_page_tells_every_stage(admin: Client, shop: Shop, store: Store) -> None:
    _set(admin, {"new_days": 10, "silent_days": 20, "churned_days": 45})
    shop.send(
        shop.track("a", "page_viewed", NOW - 100 * DAY),
        shop.track("a", "order_paid", NOW - 50 * DAY, order_id="1", total=5),
        shop.track("a", "order_paid", NOW - 3 * DAY, order_id="2", total=5),
    )
    ref = shop.person("user_id:a")
    told = admin.get(f"/api/lifecycle/persons/{ref}").json()
    assert [(one["stage"], one["since"]) for one in told] == [
        ("repeat", "2026-02-27T02:00:00.000Z"),
        ("churned", "2026-02-25T02:00:00.000Z"),
        ("silent", "2026-01-31T02:00:00.000Z"),
        ("first_order", "2026-01-11T02:00:00.000Z"),
        ("churned", "2026-01-06T02:00:00.000Z"),
        ("silent", "2025-12-02T02:00:00.000Z"),
        ("new", "2025-11-22T02:00:00.000Z"),
    ]
    assert told[0]["until"] is None
    assert stages_of(store, ref)[0].stage == admin.get(f"/api/persons/{ref}").json()["stage"]["stage"]
    assert admin.get("/api/lifecycle/persons/per_nobody").status_code == 404


def test_a_late_order_mends_the_past(admin: Client, shop: Shop, store: Store) -> None:
    shop.send(shop.track("a", "page_viewed", NOW - 20 * DAY))
    day = date(2026, 2, 15)
    assert history(store, day, day).days[0].stages["new"] == 1
    shop.send(shop.track("a", "order_paid", NOW - 19 * DAY, order_id="late", total=5))
    assert history(store, day, day).days[0].stages["first_order"] == 1


def test_the_persons_behind_a_flow(admin: Client, shop: Shop, store: Store) -> None:
    for number in range(60):
        shop.send(
            shop.track(f"u{number}", "order_paid", NOW - 80 * DAY, order_id=f"a{number}", total=5),
            *(
                [shop.track(f"u{number}", "order_paid", NOW - DAY, order_id=f"b{number}", total=5)]
                if number < 55
                else []
            ),
        )
    start = date(2026, 1, 1)
    page = admin.get(
        "/api/lifecycle/flows/persons", params={"start": "2026-01-01", "source": "first_order", "target": "repeat"}
    ).json()
    assert (page["total"], len(page["items"])) == (55, 50)
    rest = flowed(store, start, None, ("first_order", "repeat"), 50, lambda _conn, _people: NOBODY)
    assert len(rest.items) == 5
    assert len({one.id for one in rest.items} | {one["id"] for one in page["items"]}) == 55
    assert admin.get("/api/lifecycle/flows", params={"start": "2026-01-01"}).json()["moved"] == 55


def test_dates_are_checked(admin: Client) -> None:
    for wrong in ({"start": "2026-03-03"}, {"end": "2026-03-03"}, {"start": "2023-01-01"}, {"start": "yesterday"}):
        assert admin.get("/api/lifecycle/flows", params=wrong).status_code in (400, 422), wrong
    body = admin.get("/api/lifecycle/flows").json()
    assert (body["persons"], body["first"], body["flows"]) == (0, None, [])
    assert len(admin.get("/api/lifecycle/history").json()["days"]) == 90


def test_presets_and_what_windows_would_do(admin: Client, shop: Shop) -> None:
    presets = {one["name"]: one for one in admin.get("/api/lifecycle/presets").json()}
    assert {"cosmetics", "hair_transplant", "food", "b2b", "apparel", "mother_baby"} <= presets.keys()
    for one in presets.values():
        Lifecycle(one["new_days"], one["silent_days"], one["churned_days"], one["name"])
    shop.send(*[shop.track(f"u{n}", "order_paid", NOW - n * 10 * DAY, order_id=str(n), total=5) for n in range(12)])
    food = {name: presets["food"][name] for name in ("new_days", "silent_days", "churned_days")}
    seen = admin.get("/api/lifecycle/preview", params=food).json()
    assert seen["now"] == {"new": 0, "first_order": 9, "repeat": 0, "silent": 3, "churned": 0}
    assert seen["then"] == {"new": 0, "first_order": 3, "repeat": 0, "silent": 6, "churned": 3}
    assert seen["moved"] == 9
    _set(admin, food | {"preset": "food"})
    after = admin.get("/api/overview").json()["lifecycle"]
    assert {row["stage"]: row["persons"] for row in after} == seen["then"]
    wrong = admin.get("/api/lifecycle/preview", params={"new_days": 5, "silent_days": 9, "churned_days": 9})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"] == "lifecycle.churned_days"


def test_stages_are_called_as_the_industry_does(admin: Client, clock: Any) -> None:
    _set(admin, {"new_days": 90, "silent_days": 365, "churned_days": 1095, "preset": "hair_transplant"})
    clock.advance(60_000)
    stages = {one["name"]: one["label"] for one in admin.get("/api/catalog").json()["stages"]}
    assert stages["first_order"] == {"zh": "已手术", "en": "Treated"}
    assert stages["churned"] == {"zh": "流失", "en": "Churned"}
    relations = admin.get("/api/lifecycle/relations").json()
    assert (relations["head"], relations["figures"][0]["name"]) == ("conversion", "conversion")
    assert ProductSettings().lifecycle.preset == "general"


def test_relations_and_quadrant(admin: Client, shop: Shop) -> None:
    shop.send(
        shop.track("stranger", "page_viewed", NOW - DAY),
        shop.track("contact", "oa_followed", NOW - DAY),
        shop.track("trusts", "member_registered", NOW - DAY),
        shop.track("buys", "order_paid", NOW - DAY, order_id="b", total=900),
        *[shop.track("often", "order_paid", NOW - n * DAY, order_id=f"o{n}", total=20) for n in range(3)],
        shop.track("refers", "friend_invited", NOW - DAY),
    )
    body = admin.get("/api/lifecycle/relations").json()
    assert [(step["name"], step["persons"], step["here"]) for step in body["funnel"]] == [
        ("stranger", 6, 1), ("contact", 5, 1), ("trusts", 4, 1), ("buys", 3, 1), ("often", 2, 1), ("refers", 1, 1),
    ]  # fmt: skip
    quarters = {one["name"]: (one["persons"], one["revenue_fen"]) for one in body["quadrant"]["quarters"]}
    assert quarters == {
        "rare_dear": (1, 90_000), "frequent_dear": (0, 0), "frequent_cheap": (1, 6_000), "rare_cheap": (0, 0),
    }  # fmt: skip
    assert (body["quadrant"]["here"], body["quadrant"]["orders_a_year"]) == ("rare_cheap", 2.0)
    figures = {one["name"]: one["value"] for one in body["figures"]}
    assert (figures["repeat_rate"], figures["order_value"], figures["referral_rate"]) == (0.5, 24_000, 0.5)
