"""Every node kind there is. A new one is a file here and a line below."""

from siyu.journeys.nodes import exit, holdout, send, trigger_event, wait
from siyu.journeys.nodes.contract import Kind

KINDS: dict[str, Kind] = {
    kind.name: kind for kind in (trigger_event.KIND, wait.KIND, holdout.KIND, send.KIND, exit.KIND)
}
