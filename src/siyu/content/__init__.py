"""Content: what messages say: texts with variables, saved templates in versions that never change."""

from siyu.content.actions import Parts, for_persons, prepare_try, saved, split_ref, uses
from siyu.content.knowing import known_of
from siyu.content.language import as_html, mentions, render, template_faults, unsafe_html, variables
from siyu.content.routes import Templates
from siyu.content.texts import fault_text
from siyu.content.types import PROMOTIONS, Content, Draft, Fault, Template, TryRequest, TryResult

ROUTES = [Templates]

# fmt: off
__all__ = [
    "PROMOTIONS", "ROUTES", "Content", "Draft", "Fault", "Parts", "Template", "TryRequest", "TryResult", "as_html",
    "fault_text", "for_persons", "known_of", "mentions", "prepare_try", "render", "saved", "split_ref",
    "template_faults", "unsafe_html", "uses", "variables",
]
