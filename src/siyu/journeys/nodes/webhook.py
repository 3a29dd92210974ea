"""Asks another system over HTTP and waits for its answer, which later nodes can use as {{event.webhook.…}}."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec

from siyu.delivery import field
from siyu.journeys.nodes.contract import THEN, Checking, Fault, Kind, Moment
from siyu.journeys.queries import calls as queries
from siyu.journeys.types import Move, Run
from siyu.kit import HOUR, person_ref
from siyu.profiles import traits_of

FAILED = "failed"
ANSWERED = "answered"
_LONGEST = HOUR
"""A call that hasn't come to anything by then has failed."""

TraitName = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]


class WebhookConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    url: Annotated[
        str,
        field(
            "地址",
            "Address",
            "收到 JSON 的 POST 请求，按 Standard Webhooks 签名",
            "Gets a POST with JSON, signed as Standard Webhooks has it",
            pattern=r"^https?://\S+$",
            max_length=2000,
        ),
    ]
    save_as: Annotated[
        str,
        field(
            "结果存为",
            "Keep the answer as",
            "后面可用 {{event.名称.字段|默认值}}",
            "Later: {{event.name.field|default}}",
            pattern=r"^[a-z][a-z0-9_]{0,39}$",
        ),
    ] = "webhook"
    traits: Annotated[
        list[TraitName],
        field("附带属性", "Traits to send along", "例如 city、tier", "For example city, tier", max_length=50),
    ] = []


def _act(moment: Moment, config: WebhookConfig, runs: Sequence[Run]) -> list[Move]:
    fresh = [run for run in runs if not run.arrived_at]
    known = traits_of(moment.conn, sorted({run.person for run in fresh}), config.traits) if config.traits else {}
    queries.add(moment.conn, [
        (run.id, moment.node, moment.journey, config.url, config.save_as, _body(moment, run, known.get(run.person, {})),
         moment.now, moment.now) for run in fresh])  # fmt: skip
    return [_move(moment, run) for run in runs]


def _body(moment: Moment, run: Run, traits: dict[str, Any]) -> str:
    event = msgspec.Raw(run.event.encode())
    said = {"journey": moment.journey, "journey_name": moment.name, "node": moment.node, "run": f"run_{run.id}"}
    return msgspec.json.encode(said | {"person": person_ref(run.person), "event": event, "traits": traits}).decode()


def _move(moment: Moment, run: Run) -> Move:
    if not run.arrived_at:
        return Move(run, "called", {}, wait_until=moment.now + _LONGEST, arrived_at=moment.now)
    if run.signal == ANSWERED:
        return Move(run, "answered", {}, branch=THEN)
    return Move(run, "call_failed", {}, branch=FAILED if moment.has_branch(FAILED) else THEN)


def _check(config: WebhookConfig, checking: Checking) -> Iterable[Fault]:
    parts = urlsplit(config.url)
    if not parts.hostname or parts.username or parts.password:
        yield "bad_address", {"url": config.url[:80]}
    elif fault := checking.outbound(parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)):
        yield "address_refused", {"detail": fault}


KIND = Kind(
    name="webhook",
    zh="调用接口",
    en="Webhook",
    group="action",
    config=WebhookConfig,
    branches={THEN: {"zh": "有回应", "en": "Answered"}, FAILED: {"zh": "失败", "en": "Failed"}},
    act=_act,
    check=_check,
)
