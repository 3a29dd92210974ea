"""Privacy: what persons consent to, and since when."""

from siyu.privacy.actions import consent_of, consents, on_settled, said, withdraw, withdrawn, withdrawn_sample
from siyu.privacy.types import EVERY_CHANNEL, MARKETING, Answer, Consent, SettledBatch

__all__ = [
    "EVERY_CHANNEL",
    "MARKETING",
    "Answer",
    "Consent",
    "SettledBatch",
    "consent_of",
    "consents",
    "on_settled",
    "said",
    "withdraw",
    "withdrawn",
    "withdrawn_sample",
]
