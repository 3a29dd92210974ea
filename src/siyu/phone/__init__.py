"""Phone: the pages customers see. Drawn on the server, without a line of script."""

from siyu.phone.routes import Unsubscribe

ROUTES = [Unsubscribe]

__all__ = ["ROUTES"]
