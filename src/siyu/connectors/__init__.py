"""Connectors: the doors of vendors. Callbacks heard, lists pulled, tags pushed, channel codes and who came by them."""

from siyu.connectors.code_routes import Codes, Landings
from siyu.connectors.contract import (
    Act,
    Call,
    Change,
    Connector,
    Done,
    Door,
    Item,
    Link,
    Page,
    Pull,
    React,
    Target,
    Task,
    Told,
)
from siyu.connectors.door import Reception
from siyu.connectors.following import on_settled
from siyu.connectors.lending import LENDER
from siyu.connectors.routes import Connectors, Doors
from siyu.connectors.session import Session
from siyu.connectors.tagging import uses
from siyu.connectors.work import pull_step, task_step

ROUTES = [Connectors, Doors, Codes, Landings]

# fmt: off
__all__ = [
    "LENDER", "ROUTES", "Act", "Call", "Change", "Connector", "Done", "Door", "Item", "Link", "Page", "Pull", "React",
    "Reception", "Session", "Target", "Task", "Told", "on_settled", "pull_step", "task_step", "uses",
]
