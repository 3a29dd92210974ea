"""Journeys to start from, written in both languages."""

from siyu.journeys.templates import buying, returning, welcoming
from siyu.journeys.templates.drawing import Template

TEMPLATES: dict[str, Template] = {
    template.name: template for template in (*welcoming.TEMPLATES, *buying.TEMPLATES, *returning.TEMPLATES)
}
