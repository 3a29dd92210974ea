"""Counters and gauges of the house, in a registry of its own so that nothing else is published by accident."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_registry = CollectorRegistry(auto_describe=True)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def counter(name: str, meaning: str, labels: Sequence[str] = ()) -> Counter:
    """A number that only grows. Make it once, when the module is imported; names start with ``siyu_``."""
    return Counter(name, meaning, labels, registry=_registry)


def gauge(name: str, meaning: str, labels: Sequence[str] = (), read: Callable[[], float] | None = None) -> Gauge:
    """A number that goes up and down; with ``read`` it is asked for each time the metrics are fetched."""
    made = Gauge(name, meaning, labels, registry=_registry)
    if read is not None:
        made.set_function(read)
    return made


def histogram(name: str, meaning: str, labels: Sequence[str] = (), buckets: Sequence[float] = ()) -> Histogram:
    """Durations in seconds, counted into ``buckets`` (Prometheus' usual ones when empty)."""
    return Histogram(name, meaning, labels, registry=_registry, buckets=buckets or Histogram.DEFAULT_BUCKETS)


def metrics_text() -> bytes:
    """Everything counted so far in Prometheus' text format."""
    return generate_latest(_registry)
