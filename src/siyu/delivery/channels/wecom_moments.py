"""WeCom moments (客户朋友圈): one post for a campaign and a customer tag. The poll tells when staff have posted it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from siyu.delivery.channels import wecom_account
from siyu.delivery.channels.contract import Channel, Waiting
from siyu.delivery.channels.handing import of_refusal
from siyu.delivery.channels.wecom_account import TaskConfig, Tasking
from siyu.delivery.types import Capabilities, Parcel, Request, Result
from siyu.vendors import Access, VendorRefused, wecom

NAME = "wecom_moments"
EVERYBODY = "everybody"


@contextmanager
def _open(config: TaskConfig, allow_private: bool) -> Iterator[Tasking]:
    def create(api: Access, parcels: Sequence[Parcel]) -> tuple[str, frozenset[str]]:
        tags = [] if parcels[0].address == EVERYBODY else [parcels[0].address]
        staff = [config.sender] if config.sender else []
        return wecom.create_moment(api, staff, tags, wecom_account.card(parcels[0])), frozenset()

    with wecom_account.access(NAME, config, allow_private) as api:
        yield Tasking(api, create, "refused_by_peer")


def _poll(config: TaskConfig, allow_private: bool, waiting: Sequence[Waiting]) -> list[Result | None]:
    with wecom_account.access(NAME, config, allow_private) as api:
        standing = {job: _standing(api, job) for job in sorted({one.ref for one in waiting})}
    return [standing[one.ref] for one in waiting]


def _standing(api: Access, job: str) -> Result | None:
    """Sent once the first member has posted it: from then on it can be seen."""
    try:
        moment = wecom.moment_of(api, job)
        posted, _asked = wecom.moment_posted(api, moment) if moment else (0, 0)
    except VendorRefused as error:
        return None if error.verdict.fate == "retry" else of_refusal(error)
    return Result("sent") if posted else None


def _tag(_config: TaskConfig, request: Request) -> str:
    """The tag whose customers see it. Whoever comes second is turned away: the address has it already."""
    return dict(request.template.fields).get("tag_id") or EVERYBODY


CHANNEL = Channel(
    name=NAME,
    zh="企微朋友圈",
    en="WeCom moments",
    config=TaskConfig,
    capabilities=Capabilities(
        subject=False,
        html=False,
        unsubscribe=False,
        idempotent=False,
        max_chars=2000,
        staff_confirms=True,
        receipts=True,
    ),
    needed=("corp_id", "secret"),
    connector="wecom",
    open=_open,
    address_fault=lambda address: not address or len(address) > 64,
    reach="wecom_friend",
    place=_tag,
    poll=_poll,
)
