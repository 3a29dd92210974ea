"""Journeys, their published versions, the people on their way and what was decided about them."""

from __future__ import annotations

import sqlalchemy as sa

from siyu.store import metadata

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")

journeys = sa.Table(
    "journeys",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("graph", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("published_version", sa.Integer),
    sa.Column("published_at", sa.BigInteger),
    sa.Column("fired_at", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
)
"""``graph`` is the draft; what runs stands in ``versions``. ``published_at``: when it first went live;
``fired_at``: until when a trigger by the clock has let people in."""

versions = sa.Table(
    "journeys_versions",
    metadata,
    sa.Column("journey_id", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("graph", sa.Text, nullable=False),
    sa.Column("published_at", sa.BigInteger, nullable=False),
    sa.Column("published_by", sa.Text, nullable=False),
)
"""Never changed once written."""

runs = sa.Table(
    "journeys_runs",
    metadata,
    sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
    sa.Column("journey_id", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("person_id", sa.BigInteger, nullable=False),
    sa.Column("anchor", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("entry_key", sa.Text, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("node_id", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("entered_at", sa.BigInteger, nullable=False),
    sa.Column("due_at", sa.BigInteger, nullable=False),
    sa.Column("arrived_at", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("signal", sa.Text, nullable=False, server_default=""),
    sa.Column("outcome", sa.Text, nullable=False, server_default=""),
    sa.Column("ended_at", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("lease_by", sa.Text, nullable=False, server_default=""),
    sa.Column("lease_until", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("converted_at", sa.BigInteger, nullable=False, server_default="0"),
    sa.UniqueConstraint("journey_id", "person_id", "entry_key"),
    sa.Index("ix_journeys_runs_due", "journey_id", "state", "due_at"),
    sa.Index("ix_journeys_runs_person", "person_id", "state"),
)
"""A row a person on their way. It is due at ``due_at``; nothing ticks meanwhile. ``event`` is JSON text, ``anchor`` the
identifier it came with: a run goes where that one belongs. ``tries``: how often in a row a process died on it."""

steps = sa.Table(
    "journeys_steps",
    metadata,
    sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
    sa.Column("run_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("node_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("params", sa.Text, nullable=False),
)
"""Append-only: every decision about a run. ``params`` is JSON text."""

marks = sa.Table(
    "journeys_marks",
    metadata,
    sa.Column("person_id", sa.BigInteger, primary_key=True),
    sa.Column("anchor", sa.BigInteger, primary_key=True),
    sa.Column("event", sa.Text, primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""When each anchor of a person last did something that ends a journey or a wait, whatever order events arrive in."""

misses = sa.Table(
    "journeys_misses",
    metadata,
    sa.Column("journey_id", sa.Text, primary_key=True),
    sa.Column("person_id", sa.BigInteger, primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("params", sa.Text, nullable=False),
)
"""The last time somebody did what begins a journey and still didn't enter."""

counts = sa.Table(
    "journeys_counts",
    metadata,
    sa.Column("journey_id", sa.Text, primary_key=True),
    sa.Column("node_id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("count", sa.BigInteger, nullable=False),
)
"""Runs by what became of them (``node_id`` empty) and through each node (``in``, ``out``, ``by BRANCH``,
``refused REASON``), counted as they move."""

tasks = sa.Table(
    "journeys_tasks",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("run_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("journey_id", sa.Text, nullable=False),
    sa.Column("node_id", sa.Text, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("results", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("result", sa.Text, nullable=False, server_default=""),
    sa.Column("comment", sa.Text, nullable=False, server_default=""),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("due_at", sa.BigInteger, nullable=False),
    sa.Column("ended_at", sa.BigInteger),
    sa.Column("ended_by", sa.Text),
    sa.Index("ix_journeys_tasks_state", "state", "due_at", "id"),
)
"""What members of staff are to do for people on their way. ``results`` is a JSON list of names."""

calls = sa.Table(
    "journeys_calls",
    metadata,
    sa.Column("run_id", sa.BigInteger, primary_key=True),
    sa.Column("node_id", sa.Text, primary_key=True),
    sa.Column("journey_id", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("save_as", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("due_at", sa.BigInteger, nullable=False),
    sa.Column("lease_until", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("answer", sa.Text, nullable=False, server_default=""),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Index("ix_journeys_calls_due", "state", "due_at"),
)
"""Calls of webhook nodes, made outside of any transaction: ``waiting``, then ``answered`` or ``failed``."""

starts = sa.Table(
    "journeys_starts",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("journey_id", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("persons", sa.LargeBinary, nullable=False),
    sa.Column("props", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("next", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("total", sa.BigInteger, nullable=False),
    sa.Column("entered", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("refused", sa.BigInteger, nullable=False, server_default="0"),
    sa.UniqueConstraint("journey_id", "key"),
    sa.Index("ix_journeys_starts_state", "state", "at"),
)
"""People let in together (a schedule, a list, an audience): a packed bitmap, taken in order from place ``next`` on."""

backtests = sa.Table(
    "journeys_backtests",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("journey_id", sa.Text, nullable=False),
    sa.Column("graph", sa.Text, nullable=False),
    sa.Column("since", sa.BigInteger, nullable=False),
    sa.Column("until", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("progress", sa.Float, nullable=False, server_default="0"),
    sa.Column("result", sa.Text, nullable=False, server_default=""),
    sa.Column("lease_until", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Index("ix_journeys_backtests_journey", "journey_id", "created_at"),
)
"""Drafts tried out over a past window: ``waiting``, ``running``, ``done`` or ``failed``; ``result`` is JSON text."""
