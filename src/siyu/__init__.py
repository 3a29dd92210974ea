"""Siyu (私域): the open-source private-domain platform."""

__version__ = "0.1.0"
