"""Who unfollows is forgotten as WeChat asks: openid and what the account told of them, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from siyu.collect import current_definitions
from siyu.identity import find_person
from siyu.identity.rebuild import compare, read_ledger, rebuild
from siyu.store import metadata
from tests.connectors.hub import Hub
from tests.connectors.test_wechat_oa import FAN, Caller
from tests.connectors.vendors import Account
from tests.vendors.shop import Shop

MINUTE, DAY = 60_000, 86_400_000
MOBILE = "+8613712345678"


@pytest.fixture
def caller(hub: Hub, oa: Account) -> Caller:
    return Caller(hub, oa, hub.account(oa))


def kept(hub: Hub, text: str = FAN) -> set[str]:
    """Tables of the state database and columns of the engine in which a text stands."""
    found = set()
    for table in metadata.sorted_tables:
        columns = [column for column in table.c if isinstance(column.type, sa.Text)]
        here = sa.or_(*(column.contains(text) for column in columns))
        with hub.desk.store.state.read() as conn:
            if (
                columns
                and sa.inspect(conn).has_table(table.name)
                and conn.execute(sa.select(table).where(here)).first()
            ):
                found.add(table.name)
    for table, column in (("events", "context"), ("events", "toString(props)"), ("persons", "toString(traits)")):
        query = f"SELECT count() FROM {table} WHERE position({column}, {{text:String}}) > 0"
        if [int(row[0]) for row in hub.desk.store.events.query(query, {"text": text})] != [0]:
            found.add(f"{table}.{column}")
    return found


def kind(caller: Caller) -> str:
    return f"openid.{caller.vendor.appid}"


def say(hub: Hub, *ids: tuple[str, str], **traits: Any) -> None:
    """Another source tells something of whoever these are."""
    named = [{"type": one, "id": value} for one, value in ids]
    hub.desk.send(hub.desk._item("identify", None, traits=traits, context={"externalIds": named}))


def follow(caller: Caller, at: int | None = None, **known: Any) -> str:
    caller.vendor.follow(FAN, at or caller.hub.now(), "union-mei", **known)
    caller.sealed(body := caller.event("subscribe", at=at))
    caller.hub.turn()
    return body


def unfollow(caller: Caller, at: int | None = None) -> None:
    caller.vendor.fans.pop(FAN, None)
    caller.sealed(caller.event("unsubscribe", at=at))
    caller.hub.turn()


def entered(hub: Hub) -> Any:
    return hub.desk.get(f"/api/persons/{hub.ref('unionid', 'union-mei')}")["entered"]


def is_whole(hub: Hub) -> bool:
    """Whether the stored persons are those of the ledger."""
    with hub.desk.store.state.read() as conn:
        definitions = current_definitions(conn)
        ledger = read_ledger(conn, definitions)
        return not compare(ledger, rebuild(conn, ledger, definitions)).wrong


def test_the_openid_and_what_the_account_told_are_kept_nowhere(caller: Caller, oa: Account) -> None:
    hub = caller.hub
    oa.tags, oa.tagged[FAN] = {7: "老客"}, {7}
    follow(caller, remark="梅小姐", language="zh_CN")
    config = {"appid": oa.appid, "secret": oa.secret, "api_url": oa.url}
    hub.desk.put("/api/channels/wechat_template", {"enabled": True, "config": config})
    say(hub, ("unionid", "union-mei"), ("user_id", "mei"), nickname="小梅", city="上海")
    oa.followers.add(FAN)
    assert Shop(hub.desk).ask("mei", "wechat_template", template_id="T1") == "allowed"
    person, before = hub.ref(kind(caller), FAN), set(hub.events("unionid", "union-mei"))
    assert {"identity_identifiers", "connectors_mirror", "delivery_messages"} <= kept(hub)
    assert kept(hub, "梅小姐") == {"profiles_traits", "persons.toString(traits)"}
    hub.desk.clock.advance(MINUTE)
    unfollow(caller)
    assert kept(hub) == set()
    assert "profiles_traits" not in kept(hub, "梅小姐")
    traits = hub.traits("unionid", "union-mei")
    assert (traits["nickname"], traits["city"]) == ("小*", "上海")
    assert not {"oa_remark", "oa_tags", "oa_language"} & set(traits)
    assert hub.ref("unionid", "union-mei") == person
    assert before | {"oa_unfollowed"} == set(hub.events("unionid", "union-mei"))
    [sent] = hub.desk.messages()
    assert (sent["state"], sent["person"]) == ("sent", person)
    reach = {one["channel"]: one for one in hub.desk.get(f"/api/persons/{person}")["reachable"]}
    assert (reach["official_account"]["reachable"], reach["official_account"]["address"]) == (False, None)
    assert Shop(hub.desk).ask("mei", "wechat_template", template_id="T1") == "unreachable"


def test_nothing_that_comes_late_brings_it_back(caller: Caller, oa: Account) -> None:
    hub, begun = caller.hub, caller.hub.now()
    body = follow(caller, remark="梅小姐")
    person = hub.ref(kind(caller), FAN)
    hub.desk.clock.advance(MINUTE)
    unfollow(caller)
    hub.desk.clock.advance(MINUTE)
    caller.sealed(body)  # the follow once more
    caller.sealed(caller.event("unsubscribe", at=hub.now() - 60))
    caller.sealed(caller.event("CLICK", "M1", at=begun + 30))  # late, from before
    oa.follow(FAN, begun, "union-mei", remark="梅小姐")  # a list that still has them
    hub.pull(caller.install, "fans")
    hub.turn()
    assert kept(hub) == set()
    assert "profiles_traits" not in kept(hub, "梅小姐")
    assert hub.events("unionid", "union-mei") == ["oa_followed", "oa_menu_clicked", "oa_unfollowed"]
    assert hub.ref("unionid", "union-mei") == person
    assert hub.show(caller.install)["links"] == {}
    assert is_whole(hub)


def test_a_new_follow_starts_afresh_and_is_the_same_person(caller: Caller, oa: Account) -> None:
    hub = caller.hub
    follow(caller, remark="梅小姐", language="zh_CN")
    person, first = hub.ref(kind(caller), FAN), entered(hub)
    hub.desk.clock.advance(DAY)
    unfollow(caller)
    hub.desk.clock.advance(DAY)
    follow(caller, language="zh_CN")
    assert hub.ref(kind(caller), FAN) == person
    traits = hub.traits(kind(caller), FAN)
    assert traits["oa_language"] == "zh_CN"
    assert traits["oa_remark"] == ""
    assert entered(hub) == first
    assert hub.events(kind(caller), FAN) == ["oa_followed", "oa_unfollowed", "oa_followed"]
    reach = {one["channel"]: one for one in hub.desk.get(f"/api/persons/{person}")["reachable"]}
    assert reach["official_account"]["reachable"]
    assert hub.show(caller.install)["links"] == {"fan": 1}
    assert is_whole(hub)


def test_a_follow_the_list_tells_of_starts_afresh_too(caller: Caller, oa: Account) -> None:
    hub = caller.hub
    follow(caller, hub.now() - 3600)
    unfollow(caller, hub.now() - 1800)
    oa.follow(FAN, hub.now() - 900, "union-mei", remark="回来了")
    hub.desk.clock.advance(MINUTE)
    hub.pull(caller.install, "fans")
    assert hub.traits(kind(caller), FAN)["oa_remark"] == "回来了"
    assert hub.events(kind(caller), FAN) == ["oa_followed", "oa_unfollowed", "oa_followed"]
    assert "identity_identifiers" in kept(hub)


@pytest.mark.parametrize("follows_again", [True, False])
def test_the_veil_outlives_the_person_behind_it(caller: Caller, oa: Account, follows_again: bool) -> None:
    """The ledger has lost who this was. What comes late is of somebody, and still writes the openid down nowhere."""
    hub = caller.hub
    follow(caller, remark="梅小姐")
    hub.desk.clock.advance(MINUTE)
    unfollow(caller)
    with hub.desk.store.state.write() as conn:
        for table in ("identity_links", "identity_identifiers", "identity_persons", "profiles_persons"):
            conn.exec_driver_sql(f"DELETE FROM {table}")
    hub.desk.clock.advance(MINUTE)
    if follows_again:
        follow(caller)
        assert "identity_identifiers" in kept(hub)
        assert hub.ref("unionid", "union-mei") == hub.ref(kind(caller), FAN)
        unfollow(caller)
    caller.sealed(caller.event("CLICK", "M1", at=hub.now()))
    say(hub, (kind(caller), FAN), ("mobile", MOBILE))
    hub.turn()
    assert kept(hub) == set()
    assert hub.ref(kind(caller), FAN) == hub.ref("mobile", MOBILE)
    assert "oa_menu_clicked" in hub.events("mobile", MOBILE)
    hub.pull(caller.install, "fans")
    unfollow(caller)
    assert kept(hub) == set()
    assert hub.show(caller.install)["tasks_failed"] == 0


def test_who_is_missing_from_the_list_is_forgotten(caller: Caller, oa: Account) -> None:
    hub = caller.hub
    follow(caller, remark="梅小姐")
    hub.pull(caller.install, "fans")
    hub.desk.clock.advance(DAY)
    del oa.fans[FAN]
    hub.wait(caller.install, "fans")
    hub.turn()
    assert hub.events("unionid", "union-mei") == ["oa_followed", "oa_unfollowed"]
    assert kept(hub) == set()
    assert "profiles_traits" not in kept(hub, "梅小姐")


def test_an_unfollow_that_comes_after_a_newer_follow_takes_back_what_was_before(caller: Caller, oa: Account) -> None:
    hub, begun = caller.hub, caller.hub.now()
    hub.desk.clock.advance(DAY)
    follow(caller, remark="梅小姐")
    caller.sealed(caller.event("unsubscribe", at=begun + 60))
    hub.turn()
    assert hub.traits(kind(caller), FAN)["oa_remark"] == "梅小姐"
    assert hub.show(caller.install)["links"] == {"fan": 1}
    assert "identity_identifiers" in kept(hub)


def test_taken_apart_and_together_again_the_forgotten_stay_forgotten(caller: Caller) -> None:
    hub = caller.hub
    follow(caller, remark="梅小姐")
    say(hub, ("unionid", "union-mei"), ("mobile", MOBILE))
    say(hub, ("mobile", MOBILE), city="上海")
    hub.desk.clock.advance(MINUTE)
    unfollow(caller)
    person = hub.ref("unionid", "union-mei")
    graph = hub.desk.get(f"/api/persons/{person}/graph")
    one = next(node for node in graph["nodes"] if node["type"].startswith("openid."))
    assert FAN[:6] not in one["value"]
    body = {"identifiers": [{"id": one["id"]}], "reason": "不是一个人"}
    decision = hub.desk.post("/api/identity/split", body | {"person": person})
    hub.turn()
    with hub.desk.store.state.read() as conn:
        alone = find_person(conn, f"{kind(caller)}:{FAN}")
    assert alone is not None
    assert hub.ref(kind(caller), FAN) != hub.ref("unionid", "union-mei")
    assert "oa_unfollowed" in hub.events(kind(caller), FAN)
    assert "oa_unfollowed" not in hub.events("unionid", "union-mei")
    assert hub.traits("mobile", MOBILE)["city"] == "上海"
    assert is_whole(hub)
    hub.desk.post(f"/api/identity/decisions/{decision['id']}/undo", {})
    hub.turn()
    assert hub.ref(kind(caller), FAN) == hub.ref("unionid", "union-mei")
    assert "oa_unfollowed" in hub.events("unionid", "union-mei")
    assert kept(hub) == set()
    assert is_whole(hub)
