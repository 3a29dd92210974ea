"""Console: serves the built web console."""

from siyu.console.bundle import Bundle, bundle_folder

__all__ = ["Bundle", "bundle_folder"]
