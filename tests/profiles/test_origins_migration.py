"""What older versions knew stays known, as said by the person it was known of."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command

from siyu import privacy, profiles
from siyu.collect import anchor_of
from siyu.kit import ManualClock
from siyu.profiles import queries, settle_queries
from siyu.store import Database
from siyu.store.migrate import alembic_config, migrate_state
from siyu.store.sqlite import url_of
from tests.conftest import NOW

OLD = """
INSERT INTO identity_persons (id, created_at, source_id) VALUES (7, 100, 'src_a');
INSERT INTO profiles_persons (person_id, created_at, entered_at, entered_via, entered_source_id, orders, version)
    VALUES (7, 100, 300, 'oa_followed', 'src_a', 1, 1);
INSERT INTO profiles_traits (person_id, name, value, at, source_id) VALUES (7, 'city', '"北京"', 200, 'src_a');
INSERT INTO profiles_channels (person_id, channel, state, at, evidence)
    VALUES (7, 'official_account', 'on', 300, 'oa_followed');
INSERT INTO profiles_orders (shop, order_id, person_id, paid_at, amount, source_id, raw)
    VALUES ('s', 'o1', 7, 400, 900, 'src_a', '{}');
INSERT INTO privacy_consents (person_id, channel, purpose, state, at, evidence, source_id)
    VALUES (7, 'email', 'marketing', 'withdrawn', 500, '{}', 'src_a');
INSERT INTO journeys_marks (person_id, event, at) VALUES (7, 'order_paid', 400);
INSERT INTO journeys_runs (journey_id, version, person_id, entry_key, event, node_id, state, entered_at, due_at)
    VALUES ('jrn_1', 1, 7, 'k', '{}', 'n', 'waiting', 350, 350);
"""
TABLES = ("traits", "channels", "orders", "entries")


def test_rows_move_to_the_anchor_of_their_person(tmp_path: Path) -> None:
    database = Database(url_of(tmp_path / "state.db"), ManualClock(NOW))
    with database.write() as conn:
        command.upgrade(alembic_config(conn), "0001")
        for statement in OLD.split(";\n")[:-1]:
            conn.execute(sa.text(statement.replace(":", r"\:")))
    migrate_state(database)
    with database.write() as conn:
        assert profiles.traits_of(conn, [7], ["city"]) == {7: {"city": "北京"}}
        assert settle_queries.channels_of(conn, [7]) == {(7, "official_account"): ("on", 300, "oa_followed")}
        assert [order.order_id for order in queries.orders_of(conn, [7], None, 9)] == ["o1"]
        assert "email" in privacy.withdrawn(conn, [7])[7]
        wanted = {anchor_of("person:7")}
        for table in (*(f"profiles_{name}" for name in TABLES), "privacy_consents", "journeys_marks", "journeys_runs"):
            found = set(conn.exec_driver_sql(f"SELECT anchor FROM {table}").scalars())
            assert found == wanted, table
        settle_queries.fold_entries(conn, [7])
        facts = queries.facts_of(conn, [7])[7]
        assert (facts.entered_at, facts.entered_via) == (300, "oa_followed")
    database.close()


SEALED = """
INSERT INTO privacy_seals (anchor, person_id, kept, joined, until)
    VALUES (70, 7, '[1]', '[2]', 5), (71, 7, '[3]', '[70]', 6);
INSERT INTO privacy_consents (person_id, anchor, channel, purpose, state, at, evidence, source_id)
    VALUES (7, 2, 'email', 'marketing', 'granted', 5, '{}', 's'),
    (7, 70, 'email', 'marketing', 'withdrawn', 5, '{}', 's'),
    (7, 71, 'email', 'marketing', 'withdrawn', 6, '{}', 's'), (7, 71, '*', 'marketing', 'withdrawn', 4, '{}', 's');
"""


def test_what_merges_had_settled_of_consent_holds_on(tmp_path: Path) -> None:
    database = Database(url_of(tmp_path / "state.db"), ManualClock(NOW))
    with database.write() as conn:
        command.upgrade(alembic_config(conn), "0014")
        for statement in SEALED.split(";\n")[:-1]:
            conn.execute(sa.text(statement))
    migrate_state(database)
    with database.write() as conn:
        kept = conn.exec_driver_sql("SELECT anchor, channel, state, at FROM privacy_consents ORDER BY anchor, at").all()
        assert [tuple(row) for row in kept] == [
            (0, "*", "withdrawn", 4),
            (0, "email", "withdrawn", 6),
            (2, "email", "granted", 5),
        ]
        assert "email" in privacy.withdrawn(conn, [7])[7]
    database.close()
