"""What operators do in the delivery room: set channels up, test them, settle doubts, edit the guard table."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy.engine import Connection, Row

from siyu.accounts import Operator, audit
from siyu.content import Content, TryResult, as_html
from siyu.delivery import borrowing, queries, receipts
from siyu.delivery import policies as guard
from siyu.delivery.channels import channel_named, channels, family_of
from siyu.delivery.channels.contract import Channel, Inbound, News, Receipt
from siyu.delivery.defaults import Policy
from siyu.delivery.policies import policy_table
from siyu.delivery.reasons import reason_text
from siyu.delivery.types import (
    CallbackChange,
    CallbackView,
    ChannelChange,
    ChannelView,
    MessageView,
    Parcel,
    Resolution,
    Result,
    Suppression,
)
from siyu.identity import canonical
from siyu.kit import (
    BadInput,
    Conflict,
    FieldError,
    Invalid,
    NotFound,
    Page,
    SiyuError,
    check_version,
    iso,
    iso_or_none,
    mask_identifier,
    new_id,
    new_token,
    person_no,
    person_ref,
    schema_of,
    secrets_of,
)
from siyu.profiles import display_names
from siyu.store import Store

DOTS = "•••"
_FAMILY = {"email": "email", "sms": "mobile"}


def open_config(store: Store, conn: Connection, channel: Channel) -> msgspec.Struct:
    """A channel's settings with secrets opened, those of its connector's account among them; those it comes with when
    nobody has set it up."""
    values = msgspec.to_builtins(_stored(store, conn, channel))
    return msgspec.convert(borrowing.borrowed(conn, channel, values, store.secrets.open), channel.config)


def _stored(store: Store, conn: Connection, channel: Channel) -> msgspec.Struct:
    row = queries.channel_row(conn, channel.name)
    values = msgspec.json.decode(row.config) if row else {}
    for name in secrets_of(channel.config) & set(values):
        values[name] = store.secrets.open(values[name]) if values[name] else ""
    return msgspec.convert(values, channel.config)


def channel_view(store: Store, conn: Connection, name: str, waiting: Mapping[str, int] | None = None) -> ChannelView:
    channel = channel_named(name)
    row = queries.channel_row(conn, name)
    left = queries.waiting_counts(conn) if waiting is None else waiting
    config = msgspec.to_builtins(_stored(store, conn, channel))
    shown = {key: DOTS if key in secrets_of(channel.config) and value else value for key, value in config.items()}
    return ChannelView(
        channel=name,
        label={"zh": channel.zh, "en": channel.en},
        enabled=bool(row and row.enabled),
        config=shown,
        config_schema=borrowing.form_of(conn, channel, schema_of(channel.config)),
        capabilities=channel.capabilities,
        version=row.version if row else 0,
        sandbox=bool(row and row.sandbox),
        waiting=left.get(name, 0),
        last_ok_at=iso_or_none(row.last_ok_at if row else 0),
        last_error_at=iso_or_none(row.last_error_at if row else 0),
        last_error=_last_error(row.last_error) if row else None,
        takes_callbacks=channel.inbound is not None,
    )


def _last_error(text: str) -> dict[str, str] | None:
    if not text:
        return None
    code, detail = msgspec.json.decode(text, type=tuple[str, str])
    return reason_text(code, {"detail": detail})


def channel_list(store: Store, conn: Connection) -> Page[ChannelView]:
    waiting = queries.waiting_counts(conn)
    return Page([channel_view(store, conn, name, waiting) for name in channels()])


def callback_address(
    store: Store, conn: Connection, actor: Operator, name: str, wanted: CallbackChange
) -> CallbackView:
    """Where the vendor sends what it has to tell. Its last part is a secret, made when first asked for."""
    channel = channel_named(name)
    row = queries.channel_row(conn, name)
    if channel.inbound is None or row is None:
        raise Conflict(detail="Save the channel's settings first; only channels with callbacks have an address.")
    hook = row.hook
    if wanted.renew or not hook:
        hook = new_token()
        queries.put_hook(conn, name, hook)
        audit(conn, actor, "channel.callback", name, {"renewed": wanted.renew})
    return CallbackView(f"{store.settings.public_url.rstrip('/')}/hook/{name}/{hook}")


def read_callback(store: Store, conn: Connection, name: str, hook: str, inbound: Inbound) -> News:
    """Check a callback and read what it brings; nothing is written yet. Raises NotFound, BadCallback."""
    row = queries.channel_row(conn, name) if name in channels() else None
    if row is None or not row.hook or not hmac.compare_digest(row.hook.encode(), hook.encode()):
        raise NotFound(what="page")
    channel = channel_named(name)
    if channel.inbound is None:
        raise NotFound(what="page")
    return channel.inbound(open_config(store, conn, channel), inbound)


def take_news(conn: Connection, name: str, news: News, now: int) -> None:
    """Take what a callback brought."""
    if news.receipts or news.replies or news.heard:
        receipts.take(conn, channel_named(name), news, now)


def take_receipt(conn: Connection, name: str, ref: str, status: str, now: int) -> None:
    """How a message went that a connector was told of: ``success``, or the vendor's words."""
    good = status == "success"
    receipt = Receipt("delivered" if good else "undelivered", ref, "", "" if good else status[:60], status[:200], now)
    receipts.take(conn, channel_named(name), News(receipts=[receipt]), now)


