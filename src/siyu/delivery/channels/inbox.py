"""The inbox (站内信): kept here, read on a phone page or by the shop's own app."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import msgspec

from siyu.delivery.channels.contract import Channel, Commit
from siyu.delivery.types import Capabilities, Parcel, Request, Result
from siyu.kit import field, person_ref

NAME = "inbox"


class InboxConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: Annotated[
        str, field("页面标题", "Page title", "留空则用品牌名", "Empty: the brand's name", max_length=60)
    ] = ""
    keep_days: Annotated[
        int, field("保留（天）", "Keep (days)", "更早的不再显示", "Older ones are not shown any more", ge=1, le=3650)
    ] = 180


class _Shelf:
    def send(self, parcel: Parcel, commit: Commit) -> Result:
        """It lies on its shelf already: the outbox row is what the page shows."""
        commit()
        return Result("sent")


@contextmanager
def _open(_config: InboxConfig, _allow_private: bool) -> Iterator[_Shelf]:
    yield _Shelf()


def _owner(_config: InboxConfig, request: Request) -> str:
    return person_ref(request.person)


CHANNEL = Channel(
    name=NAME,
    zh="站内信",
    en="Inbox",
    config=InboxConfig,
    capabilities=Capabilities(
        subject=True, html=False, unsubscribe=True, idempotent=True, max_chars=10_000, receipts=True
    ),
    needed=(),
    open=_open,
    address_fault=lambda address: not address,
    place=_owner,
)
