"""The clock and the sweep follow persons beside the stream, in a thread of their own, and never undo what it wrote."""

from __future__ import annotations

import random
import threading

from siyu.audiences import sweep
from siyu.audiences.due import follow_time
from tests.audiences.test_live import DAY, Shop, advance, check_news, random_records
from tests.conftest import MakeStore

RULES = [
    {"event": "order_paid", "op": "gte", "value": 1},
    {"event": "order_paid", "op": "eq", "value": 0},
    {"event": "cart_added", "op": "gte", "value": 1, "window": {"last_days": 1}},
    {"event": "page_viewed", "op": "gte", "value": 2, "window": {"last": 90, "unit": "minutes"}},
    {"not": {"event": "oa_followed", "op": "gte", "value": 1, "window": {"before": 2, "unit": "days"}}},
    {"lifecycle": ["new", "first_order"]},
]
BATCHES = 20


def test_what_the_stream_wrote_stands(make_store: MakeStore) -> None:
    shop, draw = Shop(make_store()), random.Random(7)
    shop.happen(*random_records(shop, 0, 20))
    names = {shop.audience(rule): rule for rule in RULES}
    before = {name: shop.members(name) for name in names}
    ended, looks, failed = threading.Event(), [0], list[BaseException]()

    def beside() -> None:
        try:
            while not ended.is_set():
                follow_time(shop.store, [shop.tell])
                sweep(shop.store, [shop.tell])
                looks[0] += 1
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=beside)
    thread.start()
    try:
        for batch in range(BATCHES):
            advance(shop.store, draw.choice([1, 60_000, DAY // 24, DAY]))
            shop.happen(*random_records(shop, batch + 1, 10))
    finally:
        ended.set()
        thread.join(60)
    assert not failed, failed[0]
    assert looks[0] > 3
    assert {name: shop.members(name) for name in names} == {name: shop.rebuilt(name) for name in names}
    follow_time(shop.store, [shop.tell])
    assert shop.all_members(names) == shop.all_from_scratch(names)
    check_news(shop, before)
    shop.close()