def change_channel(
    store: Store, conn: Connection, actor: Operator, name: str, wanted: ChannelChange, if_match: str | None
) -> ChannelView:
    """Replace a channel's settings. Raises Invalid with the fields to mend, or StaleEdit."""
    before = channel_view(store, conn, name)
    check_version(if_match, before.version)
    channel = channel_named(name)
    config = _merged(channel, msgspec.to_builtins(_stored(store, conn, channel)), wanted.config)
    borrowing.check(conn, channel, config)
    if wanted.enabled and not wanted.sandbox:
        whole = borrowing.borrowed(conn, channel, msgspec.to_builtins(config), store.secrets.open)
        _check_complete(channel, msgspec.convert(whole, channel.config))
    sealed = dict(msgspec.to_builtins(config))
    for secret in secrets_of(channel.config):
        sealed[secret] = store.secrets.seal(sealed[secret]) if sealed[secret] else ""
    values = {"channel": name, "enabled": wanted.enabled, "config": msgspec.json.encode(sealed).decode()}
    values |= {"sandbox": wanted.sandbox}
    queries.put_channel(conn, values | {"version": before.version + 1, "updated_at": store.clock.now_ms()})
    detail = {"enabled": wanted.enabled, "sandbox": wanted.sandbox, "fields": sorted(wanted.config)}
    audit(conn, actor, "channel.change", name, detail)
    return channel_view(store, conn, name)


def _merged(channel: Channel, before: Mapping[str, Any], wanted: Mapping[str, Any]) -> msgspec.Struct:
    kept = {name: before[name] for name in secrets_of(channel.config) if wanted.get(name, DOTS) in (DOTS, None)}
    try:
        return msgspec.convert(dict(wanted) | kept, channel.config)
    except msgspec.ValidationError as error:
        text, _, path = str(error).partition(" - at `$")
        raise Invalid(errors=[FieldError(f"config{path.rstrip('`')}", text)]) from error


def _check_complete(channel: Channel, config: msgspec.Struct) -> None:
    missing = [name for name in channel.needed if not getattr(config, name)]
    if missing:
        raise Invalid(
            errors=[FieldError(f"config.{name}", "This is needed to switch it on.", "needed") for name in missing]
        )


def test_send(store: Store, name: str, config: msgspec.Struct, address: str, sandbox: bool) -> TryResult:
    """Send a test message now, outside the outbox and the gate. Takes as long as the peer takes."""
    text = (
        "这是一条来自 Siyu 的测试消息，收到说明渠道已经可用。\n\nThis is a test message from Siyu. The channel works."
    )
    content = Content("Siyu 测试消息 · Siyu test message", text, as_html(text))
    return send_now(store, name, config, content, address, sandbox)


def send_now(
    store: Store, name: str, config: msgspec.Struct, content: Content, address: str, sandbox: bool
) -> TryResult:
    """Hand one message over now, outside the outbox and the gate."""
    channel = channel_named(name)
    if channel.address_fault(address):
        raise Invalid(errors=[FieldError("address", "This is no address of this channel.", "bad_address")])
    if sandbox:
        return TryResult("recorded", "sandbox", reason_text("sandbox", {}))
    parcel = Parcel(new_id("test"), "", address, "test", content, store.clock.now_ms())
    try:
        with channel.open(config, store.settings.allow_private_outbound) as session:
            result = session.send(parcel, lambda: None)
    except SiyuError as error:
        result = Result("failed", "bad_config", error.message())
    except OSError as error:
        result = Result("retry", "no_peer", str(error) or type(error).__name__)
    return TryResult(result.state, result.code, reason_text(result.code, {"detail": result.detail}))


def list_messages(conn: Connection, filters: Mapping[str, Any], after: str | None, limit: int) -> Page[MessageView]:
    """Newest first. ``filters``: state, channel, reason, journey_id."""
    rows = queries.list_messages(conn, filters, _cursor(after), limit)
    names = display_names(conn, sorted({row.person_id for row in rows}))
    items = [_message_view(row, names) for row in rows]
    return Page(items, str(rows[-1].seq) if len(rows) == limit else None)


