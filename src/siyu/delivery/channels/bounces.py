"""Bounces and complaints about mail: delivery status notifications (RFC 3464) and feedback reports (RFC 5965).

The mail server hands each one to the channel's callback address as it came (``message/rfc822``), for example by a
pipe: ``curl --data-binary @- <address>``. Which message it is about stands in the returned Message-ID.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from typing import Any

from siyu.delivery.channels.contract import Inbound, News, Receipt
from siyu.vendors import BadCallback

_OURS = re.compile(r"<(msg_[0-9a-f]{40})@[^>\s]{1,255}>")
_DEAD = re.compile(r"5\.(1\.[12346]|1\.10|2\.1)\b")
"""Enhanced codes that say the mailbox does not exist (or will not again), by RFC 3463."""
_PARTS = 60


def read(_config: Any, inbound: Inbound) -> News:
    """Raises BadCallback when it is neither a bounce nor a complaint about a message of ours."""
    mail = message_from_bytes(inbound.body, policy=compat32)
    key = _about(mail)
    if not key:
        raise BadCallback(detail="it is no report about a message of ours.")
    kinds = {part.get_content_type() for part in _parts(mail)}
    if "message/feedback-report" in kinds:
        return News(receipts=[Receipt("complained", key=key, at=inbound.now)])
    status = next(_statuses(mail), None)
    if status is None:
        raise BadCallback(detail="it names no status.")
    return News(receipts=[r for r in [_receipt(key, status, inbound.now)] if r])


def _receipt(key: str, status: Message, now: int) -> Receipt | None:
    """None for a delay: the mail server is still trying."""
    action, code = str(status.get("Action", "")).strip().lower(), str(status.get("Status", "")).strip()[:20]
    detail = f"{code} {status.get('Diagnostic-Code', '')}".strip()[:300]
    if action in ("delivered", "relayed", "expanded"):
        return Receipt("delivered", key=key, at=now)
    if action != "failed":
        return None
    return Receipt("undelivered", key=key, code=code, detail=detail, at=now, bad_address=bool(_DEAD.match(code)))


def _parts(mail: Message) -> list[Message]:
    return [part for _, part in zip(range(_PARTS), mail.walk(), strict=False)]


def _statuses(mail: Message) -> Iterator[Message]:
    """The groups of fields about one receiver each."""
    for part in _parts(mail):
        if part.get_content_type() == "message/delivery-status":
            groups = part.get_payload()
            yield from (
                (g for g in groups if isinstance(g, Message) and g.get("Action")) if isinstance(groups, list) else ()
            )


def _about(mail: Message) -> str:
    """Our key, from the headers that were sent back."""
    for part in _parts(mail):
        if part is mail:
            continue
        found = _OURS.search(str(part.get("Message-ID", "")))
        if found:
            return found[1]
        if part.get_content_type() == "text/rfc822-headers":
            text = part.get_payload(decode=True)
            found = _OURS.search(text.decode("latin-1")) if isinstance(text, bytes) else None
            if found:
                return found[1]
    return ""
