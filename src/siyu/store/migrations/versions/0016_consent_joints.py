"""What merges settled of consent is kept under one anchor a person and follows from the ledger of links.

What was settled until now holds on; it is worked out anew the next time anything of the person changes.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_SEALED = """
    SELECT c.person_id, c.channel, c.purpose, c.state, c.at, c.evidence, c.source_id
    FROM privacy_consents AS c JOIN privacy_seals AS s ON s.anchor = c.anchor
    ORDER BY c.at, c.state, c.evidence, c.source_id
"""
_INSERT = """
    INSERT INTO privacy_consents (person_id, anchor, channel, purpose, state, at, evidence, source_id)
    VALUES (:person_id, 0, :channel, :purpose, :state, :at, :evidence, :source_id)
"""


def upgrade() -> None:
    conn = op.get_bind()
    heaviest: dict[Any, Any] = {}
    for row in conn.execute(sa.text(_SEALED)):
        heaviest[row.person_id, row.channel, row.purpose] = dict(row._mapping)
    conn.execute(sa.text("DELETE FROM privacy_consents WHERE anchor IN (SELECT anchor FROM privacy_seals)"))
    if heaviest:
        conn.execute(sa.text(_INSERT), list(heaviest.values()))
    op.drop_table("privacy_seals")
