"""WeCom group message (客户群群发): a task for the groups' owner. The group is named by the event that began it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from siyu.delivery.channels import wecom_account
from siyu.delivery.channels.contract import Channel, Waiting
from siyu.delivery.channels.wecom_account import TaskConfig, Tasking
from siyu.delivery.types import Capabilities, Parcel, Request, Result
from siyu.vendors import Access, wecom

NAME = "wecom_group_message"


@contextmanager
def _open(config: TaskConfig, allow_private: bool) -> Iterator[Tasking]:
    def create(api: Access, parcels: Sequence[Parcel]) -> tuple[str, frozenset[str]]:
        chats = [parcel.address for parcel in parcels]
        return wecom.create_group_task(api, chats, config.sender, wecom_account.card(parcels[0]))

    with wecom_account.access(NAME, config, allow_private) as api:
        yield Tasking(api, create, "group_gone")


def _poll(config: TaskConfig, allow_private: bool, waiting: Sequence[Waiting]) -> list[Result | None]:
    return wecom_account.poll_tasks(NAME, config, allow_private, waiting)


def _chat(_config: TaskConfig, request: Request) -> str:
    """The group of the person who set the journey off; one send a group, since an address gets a campaign once."""
    return str(dict(request.template.fields).get("chat_id") or request.event.get("chat_id") or "")


CHANNEL = Channel(
    name=NAME,
    zh="企微社群消息",
    en="WeCom group message",
    config=TaskConfig,
    capabilities=Capabilities(
        subject=False,
        html=False,
        unsubscribe=False,
        idempotent=False,
        max_chars=4000,
        staff_confirms=True,
        receipts=True,
    ),
    needed=("corp_id", "secret", "sender"),
    connector="wecom",
    open=_open,
    address_fault=lambda address: not address or len(address) > 64,
    reach="wecom_group",
    place=_chat,
    at_once=1000,
    poll=_poll,
)
