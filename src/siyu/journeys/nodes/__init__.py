"""Every node kind there is. A new one is a file here and a line below."""

from siyu.journeys.nodes import (
    branch_rule,
    branch_value,
    enter_journey,
    exit,
    give_tag,
    goal,
    holdout,
    send,
    split,
    task,
    trigger_absent,
    trigger_api,
    trigger_audience,
    trigger_date,
    trigger_event,
    trigger_list,
    trigger_schedule,
    update_trait,
    wait,
    wait_best,
    wait_until,
    webhook,
)
from siyu.journeys.nodes.contract import Kind

_OURS = (
    *(trigger_event, trigger_absent, trigger_audience, trigger_schedule, trigger_date, trigger_list, trigger_api),
    *(wait, wait_until, wait_best),
    *(branch_rule, branch_value, split, holdout),
    *(send, update_trait, give_tag, task, webhook, enter_journey),
    *(goal, exit),
)
KINDS: dict[str, Kind] = {node.KIND.name: node.KIND for node in _OURS}
