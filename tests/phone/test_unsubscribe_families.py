"""Both SMS providers are one channel to the person who leaves it."""

from __future__ import annotations

from siyu.delivery.links import Link, make_link
from tests.delivery.desk import Desk
from tests.phone.test_unsubscribe import consent, stranger


def test_leaving_one_provider_leaves_sms(desk: Desk) -> None:
    desk.customer("mei", consent=False)
    desk.send(desk.track("mei", "consent_granted", channel="sms", purpose="marketing"))
    path = make_link(desk.store, Link("m", desk.number("mei"), "sms_tencent")).removeprefix("http://127.0.0.1:8300")
    assert "短信（腾讯云）" in stranger(desk, "GET", path)[1]
    desk.clock.advance(1000)
    assert stranger(desk, "POST", path)[0] == 200
    desk.turn()
    assert consent(desk) == [("sms", "withdrawn")]
