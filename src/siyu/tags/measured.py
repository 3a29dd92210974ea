"""What ``siyu bench tags`` measures beside whole runs."""

from __future__ import annotations

from collections.abc import Sequence

from siyu import audiences
from siyu.accounts import Operator
from siyu.audiences import Moment
from siyu.store import Store
from siyu.tags import actions, compute
from siyu.tags.queries import definitions
from siyu.tags.types import PreviewDraft


def preview_number(store: Store, operator: Operator) -> None:
    config = {"event": "order_paid", "measure": "sum", "property": "amount"}
    actions.preview(store, operator, PreviewDraft("number", config), "en")


def follow(store: Store, moment: Moment, people: Sequence[int]) -> None:
    """Compute all tags that can be told of one person for these, as behind a batch."""
    with store.state.read() as conn:
        zone = audiences.zone_of(conn)
        asks = [compute.ask_of(row, zone) for row in definitions.all_of(conn)]
        asks = [ask for ask in asks if ask.kind.per_person(ask.config)]
        compute.of_some(store, conn, asks, frozenset(), moment, people)
