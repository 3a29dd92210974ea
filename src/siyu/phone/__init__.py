"""Phone: the pages customers see. Drawn on the server, without a line of script."""

from siyu.phone.routes import Inbox, Unsubscribe

ROUTES = [Unsubscribe, Inbox]

__all__ = ["ROUTES"]
