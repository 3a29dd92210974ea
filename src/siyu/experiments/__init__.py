"""Experiments: who falls into which group, whether the groups came out as planned, and what can be said of a lift."""

from siyu.experiments.assign import arm_of
from siyu.experiments.cuped import Sums, Worth, worth
from siyu.experiments.sequential import Lift, Ratio, lift, sample_ratio

__all__ = ["Lift", "Ratio", "Sums", "Worth", "arm_of", "lift", "sample_ratio", "worth"]