def person_messages(conn: Connection, ref: str, after: str | None, limit: int) -> Page[MessageView]:
    """Messages of one person, newest first; also behind the name of somebody merged."""
    number = person_no(ref)
    return list_messages(conn, {"person_id": canonical(conn, [number])[number]}, after, limit)


def _cursor(after: str | None) -> int | None:
    if after is not None and not (after.isascii() and after.isdigit() and len(after) < 19):
        raise BadInput(detail="after is no cursor of this list.")
    return int(after) if after else None


def _message_view(row: Row[Any], names: Mapping[int, str]) -> MessageView:
    params = msgspec.json.decode(row.params)
    return MessageView(
        id=row.id,
        at=iso(row.counts_at),
        person=person_ref(row.person_id),
        name=names.get(row.person_id),
        channel=row.channel,
        journey=row.title,
        journey_id=row.journey_id,
        campaign=row.campaign,
        state=row.state,
        reason=row.reason or None,
        reason_text=reason_text(row.reason, params) if row.reason else None,
        attempts=row.attempts,
        subject=msgspec.json.decode(row.content, type=Content).masked,
        address=mask_identifier(_FAMILY.get(family_of(row.channel), "id"), row.address),
        receipt=row.receipt,
    )


def resolve_doubt(store: Store, conn: Connection, actor: Operator, id: str, wanted: Resolution) -> MessageView:
    """An operator decides about a message in doubt. Raises Conflict when it is in no doubt."""
    row = queries.message(conn, id)
    if row is None:
        raise NotFound(what="message")
    if row.state != "in_doubt":
        raise Conflict(detail=f"This message is {row.state}; only messages in doubt can be resolved.")
    again = wanted.action == "resend"
    values = {
        "state": "queued" if again else "failed",
        "reason": "resent" if again else "dropped",
        "params": msgspec.json.encode({"operator": actor.name}).decode(),
        "due_at": store.clock.now_ms(),
        "lease_by": "",
        "lease_until": 0,
    }
    queries.set_state(conn, [row.seq], values)
    audit(conn, actor, f"message.{wanted.action}", id, {"channel": row.channel})
    found = queries.message(conn, id)
    if found is None:
        raise NotFound(what="message")
    return _message_view(found, display_names(conn, [found.person_id]))


def policies_view(conn: Connection, language: str) -> tuple[Page[Policy], int]:
    """The guard table, its evidence in the reader's language, and its version."""
    rows = [guard.in_language(row, language) for row in policy_table(conn)]
    return Page(rows), sum(row.version for row in queries.policy_rows(conn))


def change_policies(
    store: Store, conn: Connection, actor: Operator, wanted: Sequence[Policy], if_match: str | None, language: str
) -> tuple[Page[Policy], int]:
    """Change the rows given, keep the others. Raises Invalid with the rows to mend, or StaleEdit."""
    check_version(if_match, policies_view(conn, language)[1])
    guard.checked(wanted)
    before = {(row.channel, row.rule): row for row in policy_table(conn)}
    for row in map(guard.as_kept, wanted):
        old = before.get((row.channel, row.rule))
        if old and (old.value, old.evidence) == (row.value, row.evidence):
            continue
        text = msgspec.json.encode(row.value).decode()
        now = store.clock.now_ms()
        values = {"channel": row.channel, "rule": row.rule, "value": text, "evidence": row.evidence, "updated_at": now}
        queries.put_policy(conn, values)
        detail = {"from": old.value if old else None, "to": row.value}
        audit(conn, actor, "policy.change", f"{row.channel}/{row.rule}", detail)
    return policies_view(conn, language)


def list_suppressions(conn: Connection, after: str | None, limit: int) -> Page[Suppression]:
    """Addresses never used again. They are shown whole: an operator must be able to find one to lift it."""
    place = tuple((after or "").split(" ", 1))
    rows = queries.list_suppressions(conn, (place[0], place[1]) if len(place) == 2 else None, limit)
    items = [Suppression(row.channel, row.address, row.reason, iso(row.at)) for row in rows]
    return Page(items, f"{items[-1].channel} {items[-1].address}" if len(items) == limit else None)


def suppress(store: Store, conn: Connection, actor: Operator, wanted: Suppression) -> Suppression:
    now = store.clock.now_ms()
    queries.suppress(conn, wanted.channel, wanted.address.strip().lower(), wanted.reason, now)
    audit(conn, actor, "suppression.add", wanted.channel, {"reason": wanted.reason})
    return Suppression(wanted.channel, wanted.address.strip().lower(), wanted.reason, iso(now))


def unsuppress(conn: Connection, actor: Operator, wanted: Suppression) -> None:
    """Raises NotFound."""
    if not queries.unsuppress(conn, wanted.channel, wanted.address.strip().lower()):
        raise NotFound(what="such address on the list")
    audit(conn, actor, "suppression.lift", wanted.channel, {})
