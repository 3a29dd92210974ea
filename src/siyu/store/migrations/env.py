"""What Alembic asks: run on the connection it is given, in that connection's transaction."""

from __future__ import annotations

from typing import Any

from alembic import context

from siyu.store.state import metadata


def _in_state(thing: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
    """Tables that only the inbox has are not the migrations' business."""
    return not (kind == "table" and thing.info.get("inbox") == "only")


def _other_default(_context: Any, _found: Any, _wanted: Any, found: str | None, _text: Any, wanted: str | None) -> bool:
    """Defaults differ; quotes and a type's name don't count, since databases give back what they made of them."""
    return (found or "").partition("::")[0].strip("()'\"") != (wanted or "").strip("()'\"")


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_object=_in_state,
    compare_server_default=_other_default,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
