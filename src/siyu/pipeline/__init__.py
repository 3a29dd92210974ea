"""Pipeline: what came in becomes events of a person, and everybody who should know is told."""

from siyu.pipeline.refresh import refresh
from siyu.pipeline.settle import Pipeline, Reader, Subscriber
from siyu.pipeline.types import Columns, Settled

__all__ = ["Columns", "Pipeline", "Reader", "Settled", "Subscriber", "refresh"]
