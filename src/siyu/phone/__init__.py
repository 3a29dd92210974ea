"""Phone: the pages customers see. Drawn on the server, without a line of script."""

from siyu.phone.routes import Follow, Inbox, Unsubscribe

ROUTES = [Unsubscribe, Inbox, Follow]

__all__ = ["ROUTES"]
