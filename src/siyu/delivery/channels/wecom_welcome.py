"""WeCom welcome message (欢迎语): within 20 seconds of becoming a friend, once. Addressed by the code of the event."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from siyu.delivery.channels import wecom_account
from siyu.delivery.channels.contract import Channel, Commit
from siyu.delivery.channels.handing import hand_over
from siyu.delivery.channels.wecom_account import WecomConfig
from siyu.delivery.types import Capabilities, Parcel, Request, Result
from siyu.vendors import Access, wecom

NAME = "wecom_welcome"


class _Welcoming:
    def __init__(self, api: Access) -> None:
        self._api = api

    def send(self, parcel: Parcel, commit: Commit) -> Result:
        def call() -> str:
            wecom.send_welcome(self._api, parcel.address, wecom_account.card(parcel))
            return ""

        result = hand_over(call, commit, self._api.token)
        if result.state != "in_doubt":
            return result
        # The vendor takes a code once, so it may be asked again at once: "already done" then means ours has come.
        again = hand_over(call, lambda: None)
        if again.code == "welcome_done":
            return Result("sent")
        return again if again.state in ("sent", "failed") else result


@contextmanager
def _open(config: WecomConfig, allow_private: bool) -> Iterator[_Welcoming]:
    with wecom_account.access(NAME, config, allow_private) as api:
        yield _Welcoming(api)


def _code(_config: WecomConfig, request: Request) -> str:
    return str(request.event.get("welcome_code") or "")


CHANNEL = Channel(
    name=NAME,
    zh="企微欢迎语",
    en="WeCom welcome message",
    config=WecomConfig,
    capabilities=Capabilities(subject=False, html=False, unsubscribe=False, idempotent=False, max_chars=4000),
    needed=("corp_id", "secret"),
    connector="wecom",
    open=_open,
    address_fault=lambda address: not address or len(address) > 300,
    reach="wecom_friend",
    place=_code,
)
