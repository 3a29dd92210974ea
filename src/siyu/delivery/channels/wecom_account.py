"""What the WeCom channels share: a corp's settings, its calls, and tasks that wait for a staff member's tap."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

import msgspec

from siyu.delivery.channels.contract import Commit, NotConfigured, Waiting
from siyu.delivery.channels.handing import hand_over, of_refusal
from siyu.delivery.types import Parcel, Result
from siyu.kit import Outbound, field
from siyu.vendors import Access, VendorRefused, wecom


class WecomConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    connector: Annotated[
        str,
        field("使用连接器的凭据", "Use a connector's account", "选了就不用填下面的凭据，改一处即可",
              "Then its credentials are used and those below may stay empty", max_length=40),
    ] = ""  # fmt: skip
    corp_id: Annotated[str, field("企业 ID", "Corp id", max_length=64)] = ""
    secret: Annotated[
        str,
        field(
            "应用 Secret",
            "Application secret",
            "需有客户联系权限",
            "With customer contact",
            secret=True,
            max_length=128,
        ),
    ] = ""
    per_minute: Annotated[
        int, field("每分钟上限", "Limit per minute", "0 表示不限", "0 means no limit", ge=0, le=1_000_000)
    ] = 0
    timeout_s: Annotated[int, field("超时（秒）", "Timeout (seconds)", ge=1, le=60)] = 10
    api_url: Annotated[str, field("接口地址", "API address", max_length=300)] = wecom.API


class TaskConfig(WecomConfig, frozen=True, forbid_unknown_fields=True):
    """Settings of a channel whose messages a staff member has to send."""

    sender: Annotated[
        str,
        field(
            "发送成员",
            "Sender",
            "企微成员 userid；群发给客户可留空，由最近添加客户的成员发",
            "A member's userid; for customers it may be empty: whoever added them last",
            max_length=64,
        ),
    ] = ""
    wait_days: Annotated[
        int,
        field(
            "等待成员发送（天）",
            "Wait for staff (days)",
            "超过后记为成员没有发送",
            "Then it counts as not sent by staff",
            ge=1,
            le=30,
        ),
    ] = 3


@contextmanager
def access(channel: str, config: WecomConfig, allow_private: bool) -> Iterator[Access]:
    """Calls in the corp's name. Raises NotConfigured."""
    if not (config.corp_id and config.secret):
        raise NotConfigured(channel=channel, detail="corp id and application secret are needed.")
    outbound = Outbound(allow_private, timeout=config.timeout_s)
    try:
        yield wecom.access(outbound, config.api_url.rstrip("/"), config.corp_id, config.secret)
    finally:
        outbound.close()


Create = Callable[[Access, Sequence[Parcel]], tuple[str, frozenset[str]]]
"""Makes one task for parcels with one content. Answers its id and the addresses it can't reach."""


class Tasking:
    """A session that makes tasks: handed over means waiting for a staff member, not sent."""

    def __init__(self, api: Access, create: Create, unreachable: str) -> None:
        self._api = api
        self._create = create
        self._unreachable = unreachable

    def send(self, parcel: Parcel, commit: Commit) -> Result:
        return self.send_many([parcel], commit)[0]

    def send_many(self, parcels: Sequence[Parcel], commit: Commit) -> list[Result]:
        lost: frozenset[str] = frozenset()

        def call() -> str:
            nonlocal lost
            task, lost = self._create(self._api, parcels)
            return task

        made = hand_over(call, commit, self._api.token)
        if made.state != "sent":
            return [made] * len(parcels)
        waiting = Result("waiting", "waiting_for_staff", ref=made.ref)
        refused = Result("failed", self._unreachable)
        # Without a task nobody was reached, whatever the list of failures says.
        return [refused if one.address in lost or not made.ref else waiting for one in parcels]


def card(parcel: Parcel) -> dict[str, object]:
    """The body of a mass message, a welcome or a moment."""
    content = parcel.content
    return wecom.content(content.text, content.link, content.subject, content.fields.get("picture", ""))


_OUTCOMES = {
    "sent": Result("sent"),
    "not_friend": Result("failed", "not_friend"),
    "over_limit": Result("failed", "over_limit"),
}


def poll_tasks(
    channel: str, config: WecomConfig, allow_private: bool, waiting: Sequence[Waiting]
) -> list[Result | None]:
    """How waiting receivers of mass and group tasks stand."""
    known: dict[tuple[str, str], Result] = {}
    gone: dict[str, Result] = {}
    with access(channel, config, allow_private) as api:
        for task in sorted({one.ref for one in waiting}):
            try:
                for found in wecom.mass_results(api, task):
                    if found.state in _OUTCOMES:
                        known[task, found.receiver] = _OUTCOMES[found.state]
            except VendorRefused as error:
                if error.verdict.fate != "retry":
                    gone[task] = of_refusal(error)
    return [known.get((one.ref, one.address)) or gone.get(one.ref) for one in waiting]
