"""Handing one message to a vendor's API: what each way of failing means for it."""

from __future__ import annotations

from collections.abc import Callable

from siyu.delivery.channels.contract import Commit
from siyu.delivery.types import Result
from siyu.kit import OutboundRefused
from siyu.vendors import InDoubt, NotTaken, VendorRefused


def hand_over(call: Callable[[], str], commit: Commit, ready: Callable[[], object] = lambda: None) -> Result:
    """``call`` answers the vendor's name of the message. ``ready`` is what has to work first, such as a token."""
    try:
        ready()
    except (NotTaken, InDoubt) as error:
        return Result("retry", "no_peer", str(error)[:300])
    except VendorRefused as error:
        return of_refusal(error)
    except OutboundRefused as error:
        return Result("failed", "bad_config", error.message()[:300])
    commit()
    try:
        return Result("sent", ref=call())
    except NotTaken as error:
        return Result("retry", "no_peer", str(error)[:300])
    except InDoubt as error:
        return Result("in_doubt", "no_answer", str(error)[:300])
    except VendorRefused as error:
        return of_refusal(error)
    except OutboundRefused as error:
        return Result("failed", "bad_config", error.message()[:300])


def of_refusal(error: VendorRefused) -> Result:
    """The result a vendor's own code stands for."""
    verdict, detail = error.verdict, str(error)
    match verdict.fate:
        case "retry":
            return Result("retry", verdict.reason, detail, after_ms=verdict.wait_ms)
        case "in_doubt":
            return Result("in_doubt", verdict.reason, detail)
        case "bad_address":
            return Result("failed", verdict.reason, detail, bad_address=True)
        case _:
            return Result("failed", verdict.reason, detail)
