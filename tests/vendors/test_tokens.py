"""Tokens: one fetch for a crowd, renewed ahead of time, thrown away when the vendor refuses them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from siyu.kit import ManualClock, Outbound
from siyu.vendors import NotTaken, Tokens, VendorRefused
from tests.vendors.tencent import Wechat, Wecom

NOW = 1_772_416_800_000


def test_a_crowd_fetches_once() -> None:
    tokens, fetched, gate = Tokens(ManualClock(NOW)), [], threading.Barrier(16)

    def fetch() -> tuple[str, int]:
        fetched.append(1)
        return f"token {len(fetched)}", 7200

    def ask(_: int) -> str:
        gate.wait()
        return tokens.get("a", fetch)

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(ask, range(16))) == {"token 1"}
    assert len(fetched) == 1


def test_it_is_renewed_before_it_ends_and_nobody_waits_for_it() -> None:
    clock = ManualClock(NOW)
    tokens, started, go = Tokens(clock), threading.Event(), threading.Event()
    assert tokens.get("a", lambda: ("first", 7200)) == "first"
    clock.advance(6_899_000)
    assert tokens.get("a", lambda: ("too early", 7200)) == "first"
    clock.advance(2_000)  # less than five minutes are left

    def slowly() -> tuple[str, int]:
        started.set()
        go.wait(5)
        return "second", 7200

    with ThreadPoolExecutor(1) as pool:
        renewing = pool.submit(tokens.get, "a", slowly)
        assert started.wait(5)
        assert tokens.get("a", lambda: ("not asked", 1)) == "first"
        go.set()
        assert renewing.result() == "second"
    assert tokens.get("a", lambda: ("not asked", 1)) == "second"


def test_only_the_refused_token_is_thrown_away() -> None:
    tokens = Tokens(ManualClock(NOW))
    tokens.get("a", lambda: ("first", 7200))
    tokens.invalidate("a", "an older one")
    assert tokens.get("a", lambda: ("second", 7200)) == "first"
    tokens.invalidate("a", "first")
    assert tokens.get("a", lambda: ("second", 7200)) == "second"


def test_a_failed_fetch_leaves_nothing_behind() -> None:
    tokens = Tokens(ManualClock(NOW))

    def fails() -> tuple[str, int]:
        raise NotTaken("no way")

    with pytest.raises(NotTaken):
        tokens.get("a", fails)
    assert tokens.get("a", lambda: ("second", 7200)) == "second"


@pytest.mark.parametrize("code", [40001, 42001, 40014])
def test_a_token_refused_by_the_vendor_is_fetched_anew_once(wechat: Wechat, code: int) -> None:
    wechat.followers.add("oAbcdefghij")
    from siyu.vendors import wechat as vendor

    api = vendor.access(Outbound(True, timeout=5), wechat.url, wechat.appid, wechat.secret, Tokens())
    vendor.send_customer_message(api, "oAbcdefghij", "one")
    wechat.expire(code)
    vendor.send_customer_message(api, "oAbcdefghij", "two")
    assert [body["text"]["content"] for _, body in wechat.sent] == ["one", "two"]
    assert len(wechat.to("/cgi-bin/stable_token")) == 2


def test_a_token_that_is_never_good_is_a_fault_of_the_settings(wecom: Wecom) -> None:
    from siyu.vendors import wecom as vendor

    api = vendor.access(Outbound(True, timeout=5), wecom.url, wecom.corp, wecom.secret, Tokens())
    wecom.refuse = [40001, 40001]
    with pytest.raises(VendorRefused) as caught:
        vendor.create_mass_task(api, ["wm1"], "", vendor.content("hello", "", ""))
    assert (caught.value.verdict.fate, caught.value.verdict.reason) == ("retry", "vendor_token")
    assert len(wecom.to("/cgi-bin/gettoken")) == 2
    assert wecom.tasks == {}


def test_a_wrong_secret_is_said_at_the_token(wechat: Wechat, wecom: Wecom) -> None:
    from siyu.vendors import wechat as account
    from siyu.vendors import wecom as corp

    for api in (
        account.access(Outbound(True, timeout=5), wechat.url, wechat.appid, "wrong", Tokens()),
        corp.access(Outbound(True, timeout=5), wecom.url, wecom.corp, "wrong", Tokens()),
    ):
        with pytest.raises(VendorRefused) as caught:
            api.token()
        assert caught.value.verdict.reason == "bad_config"
