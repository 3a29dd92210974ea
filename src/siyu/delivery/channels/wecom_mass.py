"""WeCom mass message (企业群发): a task for staff. Created, it waits for the tap; only the poll tells how it went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from siyu.delivery.channels import wecom_account
from siyu.delivery.channels.contract import Channel, Waiting
from siyu.delivery.channels.wecom_account import TaskConfig, Tasking
from siyu.delivery.types import Capabilities, Parcel, Result
from siyu.vendors import Access, wecom

NAME = "wecom_mass"


@contextmanager
def _open(config: TaskConfig, allow_private: bool) -> Iterator[Tasking]:
    def create(api: Access, parcels: Sequence[Parcel]) -> tuple[str, frozenset[str]]:
        receivers = [parcel.address for parcel in parcels]
        return wecom.create_mass_task(api, receivers, config.sender, wecom_account.card(parcels[0]))

    with wecom_account.access(NAME, config, allow_private) as api:
        yield Tasking(api, create, "not_friend")


def _poll(config: TaskConfig, allow_private: bool, waiting: Sequence[Waiting]) -> list[Result | None]:
    return wecom_account.poll_tasks(NAME, config, allow_private, waiting)


CHANNEL = Channel(
    name=NAME,
    zh="企微群发",
    en="WeCom mass message",
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
    needed=("corp_id", "secret"),
    connector="wecom",
    open=_open,
    address_fault=lambda address: not address or len(address) > 64,
    reach="wecom_friend",
    at_once=1000,
    poll=_poll,
)
