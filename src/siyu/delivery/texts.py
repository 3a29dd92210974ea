"""What a channel, and the guard table, say a text must look like; and sending one by hand."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from siyu.content import Content, Fault, Template, TryResult
from siyu.delivery.actions import channel_view, open_config, send_now
from siyu.delivery.channels import channel_named, channels
from siyu.delivery.outbox import longest
from siyu.delivery.policies import Policies, policy_table
from siyu.store import Store


def text_faults(conn: Connection, channel: str, template: Template) -> list[Fault]:
    """What keeps a text from going out on a channel; empty when nothing does."""
    known = channels().get(channel)
    if known is None:
        return [Fault("unknown_channel", {"channel": channel})]
    can, found = known.capabilities, []
    if can.subject and not template.subject.strip():
        found.append(Fault("no_subject"))
    if not template.text.strip():
        found.append(Fault("no_body"))
    if template.html and not can.html:
        found.append(Fault("no_html", {"channel": channel}))
    if (can.uses_grant or can.template) and not template.template_id:
        found.append(Fault("no_template", {"channel": channel}))
    policies = Policies(policy_table(conn))
    rule, limit = policies.text(channel), longest(policies, channel)
    if len(template.text) > limit:
        found.append(Fault("text_too_long", {"limit": limit}))
    if rule.ends_with and not template.text.rstrip().endswith(rule.ends_with):
        found.append(Fault("text_ending", {"ending": rule.ends_with}))
    found += [Fault("text_forbidden", {"piece": piece}) for piece in rule.forbid if piece in template.text]
    return found


def text_limit(conn: Connection, channel: str) -> int:
    """The most characters a text may have; 0 where there is no such channel."""
    return longest(Policies(policy_table(conn)), channel) if channel in channels() else 0


def send_text(store: Store, channel: str, content: Content, address: str) -> TryResult:
    """Hand a filled-in text to an address now, outside the outbox and the gate. Takes as long as the peer takes."""
    with store.state.read() as conn:
        config = open_config(store, conn, channel_named(channel))
        sandbox = channel_view(store, conn, channel).sandbox
    return send_now(store, channel, config, content, address, sandbox)
