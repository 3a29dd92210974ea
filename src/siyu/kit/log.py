"""Structured logs: ``logger("room").info("what_happened", key=value)``; lines for people or JSON for machines."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog


def logger(name: str) -> Any:
    """The log of a room."""
    return structlog.get_logger(room=name)


def configure_logs(level: str = "info", as_json: bool = False) -> None:
    """Send everything from ``level`` up to standard error; other libraries only from warning up."""
    number = getattr(logging, level.upper(), logging.INFO)
    logging.basicConfig(
        stream=sys.stderr, level=max(number, logging.WARNING), format="%(levelname)s %(name)s: %(message)s"
    )
    last: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([structlog.processors.dict_tracebacks] if as_json else []),
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
