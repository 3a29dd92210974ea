"""Jobs: loops that work in the background until the house closes."""

from siyu.jobs.loop import Health, Loop, Loops

__all__ = ["Health", "Loop", "Loops"]
